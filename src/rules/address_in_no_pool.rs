//! The address of `expose` lies in no pool.

use crate::diagnostic::Diagnostic;
use crate::diagnostic::Severity;
use crate::model::Cluster;
use crate::model::Kind;
use crate::rules::Area;
use crate::rules::Check;
use crate::rules::Rule;
use crate::rules::reference;
use crate::rules::walk;

pub const RULE: Rule = Rule {
    code: "address-in-no-pool",
    severity: Severity::Error,
    area: Area::Network,
    what: "The address of `expose` lies in no pool.",
    why: "MetalLB gives out and announces only addresses of its pools, so the Service would wait forever.",
    example: "loadBalancer: { pools: { lan: { addresses: 192.168.1.241-192.168.1.250 } } }\n\
        services: { dns: { image: dns:1, ports: { dns: 53 }, expose: { address: 192.168.1.200 } } }",
    check: Check::Cluster(check),
};

fn check(cluster: &Cluster, findings: &mut Vec<Diagnostic>) {
    if reference::is_incomplete(cluster, &Kind::Pool.path()) {
        return;
    }
    for at in walk::exposed(cluster) {
        if !cluster.pools.values().any(|pool| pool.ranges.iter().any(|range| range.contains(at.address))) {
            let finding = RULE.field(at.path(), format!("`{}` lies in no pool of `loadBalancer.pools`", at.address));
            findings.push(finding.hint("take an address of a pool, or let a pool hold this one"));
        }
    }
}
