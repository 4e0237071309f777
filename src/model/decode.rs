//! The checked document -> `Cluster`. What the schema has passed decodes; an error left is our own bug.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::net::Ipv4Addr;

use ipnet::IpNet;
use ipnet::Ipv4Net;

use crate::model::cluster::Cluster;
use crate::model::cluster::Gateway;
use crate::model::cluster::K3s;
use crate::model::cluster::Node;
use crate::model::cluster::Placed;
use crate::model::cluster::Pool;
use crate::model::container::Container;
use crate::model::container::Probes;
use crate::model::route::Route;
use crate::model::route::Stream;
use crate::model::route::Way;
use crate::model::service::Job;
use crate::model::service::Port;
use crate::model::service::Service;
use crate::model::service::Workload;
use crate::values;
use crate::values::ClusterValues;
use crate::values::Document;
use crate::values::address::Network;
use crate::values::address::OneOrTwo;
use crate::values::address::nth;
use crate::values::certificates::DomainValues;
use crate::values::certificates::Issuer;
use crate::values::container::User;
use crate::values::name::Domain;
use crate::values::name::Duration;
use crate::values::name::Name;
use crate::values::name::ServiceName;
use crate::values::route::Override;
use crate::values::route::RouteKey;
use crate::values::route::RouteValues;
use crate::values::route::Routes;
use crate::values::route::Via;
use crate::values::route::ViaValues;
use crate::values::service::Kind;
use crate::values::service::Schedule;

/// What every part needs to know of the whole.
struct Context {
    domain: Option<Domain>,
    default_gateway: Option<Name>,
}

/// Decodes a document that the schema has passed. The error names the field.
pub fn decode(document: &Document) -> Result<Cluster, serde_path_to_error::Error<serde_json::Error>> {
    let values: ClusterValues = serde_path_to_error::deserialize(document.to_json())?;
    let gateways = gateways(values.gateways, &values.load_balancer.pools);
    let context = Context {
        domain: values.domain.clone(),
        default_gateway: gateways.iter().find(|(_, gateway)| gateway.default).map(|(name, _)| name.clone()),
    };
    let issuers = values.certificates.issuers;
    let default_issuer = only_or_default(&issuers, |issuer: &Issuer| issuer.default);
    let mut domains = values.certificates.domains;
    if let (Some(domain), Some(issuer)) = (&values.domain, &default_issuer) {
        let wildcard = issuers.get(issuer).is_some_and(Issuer::can_wildcard);
        domains.entry(domain.clone()).or_insert_with(|| DomainValues { issuer: Some(issuer.clone()), wildcard });
    }
    Ok(Cluster {
        namespace: values.namespace.unwrap_or_else(|| values.name.clone().into()),
        name: values.name,
        version: values.version,
        domain: values.domain,
        timezone: values.timezone,
        k3s: k3s(values.k3s),
        nodes: values.nodes.into_iter().map(|(name, node)| (name, machine(node))).collect(),
        storage: values.storage,
        pools: values.load_balancer.pools.into_iter().map(|(name, values)| (name, pool(values))).collect(),
        gateways,
        tunnel: values.tunnel.map(|tunnel| tunnel.cloudflare),
        issuers,
        default_issuer,
        domains,
        auth: values.auth,
        addons: values.addons,
        volumes: values.volumes,
        services: values
            .services
            .into_iter()
            .map(|(name, values)| {
                let service = service(&name, values, &context);
                (name, service)
            })
            .collect(),
        default_patches: values
            .defaults
            .get("patch")
            .and_then(|patch| patch.as_object())
            .map_or_else(Vec::new, |patch| patch.keys().cloned().collect()),
        extra_objects: values.extra_objects,
        images: values.images,
        removed: document.removed().to_vec(),
        placed: Placed::default(),
    })
}

/// The name of the one that says so, else of the only one.
fn only_or_default<T>(map: &BTreeMap<Name, T>, says_so: impl Fn(&T) -> bool) -> Option<Name> {
    let said = map.iter().find(|(_, value)| says_so(value));
    said.or_else(|| map.iter().next().filter(|_| map.len() == 1)).map(|(name, _)| name.clone())
}

