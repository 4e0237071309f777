//! Ports of a service in, its Services out: the one for all, the headless companion, one per instance.

use std::net::IpAddr;

use serde::Serialize;

use crate::model::Cluster;
use crate::model::Service;
use crate::model::Workload;
use crate::plan::instances;
use crate::plan::names;
use crate::values::address::Range;
use crate::values::name::NodeName;
use crate::values::name::PortName;
use crate::values::name::ServiceName;
use crate::values::ports::Protocol;
use crate::values::route::Expose;

/// A port in one protocol: of a container and, with the same number, of its Services.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Port {
    /// At most 15 characters, unique in the service.
    pub name: String,
    pub port: u16,
    pub protocol: Protocol,
}

/// A Service.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct NetworkService {
    pub name: String,
    pub reach: Reach,
    /// The one instance behind it; `None`: all pods of the service.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instance: Option<String>,
    pub families: Families,
    pub ports: Vec<Port>,
}

/// The families of a Service's addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Families {
    /// That of the cluster's only network.
    Only,
    Both,
    /// Of two networks only this one: the addresses on the LAN have no other.
    V4,
    V6,
}

/// From where a Service is reached.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Reach {
    /// One address inside the cluster.
    Cluster,
    /// The addresses of the ready pods.
    Headless,
    /// An address of the LAN that MetalLB announces.
    LoadBalancer {
        /// Empty: any free one of the pool.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        addresses: Vec<IpAddr>,
        #[serde(skip_serializing_if = "Option::is_none")]
        pool: Option<String>,
        /// Whether only nodes with a ready pod announce it: the address moves within seconds when a node dies, and
        /// clients keep their address. Not where the pods may run on nodes that do not announce the pool.
        local: bool,
    },
}

/// The ports of a service in written order. The second protocol of a port has a name of its own: `dns`, `dns-udp`.
pub fn ports(service: &Service) -> Vec<Port> {
    let mut ports: Vec<Port> = Vec::new();
    for (name, port) in &service.ports {
        for (at, protocol) in port.protocols.iter().enumerate() {
            let name = if at == 0 { name.to_string() } else { second_name(service, name, *protocol) };
            ports.push(Port { name, port: port.port, protocol: *protocol });
        }
    }
    ports
}

fn second_name(service: &Service, name: &PortName, protocol: Protocol) -> String {
    let suffix = format!("-{}", protocol.as_str().to_lowercase());
    let shortened = |length: usize| {
        let start: String = name.as_str().chars().take(length).collect();
        format!("{}{suffix}", start.trim_end_matches('-'))
    };
    let free = (0..=11).rev().map(shortened).find(|name| !service.ports.contains_key(name.as_str()));
    free.unwrap_or_default()
}

/// The number of a port by its name.
pub fn number(service: &Service, name: &PortName) -> Option<u16> {
    service.ports.get(name).map(|port| port.port)
}

/// The Services of a service. What runs on a schedule is not reached.
pub fn services(cluster: &Cluster, name: &ServiceName, service: &Service) -> Vec<NetworkService> {
    if matches!(service.workload, Workload::CronJob(_)) {
        return Vec::new();
    }
    let ports = ports(service);
    let inside = if cluster.is_dual_stack() { Families::Both } else { Families::Only };
    let all =
        |name: String, reach| NetworkService { name, reach, instance: None, families: inside, ports: ports.clone() };
    let mut services = Vec::new();
    if !ports.is_empty() {
        let reach = reach(cluster, service);
        let families = if cluster.is_dual_stack() { families(cluster, &reach) } else { Families::Only };
        services.push(NetworkService { families, ..all(name.to_string(), reach) });
    }
    if instances::has_companion(cluster, service) {
        services.push(all(names::headless(name), Reach::Headless));
    }
    if let Workload::PerNode(nodes) = &service.workload {
        // An address that exists before the pod and outlives it; only a Service without ports must be headless.
        let reach = if ports.is_empty() { Reach::Headless } else { Reach::Cluster };
        services.extend(nodes.iter().map(|node| {
            let name = names::instance(name, node);
            NetworkService { reach: reach.clone(), instance: Some(name.clone()), ..all(name, Reach::Cluster) }
        }));
    }
    services
}

