//! A service whose pod asks for more CPU or memory than any node has.

use crate::diagnostic::Diagnostic;
use crate::diagnostic::Severity;
use crate::model::Cluster;
use crate::rules::Area;
use crate::rules::Check;
use crate::rules::Rule;
use crate::rules::walk;
use crate::rules::walk::ServiceAt;
use crate::values::quantity::Quantity;

pub const RULE: Rule = Rule {
    code: "fits-no-node",
    severity: Severity::Warning,
    area: Area::Nodes,
    what: "A service whose pod asks for more CPU or memory than any node has.",
    why: "Kubernetes starts a pod only where its requests are free, and here that is nowhere.",
    example: "nodes: { a: { address: 192.168.1.11/24, role: server, memory: 8Gi } }\n\
        services: { db: { image: db:1, resources: { requests: { memory: 16Gi } } } }",
    check: Check::Cluster(check),
};

fn check(cluster: &Cluster, findings: &mut Vec<Diagnostic>) {
    for resource in ["cpu", "memory"] {
        let sizes: Vec<Option<&Quantity>> = cluster
            .nodes
            .values()
            .map(|node| if resource == "cpu" { &node.cpu } else { &node.memory }.as_ref())
            .collect();
        let (Some(largest), false) =
            (sizes.iter().flatten().max_by_key(|size| size.thousandths()), sizes.contains(&None))
        else {
            continue;
        };
        for at in walk::services(cluster) {
            if requested(at, resource) > largest.thousandths() {
                let message = format!("a pod asks for more {resource} than the largest node has, which is `{largest}`");
                let path = at.field("resources").key("requests").key(resource);
                findings.push(RULE.field(path, message).hint("ask for less, or correct what the nodes have"));
            }
        }
    }
}

/// Of the main container and its sidecars, in thousandths.
fn requested(at: ServiceAt, resource: &str) -> u128 {
    let long_running = walk::containers_of(at).filter(|at| matches!(at.beside, None | Some(("sidecars", _))));
    long_running.filter_map(|at| at.container.resources.requests.get(resource)).map(Quantity::thousandths).sum()
}