fn gateways(
    values: BTreeMap<Name, values::gateways::Gateway>,
    pools: &BTreeMap<Name, values::load_balancer::Pool>,
) -> BTreeMap<Name, Gateway> {
    let values: BTreeMap<_, _> = values.into_iter().map(|(name, gateway)| (name, gateway.long())).collect();
    let default = only_or_default(&values, |gateway| gateway.default);
    let only_pool = pools.keys().next().filter(|_| pools.len() == 1);
    values
        .into_iter()
        .map(|(name, gateway)| {
            let gateway = Gateway {
                addresses: gateway.address.as_slice().iter().map(|address| address.0).collect(),
                default: default.as_ref() == Some(&name),
                says_default: gateway.default,
                nodes: gateway.nodes,
                pool: gateway.pool.or_else(|| only_pool.cloned()),
            };
            (name, gateway)
        })
        .collect()
}

fn k3s(values: values::k3s::K3s) -> K3s {
    let networks = |said: Option<OneOrTwo<Network>>, default: [u8; 4]| match said {
        Some(networks) => networks.as_slice().iter().map(|network| network.0.trunc()).collect(),
        None => vec![IpNet::V4(Ipv4Net::new_assert(Ipv4Addr::from(default), 16))],
    };
    let service_cidrs: Vec<IpNet> = networks(values.service_cidr, [10, 43, 0, 0]);
    K3s {
        version: values.version,
        api_address: values.api_address.map(String::from),
        interface: values.flannel.map(|flannel| flannel.interface),
        cluster_cidrs: networks(values.cluster_cidr, [10, 42, 0, 0]),
        cluster_dns: values.cluster_dns.map_or_else(|| tenth(&service_cidrs), |address| address.0),
        service_cidrs,
        cluster_domain: values.cluster_domain.unwrap_or_else(|| Domain::known("cluster.local")),
    }
}

/// The tenth address of the first service network (K3s: `--cluster-dns`).
fn tenth(networks: &[IpNet]) -> IpAddr {
    networks.first().map_or(IpAddr::V4(Ipv4Addr::new(10, 43, 0, 10)), |network| nth(network, 10))
}

fn machine(values: values::nodes::Node) -> Node {
    Node {
        addresses: values.address.as_slice().iter().map(|address| address.0).collect(),
        role: values.role,
        devices: values.devices,
        capacity: values.capacity,
        arch: values.arch,
        cpu: values.cpu,
        memory: values.memory,
    }
}

fn pool(values: values::load_balancer::Pool) -> Pool {
    Pool {
        ranges: values.addresses.as_slice().iter().map(|range| range.0).collect(),
        interfaces: values.interfaces,
        nodes: values.nodes,
    }
}

fn service(name: &ServiceName, values: values::service::Service, context: &Context) -> Service {
    let user = values.user.unwrap_or(User::Id(1000));
    let main = Container {
        image: values.image,
        command: values.command,
        args: values.args,
        workdir: values.workdir,
        user: None,
        capabilities: values.capabilities,
        writable_root: values.writable_root,
        privileged: values.privileged,
        resources: values.resources,
        env: values.env,
        env_from: values.env_from,
        mounts: values.mounts,
        probes: probes(values.probes, true),
    };
    let beside = |container| container_beside(container, &main);
    Service {
        kind: values.kind,
        has_schedule: values.schedule.is_some(),
        workload: match (values.schedule, values.kind) {
            _ if !values.per_node.is_empty() => Workload::PerNode(values.per_node),
            (Some(schedule), _) => Workload::CronJob(job(schedule)),
            (None, Kind::Deployment) => Workload::Deployment,
            (None, Kind::StatefulSet) => Workload::StatefulSet,
            (None, Kind::DaemonSet) => Workload::DaemonSet,
        },
        replicas: values.replicas,
        group: values.group.or(match user {
            User::Id(id) => Some(id),
            User::Image(_) => None,
        }),
        user,
        groups: values.groups,
        host_users: values.host_users,
        nodes: values.nodes,
        node_selector: values.node_selector,
        tolerations: values.tolerations,
        affinity: values.affinity,
        priority_class: values.priority_class,
        host_network: values.host_network,
        host_pid: values.host_pid,
        dns_policy: values.dns_policy,
        runtime_class: values.runtime_class,
        ports: values.ports.into_iter().map(|(name, values)| (name, port(values))).collect(),
        init: values.init.into_iter().map(|(name, container)| (name, beside(container))).collect(),
        sidecars: values.sidecars.into_iter().map(|(name, container)| (name, beside(container))).collect(),
        once: values.once.into_iter().map(|(name, container)| (name, beside(container))).collect(),
        routes: routes(name, values.routes, context),
        streams: values.streams.into_iter().map(|(name, values)| (name, stream(values, context))).collect(),
        expose: values.expose,
        service_account: values.service_account,
        metrics: values.metrics,
        labels: values.labels,
        annotations: values.annotations,
        pod_labels: values.pod_labels,
        pod_annotations: values.pod_annotations,
        service_annotations: values.service_annotations,
        grace: values.grace.as_ref().map_or(30, Duration::seconds),
        patch: values.patch,
        main,
    }
}

