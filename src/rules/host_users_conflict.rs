//! `hostUsers: false` together with the network or the processes of the node.

use crate::diagnostic::Diagnostic;
use crate::diagnostic::Place;
use crate::diagnostic::Severity;
use crate::model::Cluster;
use crate::rules::Area;
use crate::rules::Check;
use crate::rules::Rule;
use crate::rules::walk;

pub const RULE: Rule = Rule {
    code: "host-users-conflict",
    severity: Severity::Error,
    area: Area::Services,
    what: "`hostUsers: false` together with the network or the processes of the node.",
    why: "Kubernetes refuses a user namespace of its own for a pod that shares the node's network or processes.",
    example: "services: { web: { image: web:1, hostUsers: false, hostNetwork: true } }",
    check: Check::Cluster(check),
};

fn check(cluster: &Cluster, findings: &mut Vec<Diagnostic>) {
    for at in walk::services(cluster).filter(|at| at.service.host_users == Some(false)) {
        for (key, written) in [("hostNetwork", at.service.host_network), ("hostPID", at.service.host_pid)] {
            if written {
                findings.push(
                    RULE.field(
                        at.field("hostUsers"),
                        format!("`hostUsers: false` and `{key}: true` exclude each other"),
                    )
                    .label(Place::Field(at.field(key)), "the other one")
                    .hint("take one of them out"),
                );
            }
        }
    }
}
