//! A node that stands twice in one list.

use std::collections::BTreeMap;

use crate::diagnostic::Diagnostic;
use crate::diagnostic::Place;
use crate::diagnostic::Severity;
use crate::model::Cluster;
use crate::rules::Area;
use crate::rules::Check;
use crate::rules::Rule;
use crate::rules::walk;

pub const RULE: Rule = Rule {
    code: "node-twice",
    severity: Severity::Error,
    area: Area::Nodes,
    what: "A node that stands twice in one list.",
    why: "In `perNode` it would be two instances of one name, elsewhere it says nothing new.",
    example: "services: { db: { image: db:1, perNode: [server1, server1] } }",
    check: Check::Cluster(check),
};

fn check(cluster: &Cluster, findings: &mut Vec<Diagnostic>) {
    for (path, nodes) in walk::node_lists(cluster) {
        let mut known = BTreeMap::new();
        for (index, node) in nodes.iter().enumerate() {
            if let Some(first) = known.insert(node, index) {
                findings.push(
                    RULE.field(path.index(index), format!("node `{node}` stands twice in the list"))
                        .label(Place::Field(path.index(first)), "the first time")
                        .hint("take one of them out"),
                );
            }
        }
    }
}
