//! A gateway that runs only on nodes which do not announce its pool.

use crate::diagnostic::Diagnostic;
use crate::diagnostic::FieldPath;
use crate::diagnostic::Place;
use crate::diagnostic::Severity;
use crate::model::Cluster;
use crate::rules::Area;
use crate::rules::Check;
use crate::rules::Rule;

pub const RULE: Rule = Rule {
    code: "gateway-not-announced",
    severity: Severity::Error,
    area: Area::Network,
    what: "A gateway that runs only on nodes which do not announce its pool.",
    why: "Only a node that runs the gateway's pod and announces its pool answers for the address.",
    example: "nodes: { a: { address: 192.168.1.11/24, role: server }, b: { address: 192.168.1.12/24, role: agent } }\n\
        loadBalancer: { pools: { lan: { addresses: 192.168.1.241-192.168.1.250, nodes: [a] } } }\n\
        gateways: { lan: { address: 192.168.1.240, nodes: [b] } }",
    check: Check::Cluster(check),
};

fn check(cluster: &Cluster, findings: &mut Vec<Diagnostic>) {
    for (name, gateway) in &cluster.gateways {
        let Some((pool, values)) = gateway.pool.as_ref().and_then(|pool| cluster.pools.get_key_value(pool)) else {
            continue;
        };
        let limited = !gateway.nodes.is_empty() && !values.nodes.is_empty();
        if limited && !gateway.nodes.iter().any(|node| values.nodes.contains(node)) {
            findings.push(
                RULE.key(
                    FieldPath::of(["gateways", name.as_str(), "nodes"]),
                    format!("gateway `{name}` runs on no node that announces pool `{pool}`"),
                )
                .label(
                    Place::Key(FieldPath::of(["loadBalancer", "pools", pool.as_str(), "nodes"])),
                    "these announce it",
                )
                .hint("let both lists share a node"),
            );
        }
    }
}
