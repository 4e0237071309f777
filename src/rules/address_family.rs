//! A gateway or `expose` with an address of a family that the cluster's Services do not have.

use std::net::IpAddr;

use crate::diagnostic::Diagnostic;
use crate::diagnostic::Severity;
use crate::model::Cluster;
use crate::rules::Area;
use crate::rules::Check;
use crate::rules::Rule;
use crate::rules::walk;

pub const RULE: Rule = Rule {
    code: "address-family",
    severity: Severity::Error,
    area: Area::Network,
    what: "A gateway or `expose` with an address of a family that the cluster's Services do not have.",
    why: "Kubernetes refuses to give such an address to a Service.",
    example: "gateways: { lan: \"fd00::240\" }",
    check: Check::Cluster(check),
};

fn check(cluster: &Cluster, findings: &mut Vec<Diagnostic>) {
    let known = |address: &IpAddr| {
        cluster.k3s.service_cidrs.iter().any(|network| network.addr().is_ipv4() == address.is_ipv4())
    };
    let gateways = walk::virtual_addresses(cluster).map(|at| (at.path, at.address));
    let exposed = walk::exposed(cluster).filter(|at| !known(&at.address)).map(|at| (at.path(), at.address));
    for (path, address) in gateways.chain(exposed).filter(|(_, address)| !known(address)) {
        let (family, other) = if address.is_ipv4() { ("IPv4", "IPv6") } else { ("IPv6", "IPv4") };
        let finding =
            RULE.field(path, format!("`{address}` is of {family}, and the cluster's Services are {other} only"));
        findings.push(finding.hint("give `k3s.clusterCidr` and `k3s.serviceCidr` a network of each family"));
    }
}
