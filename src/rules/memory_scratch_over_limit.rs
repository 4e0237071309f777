//! A scratch in memory that is larger than the memory of the container.

use crate::diagnostic::Diagnostic;
use crate::diagnostic::Place;
use crate::diagnostic::Severity;
use crate::model::Cluster;
use crate::rules::Area;
use crate::rules::Check;
use crate::rules::Rule;
use crate::rules::walk;
use crate::values::mount::Mount;

pub const RULE: Rule = Rule {
    code: "memory-scratch-over-limit",
    severity: Severity::Advice,
    area: Area::Services,
    what: "A scratch in memory that is larger than the memory of the container.",
    why: "What is written there counts as the container's memory: it is killed before the scratch is full.",
    example: "services: { web: { image: web:1, resources: { limits: { memory: 1Gi } }, mounts: { /cache: { scratch: 2Gi, memory: true } } } }",
    check: Check::Cluster(check),
};

fn check(cluster: &Cluster, findings: &mut Vec<Diagnostic>) {
    for at in walk::mounts(cluster) {
        let Mount::Scratch(mount) = at.mount else { continue };
        let Some(limit) = at.container.container.resources.limits.get("memory") else { continue };
        if mount.memory && mount.scratch.thousandths() > limit.thousandths() {
            findings.push(
                RULE.field(
                    at.path().key("scratch"),
                    format!("`{}` in memory is more than the limit `{limit}`", mount.scratch),
                )
                .label(Place::Field(at.container.path().key("resources").key("limits").key("memory")), "the limit")
                .hint("raise the limit, or take `memory: true` out"),
            );
        }
    }
}
