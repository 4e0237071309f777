//! A container that asks for more than its limit.

use crate::diagnostic::Diagnostic;
use crate::diagnostic::Place;
use crate::diagnostic::Severity;
use crate::model::Cluster;
use crate::rules::Area;
use crate::rules::Check;
use crate::rules::Rule;
use crate::rules::walk;

pub const RULE: Rule = Rule {
    code: "request-over-limit",
    severity: Severity::Error,
    area: Area::Services,
    what: "A container that asks for more than its limit.",
    why: "Kubernetes refuses a pod whose request is larger than its limit.",
    example: "services: { web: { image: web:1, resources: { requests: { memory: 2Gi }, limits: { memory: 1Gi } } } }",
    check: Check::Cluster(check),
};

fn check(cluster: &Cluster, findings: &mut Vec<Diagnostic>) {
    for at in walk::containers(cluster) {
        let resources = &at.container.resources;
        for (name, request) in &resources.requests {
            if let Some(limit) = resources.limits.get(name)
                && request.thousandths() > limit.thousandths()
            {
                let path = |list: &str| at.path().key("resources").key(list).key(name);
                findings.push(
                    RULE.field(path("requests"), format!("the request `{request}` is larger than the limit `{limit}`"))
                        .label(Place::Field(path("limits")), "the limit")
                        .hint("lower the request, or raise the limit"),
                );
            }
        }
    }
}
