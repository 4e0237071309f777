//! A device file of the node in a container.

use crate::diagnostic::Diagnostic;
use crate::diagnostic::Severity;
use crate::model::Cluster;
use crate::rules::Area;
use crate::rules::Check;
use crate::rules::Rule;
use crate::rules::walk;
use crate::values::mount::Mount;

pub const RULE: Rule = Rule {
    code: "privileged-device",
    severity: Severity::Advice,
    area: Area::Services,
    what: "A device file of the node in a container.",
    why: "Such a container is privileged: it may do anything on the node.",
    example: "services: { media: { image: media:1, nodes: [server1], mounts: { /dev/dri: { device: /dev/dri } } } }",
    check: Check::Cluster(check),
};

fn check(cluster: &Cluster, findings: &mut Vec<Diagnostic>) {
    for at in walk::mounts(cluster).filter(|at| matches!(at.mount, Mount::Device(_))) {
        let finding = RULE.key(at.path(), "the container is privileged, because it has a device file");
        findings.push(finding.hint("a device plugin gives it the device alone: `resources: { limits: { NAME: 1 } }`"));
    }
}
