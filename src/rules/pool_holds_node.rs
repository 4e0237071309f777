//! A pool that holds the address of a node, of the API or of an NFS server.

use crate::diagnostic::Diagnostic;
use crate::diagnostic::Place;
use crate::diagnostic::Severity;
use crate::model::Cluster;
use crate::rules::Area;
use crate::rules::Check;
use crate::rules::Rule;
use crate::rules::walk;

pub const RULE: Rule = Rule {
    code: "pool-holds-node",
    severity: Severity::Error,
    area: Area::Network,
    what: "A pool that holds the address of a node, of the API or of an NFS server.",
    why: "As soon as MetalLB gives the address to a service, two machines answer for it.",
    example: "loadBalancer: { pools: { lan: { addresses: 192.168.1.0/24 } } }",
    check: Check::Cluster(check),
};

fn check(cluster: &Cluster, findings: &mut Vec<Diagnostic>) {
    let fixed: Vec<_> = walk::fixed_addresses(cluster).collect();
    for (range, path) in walk::ranges(cluster) {
        if let Some((what, other, address)) = fixed.iter().find(|(_, _, address)| range.contains(*address)) {
            findings.push(
                RULE.field(path, format!("`{range}` holds `{address}`, the address of {what}"))
                    .label(Place::Field(other.clone()), "it stands here")
                    .hint("give the pool addresses that nothing else on the LAN has"),
            );
        }
    }
}
