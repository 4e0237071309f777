//! Planned gateways in, the objects of the subchart `gateway` out: nginx as a DaemonSet behind a virtual IP.

use k8s_openapi::api::core::v1::ConfigMap;
use k8s_openapi::api::core::v1::Service;
use k8s_openapi::api::core::v1::ServicePort;
use k8s_openapi::api::core::v1::ServiceSpec;
use k8s_openapi::api::networking::v1::NetworkPolicy;
use k8s_openapi::api::networking::v1::NetworkPolicyIngressRule;
use k8s_openapi::api::networking::v1::NetworkPolicyPeer;
use k8s_openapi::api::networking::v1::NetworkPolicyPort;
use k8s_openapi::api::networking::v1::NetworkPolicySpec;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use crate::assets;
use crate::objects::ChartObject;
use crate::objects::ChartObjects;
use crate::objects::Object;
use crate::objects::gateway_pods;
use crate::objects::metadata;
use crate::objects::nginx;
use crate::plan::facts::Facts;
use crate::plan::gateways::GatewayPlan;
use crate::plan::gateways::IMAGE;
use crate::plan::gateways::SOLVERS;
use crate::plan::tunnel;
use crate::values::ports::Protocol;

const CHECK: &str = assets::text("charts-src/gateway/check-certificates.sh");

/// Keys of the ConfigMap.
pub const CONF_KEY: &str = "nginx.conf";
pub const CHECK_KEY: &str = "check-certificates.sh";

/// The subchart; `None` without a gateway.
pub fn chart(facts: &Facts, plans: &[GatewayPlan]) -> Option<ChartObjects> {
    let (_, version) = IMAGE.rsplit_once(':').unwrap_or_default();
    let mut objects: Vec<ChartObject> = plans.iter().flat_map(|plan| gateway(facts, plan)).collect();
    if plans.iter().any(|plan| plan.solvers.is_some()) {
        objects.push(ChartObject::new(format!("service-{SOLVERS}.yaml"), solvers(facts)));
    }
    (!objects.is_empty()).then(|| ChartObjects {
        name: "gateway".to_owned(),
        description: "Nginx on every node, behind one virtual IP per gateway.".to_owned(),
        app_version: version.to_owned(),
        optional: false,
        objects,
    })
}

/// Names of files end in what they hold: no two gateways can have the same.
fn gateway(facts: &Facts, plan: &GatewayPlan) -> Vec<ChartObject> {
    let conf = nginx::conf(plan);
    let GatewayPlan { name, .. } = plan;
    let mut objects = vec![ChartObject::new(format!("{name}-configmap.yaml"), config(facts, plan, &conf))];
    objects.push(ChartObject {
        file: format!("{name}-daemonset.yaml"),
        object: gateway_pods::daemon_set(facts, plan, &conf),
        exposed: gateway_pods::exposed(name),
    });
    objects.push(ChartObject::new(format!("{name}-service.yaml"), service(facts, plan)));
    if !plan.tunnel_servers.is_empty() {
        objects.push(ChartObject::new(format!("{name}-service-tunnel.yaml"), tunnel_service(facts, plan)));
        objects.push(ChartObject::new(format!("{name}-networkpolicy.yaml"), network_policy(facts, plan)));
    }
    objects
}

fn config(facts: &Facts, plan: &GatewayPlan, conf: &str) -> Object {
    Object::of(ConfigMap {
        data: Some(metadata::map([(CONF_KEY, conf), (CHECK_KEY, CHECK)])),
        metadata: metadata::metadata(facts, &plan.object, &plan.object),
        ..ConfigMap::default()
    })
}

