//! Services that fit on all nodes together, and no more when the largest is down.

use crate::diagnostic::Diagnostic;
use crate::diagnostic::Severity;
use crate::model::Cluster;
use crate::model::Kind;
use crate::plan::instances;
use crate::rules::Area;
use crate::rules::Check;
use crate::rules::Rule;
use crate::rules::walk;
use crate::values::quantity::Quantity;

pub const RULE: Rule = Rule {
    code: "no-room-for-a-failure",
    severity: Severity::Advice,
    area: Area::Nodes,
    what: "Services that fit on all nodes together, and no more when the largest is down.",
    why: "When it dies, some of its services wait until it is back: nothing is started elsewhere.",
    example: "nodes: { a: { address: 192.168.1.11/24, role: server, memory: 4Gi }, b: { address: 192.168.1.12/24, role: server, memory: 4Gi }, c: { address: 192.168.1.13/24, role: server, memory: 4Gi } }\n\
        services: { a: { image: a:1, resources: { requests: { memory: 3Gi } } }, b: { image: b:1, resources: { requests: { memory: 3Gi } } }, c: { image: c:1, resources: { requests: { memory: 3Gi } } } }",
    check: Check::Cluster(check),
};

fn check(cluster: &Cluster, findings: &mut Vec<Diagnostic>) {
    if cluster.nodes.len() < 2 {
        return;
    }
    for resource in ["cpu", "memory"] {
        let sizes = cluster.nodes.values().map(|node| if resource == "cpu" { &node.cpu } else { &node.memory });
        let Some(sizes) = sizes.map(Option::as_ref).collect::<Option<Vec<&Quantity>>>() else { continue };
        let there: u128 = sizes.iter().map(|size| size.thousandths()).sum();
        let largest = sizes.iter().map(|size| size.thousandths()).max().unwrap_or_default();
        // What belongs to a node goes with it.
        let moving = walk::services(cluster).filter(walk::ServiceAt::may_move);
        let asked: u128 =
            moving.map(|at| walk::requests(at, resource) * instances::instances(cluster, at.service) as u128).sum();
        if asked <= there && asked > there - largest {
            let message = format!("the {resource} that services ask for does not fit when the largest node is down");
            let finding = RULE.key(Kind::Node.path(), message);
            findings.push(finding.hint("lower `resources.requests`, or add a node"));
        }
    }
}
