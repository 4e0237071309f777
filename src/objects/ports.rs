//! Planned Services in, Kubernetes' Services out.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::Service;
use k8s_openapi::api::core::v1::ServicePort;
use k8s_openapi::api::core::v1::ServiceSpec;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use crate::objects::Object;
use crate::objects::container::list_of;
use crate::plan::ports::Families;
use crate::plan::ports::NetworkService;
use crate::plan::ports::Port;
use crate::plan::ports::Reach;

/// On the Services that repeat the pods of another one: nothing is to be read from them twice.
pub const COMPANION: &str = "helm-ha.dev/companion";

/// A Service; `metadata` has its labels and the annotations of the values.
pub fn service(plan: &NetworkService, mut metadata: ObjectMeta, selector: BTreeMap<String, String>) -> Object {
    let companion = match (&plan.instance, &plan.reach) {
        (Some(_), _) => Some("instance"),
        (None, Reach::Headless) => Some("headless"),
        (None, _) => None,
    };
    if let Some(companion) = companion {
        metadata.labels.get_or_insert_default().insert(COMPANION.to_owned(), companion.to_owned());
    }
    let (policy, families) = match plan.families {
        Families::Only => (None, None),
        Families::Both => (Some("PreferDualStack"), None),
        Families::V4 => (Some("SingleStack"), Some("IPv4")),
        Families::V6 => (Some("SingleStack"), Some("IPv6")),
    };
    let mut spec = ServiceSpec {
        ports: list_of(&plan.ports, port),
        selector: Some(selector),
        ip_family_policy: policy.map(str::to_owned),
        ip_families: families.map(|family| vec![family.to_owned()]),
        // Members of a cluster find each other before they are ready.
        publish_not_ready_addresses: plan.instance.is_some().then_some(true),
        ..ServiceSpec::default()
    };
    match &plan.reach {
        Reach::Cluster => spec.type_ = Some("ClusterIP".to_owned()),
        Reach::Headless => {
            spec.type_ = Some("ClusterIP".to_owned());
            spec.cluster_ip = Some("None".to_owned());
        }
        Reach::LoadBalancer { addresses, pool, local } => {
            spec.type_ = Some("LoadBalancer".to_owned());
            spec.external_traffic_policy = Some(if *local { "Local" } else { "Cluster" }.to_owned());
            spec.allocate_load_balancer_node_ports = Some(false);
            metadata.annotations.get_or_insert_default().extend(metallb(addresses, pool.as_deref()));
        }
    }
    Object::of(Service { metadata, spec: Some(spec), status: None })
}

/// MetalLB's annotations (`metallb.io/usage`, "Requesting specific IPs"): the addresses, else the pool.
pub fn metallb(addresses: &[std::net::IpAddr], pool: Option<&str>) -> BTreeMap<String, String> {
    let addresses: Vec<String> = addresses.iter().map(ToString::to_string).collect();
    let annotation = |name: &str, value: String| (format!("metallb.io/{name}"), value);
    match (addresses.is_empty(), pool) {
        (false, _) => [annotation("loadBalancerIPs", addresses.join(","))].into(),
        (true, Some(pool)) => [annotation("address-pool", pool.to_owned())].into(),
        (true, None) => BTreeMap::new(),
    }
}

fn port(port: &Port) -> ServicePort {
    ServicePort {
        name: Some(port.name.clone()),
        port: i32::from(port.port),
        protocol: Some(port.protocol.as_str().to_owned()),
        target_port: Some(IntOrString::Int(i32::from(port.port))),
        ..ServicePort::default()
    }
}
