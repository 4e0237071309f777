//! `addons.cluster-dns` without an address that it can have.

use std::net::IpAddr;

use crate::diagnostic::Diagnostic;
use crate::diagnostic::FieldPath;
use crate::diagnostic::Severity;
use crate::model::Cluster;
use crate::plan::cluster_dns;
use crate::rules::Area;
use crate::rules::Check;
use crate::rules::Rule;
use crate::values::addons::DnsSource;
use crate::values::address::nth;

pub const RULE: Rule = Rule {
    code: "cluster-dns-address",
    severity: Severity::Error,
    area: Area::Network,
    what: "`addons.cluster-dns` without an address that it can have.",
    why: "The DNS server on every node is a Service of its own, beside the one of K3s, at an address that pods know.",
    example: "nodes:\n  \
        a: { address: 192.168.1.2/24, role: server }\n  \
        b: { address: 192.168.1.3/24, role: agent }\n\
        addons: { cluster-dns: { address: 10.43.0.10 } }",
    check: Check::Cluster(check),
};

fn check(cluster: &Cluster, findings: &mut Vec<Diagnostic>) {
    let (values, path) = (&cluster.addons.cluster_dns, FieldPath::of(["addons", "cluster-dns"]));
    if values.source == DnsSource::Existing && values.address.is_none() {
        let finding = RULE.key(path, "which one? An existing DNS server wants its `address`");
        findings.push(finding.hint("write `{ source: existing, address: ADDRESS }`"));
        return;
    }
    if cluster_dns::source(cluster).is_none() {
        return;
    }
    for address in cluster_dns::addresses(cluster) {
        let Some(reason) = reason(cluster, values.source, address) else { continue };
        let message = format!("the cluster's DNS cannot have the address `{address}`: {reason}");
        let finding = match &values.address {
            Some(_) => RULE.field(path.key("address"), message),
            None => RULE.key(FieldPath::of(["k3s"]), message),
        };
        findings.push(finding.hint("give `addons.cluster-dns.address` a free one of the lowest of `k3s.serviceCidr`"));
    }
}

/// Why the server cannot have this address.
fn reason(cluster: &Cluster, source: DnsSource, address: IpAddr) -> Option<String> {
    let k3s = &cluster.k3s;
    if address == k3s.cluster_dns {
        return Some("K3s' own DNS has it".to_owned());
    }
    if source == DnsSource::Existing {
        return None;
    }
    let Some(network) = k3s.service_cidrs.iter().find(|network| network.contains(&address)) else {
        let networks: Vec<String> = k3s.service_cidrs.iter().map(|network| format!("`{network}`")).collect();
        return Some(format!("it is outside of the Services' network {}", networks.join(" or ")));
    };
    if address == network.network() || address == network.broadcast() {
        return Some("no Service can have the first or the last address of the network".to_owned());
    }
    (address == nth(network, 1)).then(|| "the Service `kubernetes` has it".to_owned())
}
