//! Pods and Services that do not have networks of the same families.

use ipnet::IpNet;

use crate::diagnostic::Diagnostic;
use crate::diagnostic::FieldPath;
use crate::diagnostic::Severity;
use crate::model::Cluster;
use crate::rules::Area;
use crate::rules::Check;
use crate::rules::Rule;

pub const RULE: Rule = Rule {
    code: "dual-stack-mismatch",
    severity: Severity::Error,
    area: Area::Network,
    what: "Pods and Services that do not have networks of the same families.",
    why: "K3s does not start when `--cluster-cidr` and `--service-cidr` are not of the same families.",
    example: "k3s: { serviceCidr: [10.43.0.0/16, \"fd43::/112\"] }",
    check: Check::Cluster(check),
};

fn check(cluster: &Cluster, findings: &mut Vec<Diagnostic>) {
    let (pods, services) = (&cluster.k3s.cluster_cidrs, &cluster.k3s.service_cidrs);
    let has = |networks: &[IpNet], v4: bool| networks.iter().any(|network| matches!(network, IpNet::V4(_)) == v4);
    for (v4, family) in [(true, "IPv4"), (false, "IPv6")] {
        if has(pods, v4) != has(services, v4) {
            let (key, other) = match has(pods, v4) {
                true => ("clusterCidr", "serviceCidr"),
                false => ("serviceCidr", "clusterCidr"),
            };
            let message = format!("`{key}` has an {family} network, and `{other}` has none");
            let finding = RULE.field(FieldPath::of(["k3s", key]), message);
            findings.push(finding.hint(format!("give `k3s.{other}` one as well")));
        }
    }
}
