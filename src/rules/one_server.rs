//! A single server.

use crate::diagnostic::Diagnostic;
use crate::diagnostic::FieldPath;
use crate::diagnostic::Severity;
use crate::model::Cluster;
use crate::model::Kind;
use crate::rules::Area;
use crate::rules::Check;
use crate::rules::Rule;
use crate::rules::reference;
use crate::values::nodes::Role;

pub const RULE: Rule = Rule {
    code: "one-server",
    severity: Severity::Advice,
    area: Area::Nodes,
    what: "A single server.",
    why: "When the only server is down nothing is started elsewhere and nothing can be changed.",
    example: "nodes: { a: { address: 192.168.1.11/24, role: server } }",
    check: Check::Cluster(check),
};

fn check(cluster: &Cluster, findings: &mut Vec<Diagnostic>) {
    let mut servers = cluster.nodes.iter().filter(|(_, node)| node.role == Role::Server);
    if let (Some((name, _)), None) = (servers.next(), servers.next())
        && !reference::is_incomplete(cluster, &Kind::Node.path())
    {
        let finding = RULE.key(FieldPath::of(["nodes", name.as_str()]), "nothing survives the loss of the only server");
        findings.push(finding.hint("three nodes with the role `server` survive the loss of one"));
    }
}