/// The virtual IP. Only nodes with a ready pod announce it, and clients keep their address (`Local`).
fn service(facts: &Facts, plan: &GatewayPlan) -> Object {
    let addresses: Vec<String> = plan.addresses.iter().map(ToString::to_string).collect();
    let annotations =
        [("metallb.io/address-pool", plan.object.as_str()), ("metallb.io/loadBalancerIPs", &addresses.join(","))];
    let metadata = metadata::metadata(facts, &plan.object, &plan.object);
    let streams = plan.streams.iter().map(|stream| port(&stream.name, stream.port, stream.protocol));
    let ports = [port("http", 80, Protocol::Tcp), port("https", 443, Protocol::Tcp)].into_iter().chain(streams);
    let spec = ServiceSpec {
        type_: Some("LoadBalancer".to_owned()),
        allocate_load_balancer_node_ports: Some(false),
        external_traffic_policy: Some("Local".to_owned()),
        // A Service with one address in a cluster of two families would else ask for a second one.
        ip_families: match (facts.dual_stack, plan.addresses.as_slice()) {
            (true, [address]) => Some(vec![if address.is_ipv4() { "IPv4" } else { "IPv6" }.to_owned()]),
            _ => None,
        },
        ip_family_policy: facts.dual_stack.then(|| match plan.addresses.len() {
            1 => "SingleStack".to_owned(),
            _ => "PreferDualStack".to_owned(),
        }),
        ports: Some(ports.collect()),
        selector: Some(metadata::selected(facts, &plan.object)),
        ..ServiceSpec::default()
    };
    let metadata = ObjectMeta { annotations: Some(metadata::map(annotations)), ..metadata };
    Object::of(Service { metadata, spec: Some(spec), status: None })
}

/// The named port of the pods: its number may differ from pod to pod while streams change.
fn port(name: &str, port: u16, protocol: Protocol) -> ServicePort {
    ServicePort {
        name: Some(name.to_owned()),
        port: i32::from(port),
        protocol: Some(protocol.as_str().to_owned()),
        target_port: Some(IntOrString::String(name.to_owned())),
        ..ServicePort::default()
    }
}

fn tunnel_service(facts: &Facts, plan: &GatewayPlan) -> Object {
    let spec = ServiceSpec {
        type_: Some("ClusterIP".to_owned()),
        ip_family_policy: facts.dual_stack.then(|| "PreferDualStack".to_owned()),
        ports: Some(vec![port(tunnel::OBJECT, tunnel::PORT, Protocol::Tcp)]),
        selector: Some(metadata::selected(facts, &plan.object)),
        ..ServiceSpec::default()
    };
    let metadata = metadata::metadata(facts, &plan.object, &plan.tunnel_object);
    Object::of(Service { metadata, spec: Some(spec), status: None })
}

/// Everybody reaches what the virtual IP serves, pods also the metrics; cloudflared alone reaches its port, where the
/// client's address is what a header says.
fn network_policy(facts: &Facts, plan: &GatewayPlan) -> Object {
    let rule = |from: Option<NetworkPolicyPeer>, ports: Vec<NetworkPolicyPort>| NetworkPolicyIngressRule {
        from: from.map(|peer| vec![peer]),
        ports: Some(ports),
    };
    let port = |port: u16, protocol: Protocol| NetworkPolicyPort {
        port: Some(IntOrString::Int(i32::from(port))),
        protocol: Some(protocol.as_str().to_owned()),
        end_port: None,
    };
    let http = [nginx::HTTP, nginx::HTTPS].map(|number| port(number, Protocol::Tcp));
    let streams = plan.streams.iter().map(|stream| port(stream.inside, stream.protocol));
    let cluster =
        NetworkPolicyPeer { namespace_selector: Some(LabelSelector::default()), ..NetworkPolicyPeer::default() };
    let cloudflared = NetworkPolicyPeer {
        pod_selector: Some(metadata::selector(metadata::selected(facts, tunnel::OBJECT))),
        ..NetworkPolicyPeer::default()
    };
    let spec = NetworkPolicySpec {
        ingress: Some(vec![
            rule(None, http.into_iter().chain(streams).collect()),
            rule(Some(cluster), vec![port(nginx::STATUS, Protocol::Tcp)]),
            rule(Some(cloudflared), vec![port(tunnel::PORT, Protocol::Tcp)]),
        ]),
        pod_selector: Some(metadata::selector(metadata::selected(facts, &plan.object))),
        policy_types: Some(vec!["Ingress".to_owned()]),
        ..NetworkPolicySpec::default()
    };
    Object::of(NetworkPolicy { metadata: metadata::metadata(facts, &plan.object, &plan.object), spec: Some(spec) })
}

/// The pods of cert-manager that answer HTTP-01 challenges of any Certificate of the namespace.
fn solvers(facts: &Facts) -> Object {
    let spec = ServiceSpec {
        cluster_ip: Some("None".to_owned()),
        ip_family_policy: facts.dual_stack.then(|| "PreferDualStack".to_owned()),
        ports: Some(vec![ServicePort {
            name: Some("http".to_owned()),
            port: 8089,
            protocol: Some("TCP".to_owned()),
            target_port: Some(IntOrString::Int(8089)),
            ..ServicePort::default()
        }]),
        selector: Some(metadata::map([("acme.cert-manager.io/http01-solver", "true")])),
        ..ServiceSpec::default()
    };
    Object::of(Service { metadata: metadata::metadata(facts, SOLVERS, SOLVERS), spec: Some(spec), status: None })
}

