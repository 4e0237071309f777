//! A list of two addresses or networks of the same family.

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
use crate::values::route::Expose;

pub const RULE: Rule = Rule {
    code: "two-of-one-family",
    severity: Severity::Error,
    area: Area::Network,
    what: "A list of two addresses or networks of the same family.",
    why: "A second value is for the other family of a dual-stack cluster; a second one of the same family has no use.",
    example: "gateways: { lan: [192.168.1.240, 192.168.1.239] }",
    check: Check::Cluster(check),
};

fn check(cluster: &Cluster, findings: &mut Vec<Diagnostic>) {
    for (name, node) in &cluster.nodes {
        networks(&node.addresses, || FieldPath::of(["nodes", name.as_str(), "address"]), findings);
    }
    networks(&cluster.k3s.cluster_cidrs, || FieldPath::of(["k3s", "clusterCidr"]), findings);
    networks(&cluster.k3s.service_cidrs, || FieldPath::of(["k3s", "serviceCidr"]), findings);
    for (name, gateway) in &cluster.gateways {
        let families: Vec<bool> = gateway.addresses.iter().map(IpAddr::is_ipv4).collect();
        families_of(&families, || FieldPath::of(["gateways", name.as_str(), "address"]), findings);
    }
    for at in walk::services(cluster) {
        if let Some(Expose::Address(expose)) = &at.service.expose {
            let families: Vec<bool> = expose.address.as_slice().iter().map(|address| address.0.is_ipv4()).collect();
            families_of(&families, || at.field("expose").key("address"), findings);
        }
    }
}

fn networks(networks: &[IpNet], path: impl FnOnce() -> FieldPath, findings: &mut Vec<Diagnostic>) {
    let families: Vec<bool> = networks.iter().map(|network| matches!(network, IpNet::V4(_))).collect();
    families_of(&families, path, findings);
}

fn families_of(is_v4: &[bool], path: impl FnOnce() -> FieldPath, findings: &mut Vec<Diagnostic>) {
    if let [first, second] = is_v4
        && first == second
    {
        let family = if *first { "IPv4" } else { "IPv6" };
        let finding = RULE.field(path().index(1), format!("expected one of each family, found two of {family}"));
        findings.push(finding.hint("take one of them out"));
    }
}
