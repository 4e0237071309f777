//! Cluster in, its own DNS out: a server on every node, whom pods ask first, and what it knows beside the cluster's names.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::net::IpAddr;

use semver::Version;
use serde::Serialize;

use crate::model::Cluster;
use crate::plan::dns;
use crate::plan::facts::Facts;
use crate::values::addons::DnsSource;
use crate::values::address::nth;

/// Its objects, and the subchart. Never `k8s-app: kube-dns`: K3s' own pod spreads over the pods with that label.
pub const NAME: &str = "cluster-dns";

/// What K3s runs as well, so that its image is on every node already.
const REPOSITORY: &str = "docker.io/rancher/mirrored-coredns-coredns";

/// From which K3s on which tag (docs.k3s.io, release notes, column CoreDNS), by minor version of Kubernetes.
const TAGS: &[((u64, u64), &str)] = &[
    ((34, 1), "1.12.3"),
    ((34, 2), "1.13.1"),
    ((34, 9), "1.14.4"),
    ((35, 0), "1.14.0"),
    ((35, 6), "1.14.4"),
    ((36, 0), "1.14.2"),
    ((36, 1), "1.14.3"),
    ((36, 2), "1.14.4"),
    ((36, 4), "1.14.6"),
    ((37, 0), "1.14.7"),
];

/// The tag of a cluster that names no version of K3s.
const TAG: &str = "1.14.6";

/// The DNS server on every node.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ClusterDns {
    pub source: DnsSource,
    /// One, or one of each family.
    pub addresses: Vec<IpAddr>,
    pub image: String,
    /// Hosts of routes, and the addresses of their gateways; with a leading `*.` everything one label below.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub hosts: BTreeMap<String, BTreeSet<IpAddr>>,
}

/// Where the server comes from; `None` on a single node, where K3s' own dies with everything else, and when none is wanted.
pub fn source(cluster: &Cluster) -> Option<DnsSource> {
    let source = cluster.addons.cluster_dns.source;
    (source != DnsSource::None && cluster.nodes.len() > 1).then_some(source)
}

/// The server.
pub fn plan(cluster: &Cluster) -> Option<ClusterDns> {
    let source = source(cluster)?;
    let records = dns::records(cluster).into_iter().filter(|record| !record.addresses.is_empty());
    Some(ClusterDns {
        source,
        addresses: addresses(cluster),
        image: image(cluster.k3s.version.as_deref()),
        hosts: records.map(|record| (record.host, record.addresses)).collect(),
    })
}

/// Whom pods ask, in this order: the server on their own node where there is one, then K3s' own.
pub fn servers(cluster: &Cluster) -> Vec<IpAddr> {
    // Two families lead to the same server, and a resolver takes three addresses at most.
    let first = source(cluster).and_then(|_| addresses(cluster).first().copied());
    first.into_iter().chain([cluster.k3s.cluster_dns]).collect()
}

/// How pods ask: `dnsPolicy: None`, with these.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Resolver {
    pub nameservers: Vec<IpAddr>,
    /// What completes a short name: the namespace, then the cluster.
    pub searches: Vec<String>,
    /// Names with fewer dots are completed first, as Kubernetes has it.
    pub ndots: u8,
    /// Seconds until the second server is asked.
    pub timeout: u8,
}

/// How pods of a namespace ask; `None` when they have Kubernetes' own way, which is K3s' server alone.
pub fn resolver(facts: &Facts, namespace: &str) -> Option<Resolver> {
    let domain = &facts.cluster_domain;
    (facts.dns_servers.len() > 1).then(|| Resolver {
        nameservers: facts.dns_servers.clone(),
        searches: vec![format!("{namespace}.svc.{domain}"), format!("svc.{domain}"), domain.clone()],
        ndots: 5,
        timeout: 1,
    })
}

/// Its addresses: what is said, else the eleventh of each network of the Services, beside K3s' tenth.
pub fn addresses(cluster: &Cluster) -> Vec<IpAddr> {
    match &cluster.addons.cluster_dns.address {
        Some(addresses) => addresses.as_slice().iter().map(|address| address.0).collect(),
        None => cluster.k3s.service_cidrs.iter().map(|network| nth(network, 11)).collect(),
    }
}

/// The image that this version of K3s runs as its own DNS server.
pub fn image(k3s: Option<&str>) -> String {
    format!("{REPOSITORY}:{}", tag(k3s))
}

/// The tag of the newest K3s of the table that is not newer than this one.
fn tag(k3s: Option<&str>) -> &'static str {
    let version = k3s.and_then(|text| Version::parse(text.strip_prefix('v')?).ok());
    let Some(Version { minor, patch, .. }) = version else { return TAG };
    TAGS.iter().rev().find(|(from, _)| *from <= (minor, patch)).map_or(TAG, |(_, tag)| tag)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::sample;

    const TWO: &str =
        "nodes: { a: { address: 192.168.1.2/24, role: server }, b: { address: 192.168.1.3/24, role: agent } }";

    #[test]
    fn pods_ask_their_own_node_first() {
        let check = |text: &str, expect: &[&str]| {
            let servers: Vec<String> = servers(&sample::cluster(text)).iter().map(ToString::to_string).collect();
            assert_eq!(servers, expect, "{text}");
        };
        check("", &["10.43.0.10"]);
        check(TWO, &["10.43.0.11", "10.43.0.10"]);
        check(&format!("{TWO}\naddons: {{ cluster-dns: {{ source: none }} }}"), &["10.43.0.10"]);
        check(&format!("{TWO}\naddons: {{ cluster-dns: {{ address: 10.43.1.53 }} }}"), &["10.43.1.53", "10.43.0.10"]);
        check(&format!("{TWO}\nk3s: {{ serviceCidr: 10.96.0.0/12 }}"), &["10.96.0.11", "10.96.0.10"]);
        let two = "k3s: { serviceCidr: ['fd43::/112', 10.43.0.0/16], clusterCidr: ['fd42::/56', 10.42.0.0/16] }";
        check(&format!("{TWO}\n{two}"), &["fd43::b", "fd43::a"]);
    }

    #[test]
    fn hosts_lead_to_their_gateways() {
        let cluster = sample::cluster(&format!(
            "{TWO}
domain: example.com
gateways: {{ lan: {{ address: [10.0.0.10, 'fd00::10'], default: true }}, guests: 10.0.0.11 }}
services:
  web: {{ image: a/b:1, ports: {{ http: 80 }}, routes: {{ '*.pages': http, web: {{ port: http, via: [lan, guests] }}, out: {{ port: http, via: [tunnel] }} }} }}"
        ));
        let lines = plan(&cluster).unwrap().hosts.into_iter().map(|(host, addresses)| {
            let addresses: Vec<String> = addresses.iter().map(ToString::to_string).collect();
            format!("{host} {}", addresses.join(" "))
        });
        let expect = ["*.pages.example.com 10.0.0.10 fd00::10", "web.example.com 10.0.0.10 10.0.0.11 fd00::10"];
        assert_eq!(lines.collect::<Vec<_>>(), expect);
    }

    #[test]
    fn the_image_is_that_of_k3s() {
        let check = |k3s: &str, expect: &str| assert_eq!(tag(Some(k3s)), expect, "{k3s}");
        check("v1.36.4+k3s1", "1.14.6");
        check("v1.36.3+k3s1", "1.14.4");
        check("v1.35.2+k3s1", "1.14.0");
        check("v1.38.0+k3s1", "1.14.7");
        check("v1.30.0+k3s1", TAG);
        check("latest", TAG);
        assert!(TAGS.is_sorted());
        assert_eq!(tag(None), TAG);
    }
}
