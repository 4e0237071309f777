//! The planned DNS of the cluster in, the subchart `cluster-dns` out: CoreDNS on every node beside K3s' own.

use std::collections::BTreeSet;
use std::net::IpAddr;

use k8s_openapi::api::core::v1::ConfigMap;
use k8s_openapi::api::core::v1::Service;
use k8s_openapi::api::core::v1::ServiceAccount;
use k8s_openapi::api::core::v1::ServicePort;
use k8s_openapi::api::core::v1::ServiceSpec;
use k8s_openapi::api::rbac::v1::ClusterRole;
use k8s_openapi::api::rbac::v1::ClusterRoleBinding;
use k8s_openapi::api::rbac::v1::PolicyRule;
use k8s_openapi::api::rbac::v1::RoleRef;
use k8s_openapi::api::rbac::v1::Subject;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
use serde::Serialize;

use crate::assets;
use crate::objects::ChartObject;
use crate::objects::ChartObjects;
use crate::objects::Object;
use crate::objects::cluster_dns_pods;
use crate::objects::custom::in_namespace;
use crate::objects::metadata;
use crate::plan::cluster_dns::ClusterDns;
use crate::plan::cluster_dns::NAME;
use crate::plan::facts::Facts;
use crate::text;
use crate::values::addons::DnsSource;

/// Where K3s' ConfigMaps are, which only pods of the same namespace can mount.
pub const NAMESPACE: &str = "kube-system";

/// The key of the ConfigMap.
pub const COREFILE: &str = "Corefile";

const TEMPLATE: &str = assets::text("charts-src/cluster-dns/Corefile.hbs");

/// The subchart; `None` when the server exists already.
pub fn chart(facts: &Facts, plan: &ClusterDns) -> Option<ChartObjects> {
    let own = || in_namespace(metadata::metadata(facts, NAME, NAME), NAMESPACE);
    let (_, version) = plan.image.rsplit_once(':').unwrap_or_default();
    let config = ConfigMap {
        data: Some(metadata::map([(COREFILE, corefile(facts, plan).as_str())])),
        metadata: own(),
        ..ConfigMap::default()
    };
    let account =
        ServiceAccount { automount_service_account_token: Some(false), metadata: own(), ..ServiceAccount::default() };
    let objects = vec![
        ChartObject::new("clusterrole.yaml", role(metadata::metadata(facts, NAME, NAME))),
        ChartObject::new("clusterrolebinding.yaml", binding(metadata::metadata(facts, NAME, NAME))),
        ChartObject::new("configmap.yaml", Object::of(config)),
        ChartObject {
            file: "daemonset.yaml".to_owned(),
            object: cluster_dns_pods::daemon_set(facts, plan, own()),
            exposed: cluster_dns_pods::exposed(),
        },
        ChartObject::new("service.yaml", Object::of(service(facts, plan, own()))),
        ChartObject::new("serviceaccount.yaml", Object::of(account)),
    ];
    (plan.source == DnsSource::Builtin).then(|| ChartObjects {
        name: NAME.to_owned(),
        description: "A DNS server on every node, so that names are there when the node with K3s' only one is gone."
            .to_owned(),
        app_version: version.to_owned(),
        optional: false,
        objects,
    })
}

/// What CoreDNS watches (`plugin/kubernetes`, "Permissions"); it answers for pods without looking at them.
fn role(metadata: ObjectMeta) -> Object {
    let rule = |group: &str, resources: &[&str]| PolicyRule {
        api_groups: Some(vec![group.to_owned()]),
        resources: Some(resources.iter().map(|resource| (*resource).to_owned()).collect()),
        verbs: ["list", "watch"].map(str::to_owned).to_vec(),
        ..PolicyRule::default()
    };
    let rules = vec![rule("", &["namespaces", "services"]), rule("discovery.k8s.io", &["endpointslices"])];
    Object::of(ClusterRole { metadata, rules: Some(rules), aggregation_rule: None })
}

fn binding(metadata: ObjectMeta) -> Object {
    let subject = Subject {
        kind: "ServiceAccount".to_owned(),
        name: NAME.to_owned(),
        namespace: Some(NAMESPACE.to_owned()),
        api_group: None,
    };
    let role_ref = RoleRef {
        api_group: Some("rbac.authorization.k8s.io".to_owned()),
        kind: "ClusterRole".to_owned(),
        name: NAME.to_owned(),
    };
    Object::of(ClusterRoleBinding { metadata, role_ref, subjects: Some(vec![subject]) })
}

/// At a fixed address; the pod of the node itself answers, another one when it is not ready.
fn service(facts: &Facts, plan: &ClusterDns, metadata: ObjectMeta) -> Service {
    let port = |name: &str, protocol: &str| ServicePort {
        name: Some(name.to_owned()),
        port: 53,
        protocol: Some(protocol.to_owned()),
        target_port: Some(IntOrString::String(name.to_owned())),
        ..ServicePort::default()
    };
    let addresses: Vec<String> = plan.addresses.iter().map(ToString::to_string).collect();
    let spec = ServiceSpec {
        cluster_ip: addresses.first().cloned(),
        cluster_ips: Some(addresses),
        ip_family_policy: (plan.addresses.len() > 1).then(|| "RequireDualStack".to_owned()),
        ports: Some(vec![port("dns", "UDP"), port("dns-tcp", "TCP")]),
        selector: Some(metadata::selected(facts, NAME)),
        traffic_distribution: Some("PreferSameNode".to_owned()),
        type_: Some("ClusterIP".to_owned()),
        ..ServiceSpec::default()
    };
    Service { metadata, spec: Some(spec), status: None }
}

