//! The address of a gateway or a pool lies outside of the LAN of the nodes.

use std::net::IpAddr;

use crate::diagnostic::Diagnostic;
use crate::diagnostic::Severity;
use crate::model::Cluster;
use crate::model::Kind;
use crate::rules::Area;
use crate::rules::Check;
use crate::rules::Rule;
use crate::rules::reference;
use crate::rules::walk;

pub const RULE: Rule = Rule {
    code: "address-off-lan",
    severity: Severity::Warning,
    area: Area::Network,
    what: "The address of a gateway or a pool lies outside of the LAN of the nodes.",
    why: "MetalLB answers on the nodes' LAN (layer 2), where nobody asks for an address of another network.",
    example: "gateways: { lan: 192.168.2.240 }",
    check: Check::Cluster(check),
};

fn check(cluster: &Cluster, findings: &mut Vec<Diagnostic>) {
    if cluster.nodes.is_empty() || reference::is_incomplete(cluster, &Kind::Node.path()) {
        return;
    }
    let lans: Vec<_> = cluster.nodes.values().flat_map(|node| &node.addresses).collect();
    let on_lan = |first: IpAddr, last: IpAddr| lans.iter().any(|lan| lan.contains(&first) && lan.contains(&last));
    let hint = "take addresses of the nodes' network, or correct the prefixes of the nodes";
    for at in walk::virtual_addresses(cluster).filter(|at| !on_lan(at.address, at.address)) {
        let message = format!("`{}` lies in the network of no node", at.address);
        findings.push(RULE.field(at.path, message).hint(hint));
    }
    for (range, path) in walk::ranges(cluster).filter(|(range, _)| !on_lan(range.first, range.last)) {
        findings.push(RULE.field(path, format!("`{range}` does not lie in the network of a node")).hint(hint));
    }
}