#[cfg(test)]
mod tests {
    use serde_json::Value;
    use serde_json::json;

    use super::*;
    use crate::model::sample;
    use crate::plan;

    fn objects(values: &str) -> Vec<ChartObject> {
        let cluster = sample::cluster(&format!(
            "
domain: example.com
gateways: {{ lan: {{ address: 10.0.0.10, nodes: [a] }} }}
certificates: {{ issuers: {{ home: {{ ca: {{}} }} }} }}
auth: {{ family: {{ basic: {{ secret: family }} }} }}
{values}"
        ));
        chart(&Facts::of(&cluster), &plan::gateways::plan(&cluster)).unwrap().objects
    }

    fn find(objects: &[ChartObject], file: &str, pointer: &str) -> Value {
        let object = objects.iter().find(|object| object.file == file).unwrap_or_else(|| panic!("no {file}"));
        object.object.json().pointer(pointer).cloned().unwrap_or_default()
    }

    const WEB: &str = "
tunnel: { cloudflare: { token: { secret: cloudflared, key: token } } }
services:
  web: { image: a/b:1, ports: { http: 80, dns: { port: 53, protocol: [UDP] } }, streams: { dns: 53 },
    routes: { web: { port: http, auth: family, via: [lan, tunnel] } } }";

    #[test]
    fn nobody_but_cloudflared_reaches_the_port_of_the_tunnel() {
        let objects = objects(WEB);
        let policy = find(&objects, "lan-networkpolicy.yaml", "/spec/ingress");
        let of = |port: u16| {
            let rules = policy.as_array().unwrap().iter();
            let rule =
                rules.clone().find(|rule| rule["ports"].as_array().unwrap().iter().any(|item| item["port"] == port));
            rule.unwrap_or(&Value::Null)["from"].clone()
        };
        let selected = json!({ "app.kubernetes.io/name": "tunnel", "app.kubernetes.io/instance": "home" });
        assert_eq!([of(8080), of(8443), of(10000)], [const { Value::Null }; 3]);
        assert_eq!(of(8081), json!([{ "namespaceSelector": {} }]));
        assert_eq!(of(8444)[0]["podSelector"]["matchLabels"], selected);
        assert_eq!(find(&objects, "lan-service-tunnel.yaml", "/spec/ports/0/targetPort"), "tunnel");
        let ports = find(&objects, "lan-service.yaml", "/spec/ports");
        let named: Vec<_> = ports.as_array().unwrap().iter().map(|port| &port["name"]).collect();
        assert_eq!(named, ["http", "https", "udp-53"]);
        assert!(!self::objects("services: {}").iter().any(|object| object.file.contains("policy")));
    }

    #[test]
    fn a_missing_secret_stops_no_pod() {
        let objects = objects(WEB);
        let volumes = find(&objects, "lan-daemonset.yaml", "/spec/template/spec/volumes");
        let projected = volumes.as_array().unwrap().iter().filter_map(|volume| volume.get("projected"));
        let sources: Vec<_> = projected.flat_map(|volume| volume["sources"].as_array().unwrap()).collect();
        let names: Vec<_> = sources.iter().map(|source| &source["secret"]["name"]).collect();
        assert_eq!(names, ["example.com-wildcard", "family"]);
        assert!(sources.iter().all(|source| source["secret"]["optional"] == true));
    }

    #[test]
    fn one_address_is_asked_for_where_there_are_two_networks() {
        let two = "k3s: { serviceCidr: [10.43.0.0/16, 'fd43::/112'], clusterCidr: [10.42.0.0/16, 'fd42::/56'] }";
        let check = |values: &str, policy: Value, families: Value| {
            let objects = objects(values);
            assert_eq!(find(&objects, "lan-service.yaml", "/spec/ipFamilyPolicy"), policy, "{values}");
            assert_eq!(find(&objects, "lan-service.yaml", "/spec/ipFamilies"), families, "{values}");
        };
        check("", Value::Null, Value::Null);
        check(two, json!("SingleStack"), json!(["IPv4"]));
    }
}
