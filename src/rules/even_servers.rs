//! An even number of servers.

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
    code: "even-servers",
    severity: Severity::Warning,
    area: Area::Nodes,
    what: "An even number of servers.",
    why: "A decision of etcd needs more than half of the servers: two survive no failure, like one, and four survive one, like three.",
    example: "nodes: { a: { address: 192.168.1.11/24, role: server }, b: { address: 192.168.1.12/24, role: server } }",
    check: Check::Cluster(check),
};

fn check(cluster: &Cluster, findings: &mut Vec<Diagnostic>) {
    let servers = cluster.nodes.values().filter(|node| node.role == Role::Server).count();
    if servers > 0 && servers % 2 == 0 && !reference::is_incomplete(cluster, &Kind::Node.path()) {
        let (survived, as_well) = (servers / 2 - 1, servers - 1);
        let message = format!("{servers} servers survive the loss of {survived}, as {as_well} would");
        findings.push(RULE.key(Kind::Node.path(), message).hint("give one node the role `agent`, or add a server"));
    }
}
