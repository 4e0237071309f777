//! Nodes without a server among them.

use crate::diagnostic::Diagnostic;
use crate::diagnostic::Severity;
use crate::model::Cluster;
use crate::model::Kind;
use crate::rules::Area;
use crate::rules::Check;
use crate::rules::Rule;
use crate::rules::reference;
use crate::values::nodes::Role;

pub const RULE: Rule = Rule {
    code: "no-server",
    severity: Severity::Warning,
    area: Area::Nodes,
    what: "Nodes without a server among them.",
    why: "Without a server there is no control plane that could run anything.",
    example: "nodes: { a: { address: 192.168.1.11/24, role: agent } }",
    check: Check::Cluster(check),
};

fn check(cluster: &Cluster, findings: &mut Vec<Diagnostic>) {
    let nodes = &cluster.nodes;
    let incomplete = reference::is_incomplete(cluster, &Kind::Node.path());
    if !nodes.is_empty() && !incomplete && nodes.values().all(|node| node.role == Role::Agent) {
        let finding = RULE.key(Kind::Node.path(), "none of the nodes has the role `server`");
        findings.push(finding.hint("give three nodes the role `server`, or one when there are fewer"));
    }
}
