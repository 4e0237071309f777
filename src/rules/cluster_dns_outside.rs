//! `k3s.clusterDns` lies outside of `k3s.serviceCidr`.

use crate::diagnostic::Diagnostic;
use crate::diagnostic::FieldPath;
use crate::diagnostic::Severity;
use crate::model::Cluster;
use crate::rules::Area;
use crate::rules::Check;
use crate::rules::Rule;

pub const RULE: Rule = Rule {
    code: "cluster-dns-outside",
    severity: Severity::Error,
    area: Area::Network,
    what: "`k3s.clusterDns` lies outside of `k3s.serviceCidr`.",
    why: "The DNS of the cluster is a Service, and its address is one of the Services' network.",
    example: "k3s: { clusterDns: 10.42.0.10 }",
    check: Check::Cluster(check),
};

fn check(cluster: &Cluster, findings: &mut Vec<Diagnostic>) {
    let (dns, networks) = (cluster.k3s.cluster_dns, &cluster.k3s.service_cidrs);
    if !networks.iter().any(|network| network.contains(&dns)) {
        let networks: Vec<String> = networks.iter().map(|network| format!("`{network}`")).collect();
        let message = format!("expected an address of the Services' network {}, found `{dns}`", networks.join(" or "));
        let finding = RULE.field(FieldPath::of(["k3s", "clusterDns"]), message);
        findings.push(finding.hint("take the tenth address of `k3s.serviceCidr`, as K3s does"));
    }
}
