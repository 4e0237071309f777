//! A folder of the node that is written, in a service that may run on any node.

use crate::diagnostic::Diagnostic;
use crate::diagnostic::Severity;
use crate::model::Cluster;
use crate::rules::Area;
use crate::rules::Check;
use crate::rules::Rule;
use crate::rules::walk;
use crate::values::mount::Mount;

pub const RULE: Rule = Rule {
    code: "host-data",
    severity: Severity::Advice,
    area: Area::Storage,
    what: "A folder of the node that is written, in a service that may run on any node.",
    why: "The files stay on the node where they were written, and the next pod may start on another one.",
    example: "nodes: { a: { address: 192.168.1.11/24, role: server }, b: { address: 192.168.1.12/24, role: agent } }\n\
        services: { web: { image: web:1, mounts: { /data: { host: /srv/web } } } }",
    check: Check::Cluster(check),
};

fn check(cluster: &Cluster, findings: &mut Vec<Diagnostic>) {
    if cluster.nodes.len() < 2 {
        return;
    }
    for at in walk::mounts(cluster) {
        let Mount::Host(mount) = at.mount else { continue };
        if !mount.read_only && at.container.of.may_move() {
            let finding = RULE.key(at.path(), format!("what is written to `{}` stays on one node", mount.host));
            findings.push(finding.hint("mount a `volume` or a `claim`, or say `nodes: [NODE]`"));
        }
    }
}
