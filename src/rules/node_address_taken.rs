//! Two nodes with the same address.

use std::collections::BTreeMap;
use std::net::IpAddr;

use crate::diagnostic::Diagnostic;
use crate::diagnostic::FieldPath;
use crate::diagnostic::Place;
use crate::diagnostic::Severity;
use crate::model::Cluster;
use crate::rules::Area;
use crate::rules::Check;
use crate::rules::Rule;

pub const RULE: Rule = Rule {
    code: "node-address-taken",
    severity: Severity::Error,
    area: Area::Nodes,
    what: "Two nodes with the same address.",
    why: "Two machines with one address are reached by chance.",
    example: "nodes: { a: { address: 192.168.1.11/24, role: server }, b: { address: 192.168.1.11/24, role: agent } }",
    check: Check::Cluster(check),
};

fn check(cluster: &Cluster, findings: &mut Vec<Diagnostic>) {
    let mut taken: BTreeMap<IpAddr, &str> = BTreeMap::new();
    for (name, node) in &cluster.nodes {
        for address in node.addresses.iter().map(|net| net.addr()) {
            let path = |name: &str| FieldPath::of(["nodes", name, "address"]);
            match taken.get(&address) {
                Some(other) if *other != name.as_str() => findings.push(
                    RULE.field(path(name.as_str()), format!("`{address}` is the address of node `{other}`"))
                        .label(Place::Field(path(other)), "taken here")
                        .hint("write the node's own address"),
                ),
                _ => _ = taken.insert(address, name.as_str()),
            }
        }
    }
}