fn reach(cluster: &Cluster, service: &Service) -> Reach {
    let (addresses, pool): (Vec<IpAddr>, _) = match &service.expose {
        None => return Reach::Cluster,
        Some(Expose::Pool(expose)) => (Vec::new(), Some(&expose.pool)),
        Some(Expose::Address(expose)) => {
            let addresses: Vec<_> = expose.address.as_slice().iter().map(|address| address.0).collect();
            let holds = |range: &Range| addresses.iter().any(|ip| range.contains(*ip));
            let pool = cluster.pools.iter().find(|(_, pool)| pool.ranges.iter().any(holds));
            (addresses, pool.map(|(name, _)| name))
        }
    };
    let announcing: &[NodeName] = pool.and_then(|name| cluster.pools.get(name)).map_or(&[], |pool| &pool.nodes);
    let running: &[NodeName] = match &service.workload {
        Workload::PerNode(nodes) => nodes,
        _ => &service.nodes,
    };
    let local = announcing.is_empty() || (!running.is_empty() && running.iter().all(|node| announcing.contains(node)));
    Reach::LoadBalancer { addresses, pool: pool.map(ToString::to_string), local }
}

fn families(cluster: &Cluster, reach: &Reach) -> Families {
    let Reach::LoadBalancer { addresses, pool, .. } = reach else { return Families::Both };
    let pool = pool.as_ref().and_then(|name| cluster.pools.get(name.as_str()));
    let of_pool = pool.into_iter().flat_map(|pool| pool.ranges.iter().map(|range| range.first));
    let found: Vec<IpAddr> = if addresses.is_empty() { of_pool.collect() } else { addresses.clone() };
    match (found.iter().any(IpAddr::is_ipv4), found.iter().any(IpAddr::is_ipv6)) {
        (true, false) => Families::V4,
        (false, true) => Families::V6,
        _ => Families::Both,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::sample;

    fn check(service: &str, expect: &str) {
        let cluster = sample::cluster(&format!(
            "loadBalancer: {{ pools: {{ lan: {{ addresses: 10.0.0.0/24 }}, few: {{ addresses: 10.0.1.0/24, nodes: [a, b] }} }} }}
services: {{ web: {{ image: nginx:1, {service} }} }}"
        ));
        let (name, service) = cluster.services.iter().next().unwrap();
        let found: Vec<String> = services(&cluster, name, service)
            .iter()
            .map(|service| {
                let ports: Vec<_> = service.ports.iter().map(|port| port.name.as_str()).collect();
                format!("{} {:?} {}", service.name, service.reach, ports.join(","))
            })
            .collect();
        assert_eq!(found.join("\n"), expect);
    }

    #[test]
    fn services_follow_from_ports_and_instances() {
        check("ports: {}", "");
        check("ports: { http: 80, dns: { port: 53, protocol: [UDP, TCP] } }", "web Cluster http,dns,dns-udp");
        check("ports: { dns-udp: 1, dns: { port: 53, protocol: [UDP, TCP] } }", "web Cluster dns-udp,dns,dn-udp");
        check("replicas: 2, ports: { http: 80 }", "web Cluster http\nweb-headless Headless http");
        check("schedule: '1 1 * * *', ports: { http: 80 }", "");
        check("perNode: [a.lan], ports: { http: 80 }", "web Cluster http\nweb-a-lan Cluster http");
        check("perNode: [a]", "web-a Headless ");
    }

    #[test]
    fn a_service_has_the_families_of_its_addresses() {
        let check = |networks: &str, expose: &str, expect: Families| {
            let cluster = sample::cluster(&format!(
                "k3s: {{ serviceCidr: {networks} }}
loadBalancer: {{ pools: {{ four: {{ addresses: 10.0.0.0/24 }}, both: {{ addresses: [10.0.1.0/24, 'fd00::/64'] }} }} }}
services: {{ web: {{ image: nginx:1, ports: {{ http: 80 }}, {expose} }} }}"
            ));
            let (name, service) = cluster.services.iter().next().unwrap();
            assert_eq!(services(&cluster, name, service)[0].families, expect, "{networks} {expose}");
        };
        let two = "[10.43.0.0/16, 'fd43::/112']";
        check("10.43.0.0/16", "expose: { pool: both }", Families::Only);
        check(two, "user: 1", Families::Both);
        check(two, "expose: { pool: both }", Families::Both);
        check(two, "expose: { pool: four }", Families::V4);
        check(two, "expose: { address: 'fd00::1' }", Families::V6);
    }

    #[test]
    fn only_nodes_that_announce_take_traffic_where_pods_run_on_them() {
        let check = |service: &str, pool: &str, local: bool| {
            let reach = format!("web LoadBalancer {{ addresses: [], pool: Some(\"{pool}\"), local: {local} }} http");
            check(&format!("ports: {{ http: 80 }}, expose: {{ pool: {pool} }}, {service}"), &reach);
        };
        check("user: 1", "lan", true);
        check("user: 1", "few", false);
        check("nodes: [a]", "few", true);
        check("nodes: [a, c]", "few", false);
        super::tests::check(
            "ports: { http: 80 }, expose: { address: 10.0.1.7 }",
            "web LoadBalancer { addresses: [10.0.1.7], pool: Some(\"few\"), local: false } http",
        );
    }
}
