//! A pool, a gateway or a service names a node that `nodes` does not have.

use crate::diagnostic::Diagnostic;
use crate::diagnostic::Place;
use crate::diagnostic::Severity;
use crate::model::Cluster;
use crate::model::Kind;
use crate::rules::Area;
use crate::rules::Check;
use crate::rules::Rule;
use crate::rules::reference;
use crate::rules::walk;

pub const RULE: Rule = Rule {
    code: "unknown-node",
    severity: Severity::Error,
    area: Area::Nodes,
    what: "A pool, a gateway or a service names a node that `nodes` does not have.",
    why: "What is bound to a node that does not exist runs nowhere.",
    example: "nodes: { server1: { address: 192.168.1.11/24, role: server } }\n\
        services: { web: { image: web:1, nodes: [sever1] } }",
    check: Check::Cluster(check),
};

fn check(cluster: &Cluster, findings: &mut Vec<Diagnostic>) {
    for (path, nodes) in walk::node_lists(cluster) {
        for (index, node) in nodes.iter().enumerate() {
            let place = || Place::Field(path.index(index));
            findings.extend(reference::unknown(&RULE, cluster, Kind::Node, node.as_str(), place));
        }
    }
}
