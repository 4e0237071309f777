//! A gateway or `expose` names a pool that `loadBalancer.pools` does not have.

use crate::diagnostic::Diagnostic;
use crate::diagnostic::FieldPath;
use crate::diagnostic::Place;
use crate::diagnostic::Severity;
use crate::model::Cluster;
use crate::model::Kind;
use crate::rules::Area;
use crate::rules::Check;
use crate::rules::Rule;
use crate::rules::reference;
use crate::rules::walk;
use crate::values::route::Expose;

pub const RULE: Rule = Rule {
    code: "unknown-pool",
    severity: Severity::Error,
    area: Area::Network,
    what: "A gateway or `expose` names a pool that `loadBalancer.pools` does not have.",
    why: "A service that asks for an address of a pool which does not exist gets none.",
    example: "loadBalancer: { pools: { lan: { addresses: 192.168.1.241-192.168.1.250 } } }\n\
        services: { web: { image: web:1, ports: { http: 80 }, expose: { pool: lna } } }",
    check: Check::Cluster(check),
};

fn check(cluster: &Cluster, findings: &mut Vec<Diagnostic>) {
    for (name, gateway) in &cluster.gateways {
        if let Some(pool) = &gateway.pool {
            let place = || Place::Field(FieldPath::of(["gateways", name.as_str(), "pool"]));
            findings.extend(reference::unknown(&RULE, cluster, Kind::Pool, pool.as_str(), place));
        }
    }
    for at in walk::services(cluster) {
        if let Some(Expose::Pool(expose)) = &at.service.expose {
            let place = || Place::Field(at.field("expose").key("pool"));
            findings.extend(reference::unknown(&RULE, cluster, Kind::Pool, expose.pool.as_str(), place));
        }
    }
}
