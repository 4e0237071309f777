//! The address of a gateway is that of a node, of another gateway, of the API or of an NFS server.

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
use crate::rules::walk;

pub const RULE: Rule = Rule {
    code: "address-taken",
    severity: Severity::Error,
    area: Area::Network,
    what: "The address of a gateway is that of a node, of another gateway, of the API or of an NFS server.",
    why: "Two machines that answer for one address break both.",
    example: "gateways: { lan: 192.168.1.11 }",
    check: Check::Cluster(check),
};

fn check(cluster: &Cluster, findings: &mut Vec<Diagnostic>) {
    let mut taken: BTreeMap<IpAddr, (String, FieldPath)> = BTreeMap::new();
    for (what, path, address) in walk::fixed_addresses(cluster) {
        taken.entry(address).or_insert((what, path));
    }
    for at in walk::virtual_addresses(cluster) {
        match taken.get(&at.address) {
            Some((what, other)) => findings.push(
                RULE.field(at.path, format!("`{}` is the address of {what}", at.address))
                    .label(Place::Field(other.clone()), "taken here")
                    .hint("take an address that nothing on the LAN has, the router's DHCP included"),
            ),
            None => _ = taken.insert(at.address, (format!("gateway `{}`", at.name), at.path)),
        }
    }
}
