//! A device of the node in a service that may run on any node.

use crate::diagnostic::Diagnostic;
use crate::diagnostic::Severity;
use crate::model::Cluster;
use crate::rules::Area;
use crate::rules::Check;
use crate::rules::Rule;
use crate::rules::walk;
use crate::values::mount::Mount;

pub const RULE: Rule = Rule {
    code: "device-without-nodes",
    severity: Severity::Warning,
    area: Area::Services,
    what: "A device of the node in a service that may run on any node.",
    why: "On a node without the device the pod never starts.",
    example: "nodes: { a: { address: 192.168.1.11/24, role: server }, b: { address: 192.168.1.12/24, role: agent } }\n\
        services: { media: { image: media:1, mounts: { /dev/dri: { device: /dev/dri } } } }",
    check: Check::Cluster(check),
};

fn check(cluster: &Cluster, findings: &mut Vec<Diagnostic>) {
    if cluster.nodes.len() < 2 {
        return;
    }
    for at in walk::mounts(cluster) {
        if let Mount::Device(mount) = at.mount
            && at.container.of.may_move()
        {
            let finding = RULE.key(at.path(), format!("the service may start on a node without `{}`", mount.device));
            findings.push(finding.hint("say where it is: `nodes: [NODE]`"));
        }
    }
}
