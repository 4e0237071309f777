//! An address that no machine can have.

use std::net::IpAddr;

use ipnet::IpNet;

use crate::diagnostic::Diagnostic;
use crate::diagnostic::FieldPath;
use crate::diagnostic::Severity;
use crate::model::Cluster;
use crate::rules::Area;
use crate::rules::Check;
use crate::rules::Rule;
use crate::rules::walk;

pub const RULE: Rule = Rule {
    code: "unusable-address",
    severity: Severity::Error,
    area: Area::Network,
    what: "An address that no machine can have.",
    why: "The first and the last address of a network mean the network and everybody in it; loopback, multicast and link-local ones mean something else.",
    example: "gateways: { lan: 192.168.1.255 }",
    check: Check::Cluster(check),
};

fn check(cluster: &Cluster, findings: &mut Vec<Diagnostic>) {
    let lans: Vec<IpNet> = cluster.nodes.values().flat_map(|node| node.addresses.clone()).collect();
    let nodes = cluster.nodes.iter().flat_map(|(name, node)| {
        let path = FieldPath::of(["nodes", name.as_str(), "address"]);
        let two = node.addresses.len() > 1;
        let path = move |index| if two { path.index(index) } else { path.clone() };
        node.addresses.iter().enumerate().map(move |(index, address)| (path(index), address.addr()))
    });
    let gateways = walk::virtual_addresses(cluster).map(|at| (at.path, at.address));
    let exposed = walk::exposed(cluster).map(|at| (at.path(), at.address));
    for (path, address) in nodes.chain(gateways).chain(exposed) {
        if let Some(what) = special(address, &lans) {
            findings.push(RULE.field(path, format!("`{address}` is {what}")).hint("take an address of a machine"));
        }
    }
}

fn special(address: IpAddr, lans: &[IpNet]) -> Option<&'static str> {
    if address.is_loopback() || address.is_unspecified() {
        return Some("the machine itself");
    }
    if address.is_multicast() {
        return Some("a group of machines");
    }
    match address {
        IpAddr::V4(address) if address.is_link_local() => Some("link-local"),
        IpAddr::V6(address) if address.is_unicast_link_local() => Some("link-local"),
        IpAddr::V6(_) => None,
        IpAddr::V4(_) => {
            // A network of two addresses has no others (RFC 3021).
            let lans = lans.iter().filter(|lan| lan.contains(&address) && lan.prefix_len() < 31);
            let mut words = lans.filter_map(|lan| match () {
                () if lan.network() == address => Some("the network itself"),
                () if lan.broadcast() == address => Some("everybody in the network"),
                () => None,
            });
            words.next()
        }
    }
}