#[derive(Serialize)]
struct View<'a> {
    cluster_domain: &'a str,
    patterns: Vec<Pattern>,
    /// An address and its host.
    hosts: Vec<String>,
}

/// Names of a zone, by a regular expression (RE2), and their addresses of one family.
#[derive(Serialize)]
struct Pattern {
    kind: &'static str,
    zone: String,
    pattern: String,
    addresses: Vec<IpAddr>,
}

fn corefile(facts: &Facts, plan: &ClusterDns) -> String {
    let whole = plan.hosts.iter().filter(|(host, _)| !host.starts_with("*."));
    let hosts = whole.flat_map(|(host, addresses)| addresses.iter().map(move |address| format!("{address} {host}")));
    let view = View { cluster_domain: &facts.cluster_domain, patterns: patterns(plan), hosts: hosts.collect() };
    // The template is a constant, and the view has every field that it names: this cannot fail.
    text::render(TEMPLATE, &view).unwrap_or_default()
}

/// Wildcards: one label without a leading underscore, under which records of mail and certificates stand. CoreDNS tries
/// patterns before it looks hosts up, so a host below a wildcard is a pattern as well, before that of the wildcard.
fn patterns(plan: &ClusterDns) -> Vec<Pattern> {
    let wildcards = || plan.hosts.iter().filter_map(|(host, addresses)| Some((host.strip_prefix("*.")?, addresses)));
    let below = plan.hosts.iter().filter(|(host, _)| {
        let zone = host.split_once('.').map(|(_, zone)| zone);
        !host.starts_with("*.") && wildcards().any(|(wildcard, _)| zone == Some(wildcard))
    });
    let hosts = below.flat_map(|(host, addresses)| both(host, &format!("^{}$", escaped(host)), addresses));
    let all =
        wildcards().flat_map(|(zone, addresses)| both(zone, &format!("^[^._][^.]*[.]{}$", escaped(zone)), addresses));
    hosts.chain(all).collect()
}

/// For both families: a name with addresses of one family alone has none of the other, whatever the Internet says.
fn both(zone: &str, pattern: &str, addresses: &BTreeSet<IpAddr>) -> [Pattern; 2] {
    [("A", true), ("AAAA", false)].map(|(kind, v4)| Pattern {
        kind,
        zone: zone.to_owned(),
        pattern: pattern.to_owned(),
        addresses: addresses.iter().copied().filter(|address| address.is_ipv4() == v4).collect(),
    })
}

/// A complete name, with the dot at its end, as a regular expression.
fn escaped(name: &str) -> String {
    format!("{name}.").replace('.', "[.]")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::sample;
    use crate::plan;

    fn chart_of(addons: &str) -> Option<ChartObjects> {
        let cluster = sample::cluster(&format!(
            "
nodes: {{ a: {{ address: 192.168.1.2/24, role: server }}, b: {{ address: 192.168.1.3/24, role: agent }} }}
domain: example.com
gateways: {{ lan: 10.0.0.10 }}
addons: {{ cluster-dns: {addons} }}
services: {{ web: {{ image: a/b:1, ports: {{ http: 80 }}, routes: {{ '*.pages': http, x.pages.example.com: http, web: http }} }} }}"
        ));
        chart(&Facts::of(&cluster), &plan::cluster_dns::plan(&cluster).unwrap())
    }

    #[test]
    fn hosts_and_patterns() {
        let chart = chart_of("{}").unwrap();
        let config = chart.objects.iter().find(|object| object.file == "configmap.yaml").unwrap();
        let text = config.object.json()["data"][COREFILE].as_str().unwrap();
        for part in [
            "    kubernetes cluster.local in-addr.arpa ip6.arpa {\n",
            "        10.0.0.10 web.example.com\n        10.0.0.10 x.pages.example.com\n        ttl 60\n",
            "    template IN A pages.example.com {\n        match \"^[^._][^.]*[.]pages[.]example[.]com[.]$\"\n        \
             answer \"{{ .Name }} 60 IN A 10.0.0.10\"\n        rcode NOERROR\n",
            "    template IN AAAA pages.example.com {\n        match \"^[^._][^.]*[.]pages[.]example[.]com[.]$\"\n        rcode",
        ] {
            assert!(text.contains(part), "{part}\n{text}");
        }
        assert!(text.find("A x.pages").unwrap() < text.find("A pages").unwrap());
    }

    #[test]
    fn it_is_not_taken_for_that_of_k3s() {
        let chart = chart_of("{ address: 10.43.0.53 }").unwrap();
        let service = chart.objects.iter().find(|object| object.file == "service.yaml").unwrap().object.json();
        assert_eq!(service["spec"]["clusterIP"], "10.43.0.53");
        assert_eq!(service["spec"]["trafficDistribution"], "PreferSameNode");
        assert!(chart.objects.iter().all(|object| !object.object.json().to_string().contains("kube-dns")));
        assert_eq!(chart_of("{ source: existing, address: 10.43.0.53 }"), None);
    }
}
