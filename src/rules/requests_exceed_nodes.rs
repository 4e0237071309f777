//! Services that together ask for more CPU or memory than the nodes have.

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
    code: "requests-exceed-nodes",
    severity: Severity::Advice,
    area: Area::Nodes,
    what: "Services that together ask for more CPU or memory than the nodes have.",
    why: "The last services would wait for room that never comes, at the latest when a node is down.",
    example: "nodes: { a: { address: 192.168.1.11/24, role: server, memory: 8Gi } }\n\
        services: { a: { image: a:1, resources: { requests: { memory: 5Gi } } }, b: { image: b:1, resources: { requests: { memory: 5Gi } } } }",
    check: Check::Cluster(check),
};

fn check(cluster: &Cluster, findings: &mut Vec<Diagnostic>) {
    for resource in ["cpu", "memory"] {
        let sizes = cluster.nodes.values().map(|node| if resource == "cpu" { &node.cpu } else { &node.memory });
        let Some(sizes) = sizes.map(Option::as_ref).collect::<Option<Vec<&Quantity>>>() else { continue };
        let there: u128 = sizes.iter().map(|size| size.thousandths()).sum();
        let asked: u128 = walk::services(cluster)
            .map(|at| walk::requests(at, resource) * instances::instances(cluster, at.service) as u128)
            .sum();
        if there > 0 && asked > there {
            let percent = asked * 100 / there;
            let message = format!("the services ask for {percent}% of the {resource} that the nodes have");
            let finding = RULE.key(Kind::Node.path(), message);
            findings.push(finding.hint("lower `resources.requests`, or add a node"));
        }
    }
}
