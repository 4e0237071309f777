//! The networks of the pods, of the Services and of the LAN that share addresses.

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
    code: "networks-overlap",
    severity: Severity::Error,
    area: Area::Network,
    what: "The networks of the pods, of the Services and of the LAN that share addresses.",
    why: "What has an address in two networks is reached in one of them, and the other is cut off.",
    example: "k3s: { clusterCidr: 10.42.0.0/16, serviceCidr: 10.42.128.0/17 }",
    check: Check::Cluster(check),
};

fn check(cluster: &Cluster, findings: &mut Vec<Diagnostic>) {
    let k3s = &cluster.k3s;
    if let Some((pods, services)) = overlap(&k3s.cluster_cidrs, &k3s.service_cidrs) {
        let message =
            format!("the network of the Services `{services}` shares addresses with that of the pods `{pods}`");
        findings.push(
            RULE.field(FieldPath::of(["k3s", "serviceCidr"]), message)
                .label(Place::Field(FieldPath::of(["k3s", "clusterCidr"])), "the network of the pods")
                .hint("take networks that share nothing, such as `10.42.0.0/16` and `10.43.0.0/16`"),
        );
    }
    for (what, key, networks) in
        [("pods", "clusterCidr", &k3s.cluster_cidrs), ("Services", "serviceCidr", &k3s.service_cidrs)]
    {
        for (name, node) in &cluster.nodes {
            if let Some((lan, network)) = overlap(&node.addresses, networks) {
                let message =
                    format!("the LAN `{}` shares addresses with the network of the {what} `{network}`", lan.trunc());
                let path = FieldPath::of(["nodes", name.as_str(), "address"]);
                findings
                    .push(RULE.field(path, message).hint(format!("give `k3s.{key}` another network, here and at K3s")));
                break;
            }
        }
    }
}

fn overlap<'a>(some: &'a [IpNet], others: &'a [IpNet]) -> Option<(&'a IpNet, &'a IpNet)> {
    some.iter().find_map(|one| {
        others
            .iter()
            .find(|other| one.contains(&other.network()) || other.contains(&one.network()))
            .map(|other| (one, other))
    })
}