/// A container that runs the service's image has its environment as well; what it says itself wins.
fn container_beside(values: values::container::Container, main: &Container) -> Container {
    let same_image = values.image.as_ref().is_none_or(|image| *image == main.image);
    let mut env = if same_image { main.env.clone() } else { BTreeMap::new() };
    env.extend(values.env);
    let mut env_from = if same_image { main.env_from.clone() } else { indexmap::IndexMap::new() };
    env_from.extend(values.env_from);
    Container {
        image: values.image.unwrap_or_else(|| main.image.clone()),
        command: values.command,
        args: values.args,
        workdir: values.workdir,
        user: values.user,
        capabilities: values.capabilities,
        writable_root: values.writable_root,
        privileged: values.privileged,
        resources: values.resources,
        env,
        env_from,
        mounts: values.mounts,
        probes: probes(values.probes, false),
    }
}

fn probes(values: Option<values::probe::Probes>, main: bool) -> Probes {
    let values = values.unwrap_or_default();
    Probes {
        liveness: values.liveness,
        readiness: values.readiness,
        startup: values.startup,
        defaults: main && values.default.is_none(),
    }
}

fn job(schedule: Schedule) -> Job {
    match schedule {
        Schedule::Short(cron) => Job { cron, suspend: false, retries: 6 },
        Schedule::Long(values) => {
            Job { cron: values.cron, suspend: values.suspend, retries: values.retries.unwrap_or(6) }
        }
    }
}

fn port(values: values::ports::Port) -> Port {
    let mut values = values.long();
    values.protocol.sort_unstable();
    values.protocol.dedup();
    Port { port: values.port, protocols: values.protocol }
}

fn routes(service: &ServiceName, values: Routes, context: &Context) -> Vec<Route> {
    match values {
        Routes::Short(port) => {
            let key = RouteKey::from(service.clone());
            vec![route(key, values::route::Route::Short(port).long(), context)]
        }
        Routes::Long(routes) => routes.into_iter().map(|(key, values)| route(key, values.long(), context)).collect(),
    }
}

fn route(key: RouteKey, values: RouteValues, context: &Context) -> Route {
    let (host, path) = key.host_and_path();
    let way = |changes: ViaValues| Way {
        auth: match changes.auth {
            None => values.auth.clone(),
            Some(Override::Off(_)) => None,
            Some(Override::To(name)) => Some(name),
        },
        allow: match changes.allow {
            None => values.allow.iter().map(|network| network.0).collect(),
            Some(Override::Off(_)) => Vec::new(),
            Some(Override::To(networks)) => networks.iter().map(|network| network.0).collect(),
        },
    };
    let ways = match values.via {
        None => context.default_gateway.iter().map(|name| (name.clone(), way(ViaValues::default()))).collect(),
        Some(Via::Names(names)) => names.into_iter().map(|name| (name, way(ViaValues::default()))).collect(),
        Some(Via::Changed(ways)) => ways.into_iter().map(|(name, changes)| (name, way(changes))).collect(),
    };
    Route {
        host: complete(host, context.domain.as_ref()),
        path: path.to_owned(),
        port: values.port,
        auth: values.auth,
        ways,
        rate_limit: values.rate_limit,
        headers: values.headers,
        replace: values.replace,
        backend: values.backend,
        snippet: values.snippet,
        key,
    }
}

/// A host name without a dot (a leading `*.` apart) is one of `domain`.
pub fn complete(host: &str, domain: Option<&Domain>) -> String {
    match domain {
        Some(domain) if !host.strip_prefix("*.").unwrap_or(host).contains('.') => format!("{host}.{domain}"),
        _ => host.to_owned(),
    }
}

fn stream(values: values::route::Stream, context: &Context) -> Stream {
    let values = values.long();
    let via = if values.via.is_empty() { context.default_gateway.iter().cloned().collect() } else { values.via };
    Stream { port: values.port, via, proxy_protocol: values.proxy_protocol }
}

impl From<ServiceName> for RouteKey {
    fn from(name: ServiceName) -> Self {
        // Every name of a service is a host name.
        Self::from_checked(name.into())
    }
}

impl From<values::name::ChartName> for values::name::Namespace {
    fn from(name: values::name::ChartName) -> Self {
        // Every name of a chart is one of a namespace (RFC 1035 is narrower than RFC 1123).
        Self::from_checked(name.into())
    }
}
