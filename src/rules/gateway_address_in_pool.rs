//! The address of a gateway lies in a declared pool.

use crate::diagnostic::Diagnostic;
use crate::diagnostic::FieldPath;
use crate::diagnostic::Place;
use crate::diagnostic::Severity;
use crate::model::Cluster;
use crate::rules::Area;
use crate::rules::Check;
use crate::rules::Rule;
use crate::rules::walk;

pub const RULE: Rule = Rule {
    code: "gateway-address-in-pool",
    severity: Severity::Error,
    area: Area::Network,
    what: "The address of a gateway lies in a declared pool.",
    why: "A gateway's address gets a pool of its own, and MetalLB refuses pools that share an address.",
    example: "loadBalancer: { pools: { lan: { addresses: 192.168.1.240-192.168.1.250 } } }\n\
        gateways: { lan: 192.168.1.240 }",
    check: Check::Cluster(check),
};

fn check(cluster: &Cluster, findings: &mut Vec<Diagnostic>) {
    for at in walk::virtual_addresses(cluster) {
        for (name, pool) in &cluster.pools {
            if pool.ranges.iter().any(|range| range.contains(at.address)) {
                let pool = FieldPath::of(["loadBalancer", "pools", name.as_str(), "addresses"]);
                findings.push(
                    RULE.field(
                        at.path,
                        format!("`{}` lies in pool `{name}`, and a gateway's address lies in none", at.address),
                    )
                    .label(Place::Field(pool), "the pool")
                    .hint("start or end the pool beside the address"),
                );
                break;
            }
        }
    }
}
