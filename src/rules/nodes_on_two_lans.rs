//! Nodes whose addresses lie in different networks.

use ipnet::IpNet;

use crate::diagnostic::Diagnostic;
use crate::diagnostic::FieldPath;
use crate::diagnostic::Place;
use crate::diagnostic::Severity;
use crate::model::Cluster;
use crate::rules::Area;
use crate::rules::Check;
use crate::rules::Rule;

pub const RULE: Rule = Rule {
    code: "nodes-on-two-lans",
    severity: Severity::Warning,
    area: Area::Nodes,
    what: "Nodes whose addresses lie in different networks.",
    why: "A virtual IP moves between nodes of one LAN; one in another network cannot take it over.",
    example: "nodes: { a: { address: 192.168.1.11/24, role: server }, b: { address: 192.168.2.12/24, role: agent } }",
    check: Check::Cluster(check),
};

fn check(cluster: &Cluster, findings: &mut Vec<Diagnostic>) {
    for v4 in [true, false] {
        let addresses = cluster.nodes.iter().flat_map(|(name, node)| {
            node.addresses.iter().filter(move |net| matches!(net, IpNet::V4(_)) == v4).map(move |net| (name, net))
        });
        let mut first = None;
        for (name, net) in addresses {
            let path = || FieldPath::of(["nodes", name.as_str(), "address"]);
            let (known, lan): &(FieldPath, IpNet) = first.get_or_insert_with(|| (path(), net.trunc()));
            if net.trunc() != *lan {
                let message = format!("`{net}` lies in another network than `{lan}`, where the first node is");
                findings.push(
                    RULE.field(path(), message)
                        .label(Place::Field(known.clone()), "the first node")
                        .hint("correct the address or its prefix; all nodes belong into one LAN"),
                );
            }
        }
    }
}
