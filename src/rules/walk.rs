//! A cluster in, its services, containers, mounts, routes and classes out, each with the field at which it stands.

use std::net::IpAddr;

use crate::diagnostic::FieldPath;
use crate::model::Cluster;
use crate::model::Container;
use crate::model::Route;
use crate::model::Service;
use crate::model::Workload;
use crate::model::complete;
use crate::plan::classes::Class;
use crate::rules::manifests;
use crate::values::address::Range;
use crate::values::mount::Mount;
use crate::values::name::MountPath;
use crate::values::name::Name;
use crate::values::name::NodeName;
use crate::values::name::ServiceName;
use crate::values::probe::Probe;
use crate::values::quantity::Quantity;
use crate::values::route::Expose;
use crate::values::storage::ClassName;

/// A service.
#[derive(Clone, Copy)]
pub struct ServiceAt<'a> {
    pub name: &'a ServiceName,
    pub service: &'a Service,
}

impl ServiceAt<'_> {
    pub fn path(&self) -> FieldPath {
        FieldPath::of(["services", self.name.as_str()])
    }

    /// One of its fields.
    pub fn field(&self, key: &str) -> FieldPath {
        FieldPath::of(["services", self.name.as_str(), key])
    }

    /// Whether its pods may start on a node that nobody thought of.
    pub fn may_move(&self) -> bool {
        let is_everywhere = matches!(self.service.workload, Workload::DaemonSet | Workload::PerNode(_));
        let is_bound = !self.service.nodes.is_empty() || !self.service.node_selector.is_empty();
        !is_everywhere && !is_bound && self.service.affinity.is_empty()
    }
}

pub fn services(cluster: &Cluster) -> impl Iterator<Item = ServiceAt<'_>> {
    cluster.services.iter().map(|(name, service)| ServiceAt { name, service })
}

/// A container of a service.
#[derive(Clone, Copy)]
pub struct ContainerAt<'a> {
    pub of: ServiceAt<'a>,
    /// `init`, `sidecars` or `once`, and its name there; `None` for the main one.
    pub beside: Option<(&'static str, &'a str)>,
    pub container: &'a Container,
}

impl ContainerAt<'_> {
    pub fn path(&self) -> FieldPath {
        match self.beside {
            None => self.of.path(),
            Some((list, name)) => self.of.field(list).key(name),
        }
    }

    /// The values of the variable were written for this container, not taken over from the main one.
    pub fn has_own(&self, variable: &str) -> bool {
        self.beside.is_none() || self.of.service.main.env.get(variable) != self.container.env.get(variable)
    }
}

impl<'a> ContainerAt<'a> {
    /// The probes that were written, with their keys.
    pub fn probes(&self) -> impl Iterator<Item = (&'static str, &'a Probe)> {
        let probes = &self.container.probes;
        [("liveness", &probes.liveness), ("readiness", &probes.readiness), ("startup", &probes.startup)]
            .into_iter()
            .filter_map(|(key, probe)| Some((key, probe.as_ref()?)))
    }
}

pub fn containers(cluster: &Cluster) -> impl Iterator<Item = ContainerAt<'_>> {
    services(cluster).flat_map(containers_of)
}

pub fn containers_of(of: ServiceAt<'_>) -> impl Iterator<Item = ContainerAt<'_>> {
    let service = of.service;
    let beside = move |list, name, container| ContainerAt { of, beside: Some((list, name)), container };
    std::iter::once(ContainerAt { of, beside: None, container: &service.main })
        .chain(service.init.iter().map(move |(name, container)| beside("init", name.as_str(), container)))
        .chain(service.sidecars.iter().map(move |(name, container)| beside("sidecars", name.as_str(), container)))
        .chain(service.once.iter().map(move |(name, container)| beside("once", name.as_str(), container)))
}

/// What one pod of a service asks for of `cpu` or `memory`, in thousandths.
pub fn requests(of: ServiceAt<'_>, resource: &str) -> u128 {
    containers_of(of)
        .filter(|at| matches!(at.beside, None | Some(("sidecars", _))))
        .filter_map(|at| at.container.resources.requests.get(resource))
        .map(Quantity::thousandths)
        .sum()
}

/// What a container finds at a path.
#[derive(Clone, Copy)]
pub struct MountAt<'a> {
    pub container: ContainerAt<'a>,
    pub at: &'a MountPath,
    pub mount: &'a Mount,
}

impl MountAt<'_> {
    pub fn path(&self) -> FieldPath {
        self.container.path().key("mounts").key(self.at.as_str())
    }
}

impl<'a> MountAt<'a> {
    /// The size that was written, and its key.
    pub fn size(&self) -> Option<(&'static str, &'a Quantity)> {
        match self.mount {
            Mount::Claim(mount) => Some(("claim", &mount.claim)),
            Mount::Local(mount) => Some(("size", &mount.size)),
            Mount::Scratch(mount) => Some(("scratch", &mount.scratch)),
            _ => None,
        }
    }
}

pub fn mounts(cluster: &Cluster) -> impl Iterator<Item = MountAt<'_>> {
    containers(cluster).flat_map(mounts_of)
}

/// Every amount that says how much fits in: of shared volumes and of mounts.
pub fn sizes(cluster: &Cluster) -> impl Iterator<Item = (FieldPath, &Quantity)> {
    let volumes = cluster
        .volumes
        .iter()
        .filter_map(|(name, volume)| Some((FieldPath::of(["volumes", name.as_str(), "size"]), volume.size.as_ref()?)));
    let mounts = mounts(cluster).filter_map(|at| at.size().map(|(key, size)| (at.path().key(key), size)));
    volumes.chain(mounts)
}

pub fn mounts_of(container: ContainerAt<'_>) -> impl Iterator<Item = MountAt<'_>> {
    container.container.mounts.iter().map(move |(at, mount)| MountAt { container, at, mount })
}

/// Every mount that lies below another one of its container, with the innermost one around it.
pub fn nested(cluster: &Cluster) -> impl Iterator<Item = (MountAt<'_>, MountAt<'_>)> {
    containers(cluster).flat_map(|container| {
        let mounts: Vec<(String, MountAt)> = mounts_of(container).map(|at| (normal(at.at.as_str()), at)).collect();
        let around = |path: &str| {
            let outer = mounts.iter().filter(|(outer, _)| is_below(path, outer) && outer != "/");
            outer.max_by_key(|(outer, _)| outer.len()).map(|(_, at)| *at)
        };
        let found: Vec<_> = mounts.iter().filter_map(|(path, at)| Some((*at, around(path)?))).collect();
        found
    })
}

/// An image that a container runs or mounts, or that stands in a patch, a manifest or `images`.
pub struct ImageAt<'a> {
    place: ImagePlace<'a>,
    pub image: &'a str,
}

enum ImagePlace<'a> {
    Container(ContainerAt<'a>),
    Mount(MountAt<'a>),
    Written(FieldPath),
}

impl ImageAt<'_> {
    pub fn path(&self) -> FieldPath {
        match &self.place {
            ImagePlace::Container(container) => container.path().key("image"),
            ImagePlace::Mount(mount) => mount.path().key("image"),
            ImagePlace::Written(path) => path.clone(),
        }
    }
}

/// Every image that is written. A container that runs the service's image is not told apart from one that says so.
pub fn images(cluster: &Cluster) -> impl Iterator<Item = ImageAt<'_>> {
    let of_services = containers(cluster).flat_map(|container| {
        let image = &container.container.image.0;
        let own = container.beside.is_none() || *image != container.of.service.main.image.0;
        let run = own.then_some(ImageAt { place: ImagePlace::Container(container), image });
        let mounted = mounts_of(container).filter_map(move |at| match at.mount {
            Mount::Image(mount) => Some(ImageAt { place: ImagePlace::Mount(at), image: &mount.image.0 }),
            _ => None,
        });
        run.into_iter().chain(mounted)
    });
    let written = manifests::images(cluster).into_iter();
    let listed = cluster.images.iter().enumerate();
    let listed = listed.map(|(index, image)| (FieldPath::of(["images"]).index(index), image.0.as_str()));
    of_services.chain(written.chain(listed).map(|(path, image)| ImageAt { place: ImagePlace::Written(path), image }))
}

/// An address of its own that a service asks for.
#[derive(Clone, Copy)]
pub struct ExposedAt<'a> {
    pub of: ServiceAt<'a>,
    /// Its place in the list, when there are two.
    index: Option<usize>,
    pub address: IpAddr,
}

impl ExposedAt<'_> {
    pub fn path(&self) -> FieldPath {
        let path = self.of.field("expose").key("address");
        self.index.map_or(path.clone(), |index| path.index(index))
    }
}

pub fn exposed(cluster: &Cluster) -> impl Iterator<Item = ExposedAt<'_>> {
    services(cluster).flat_map(|of| {
        let addresses = match &of.service.expose {
            Some(Expose::Address(expose)) => expose.address.as_slice(),
            _ => &[],
        };
        let index = move |index| (addresses.len() > 1).then_some(index);
        addresses.iter().enumerate().map(move |(at, address)| ExposedAt { of, index: index(at), address: address.0 })
    })
}

/// The address of a gateway.
pub struct VirtualAddress<'a> {
    pub name: &'a Name,
    pub path: FieldPath,
    pub address: IpAddr,
}

pub fn virtual_addresses(cluster: &Cluster) -> impl Iterator<Item = VirtualAddress<'_>> {
    cluster.gateways.iter().flat_map(|(name, gateway)| {
        let path = FieldPath::of(["gateways", name.as_str(), "address"]);
        let two = gateway.addresses.len() > 1;
        gateway.addresses.iter().enumerate().map(move |(index, address)| VirtualAddress {
            name,
            path: if two { path.index(index) } else { path.clone() },
            address: *address,
        })
    })
}

/// The addresses of machines: of nodes, of the API and of NFS servers, each with what it is and where it stands.
pub fn fixed_addresses(cluster: &Cluster) -> impl Iterator<Item = (String, FieldPath, IpAddr)> {
    let nodes = cluster.nodes.iter().flat_map(|(name, node)| {
        let path = FieldPath::of(["nodes", name.as_str(), "address"]);
        node.addresses.iter().map(move |address| (format!("node `{name}`"), path.clone(), address.addr()))
    });
    let api = cluster.k3s.api_address.iter().filter_map(|text| {
        Some(("the Kubernetes API".to_owned(), FieldPath::of(["k3s", "apiAddress"]), text.parse().ok()?))
    });
    let servers = cluster.storage.nfs.iter().filter_map(|(name, export)| {
        let path = FieldPath::of(["storage", "nfs", name.as_str(), "server"]);
        Some((format!("the server of export `{name}`"), path, export.server.parse().ok()?))
    });
    nodes.chain(api).chain(servers)
}

/// The ranges of the pools. A pool with one range says it without a list.
pub fn ranges(cluster: &Cluster) -> impl Iterator<Item = (Range, FieldPath)> {
    cluster.pools.iter().flat_map(|(name, pool)| {
        let path = FieldPath::of(["loadBalancer", "pools", name.as_str(), "addresses"]);
        let several = pool.ranges.len() > 1;
        let path = move |index| if several { path.index(index) } else { path.clone() };
        pool.ranges.iter().enumerate().map(move |(index, range)| (*range, path(index)))
    })
}

/// A path without doubled or closing slashes, `.` and `..`, as the container sees it.
pub fn normal(path: &str) -> String {
    let mut steps: Vec<&str> = Vec::new();
    for step in path.split('/') {
        match step {
            "" | "." => {}
            ".." => _ = steps.pop(),
            step => steps.push(step),
        }
    }
    format!("/{}", steps.join("/"))
}

/// Whether a normal path lies below another one.
pub fn is_below(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/') || (folder == "/" && !rest.is_empty()))
}

/// A route of a service.
#[derive(Clone, Copy)]
pub struct RouteAt<'a> {
    pub of: ServiceAt<'a>,
    pub route: &'a Route,
}

impl RouteAt<'_> {
    pub fn path(&self) -> FieldPath {
        self.of.field("routes").key(self.route.key.as_str())
    }
}

pub fn routes(cluster: &Cluster) -> impl Iterator<Item = RouteAt<'_>> {
    services(cluster).flat_map(|of| of.service.routes.iter().map(move |route| RouteAt { of, route }))
}

/// Every list of nodes by name: of pools, gateways and services.
pub fn node_lists(cluster: &Cluster) -> impl Iterator<Item = (FieldPath, &[NodeName])> {
    let pools =
        cluster.pools.iter().filter(|(_, pool)| !pool.nodes.is_empty()).map(|(name, pool)| {
            (FieldPath::of(["loadBalancer", "pools", name.as_str(), "nodes"]), pool.nodes.as_slice())
        });
    let gateways = cluster
        .gateways
        .iter()
        .filter(|(_, gateway)| !gateway.nodes.is_empty())
        .map(|(name, gateway)| (FieldPath::of(["gateways", name.as_str(), "nodes"]), gateway.nodes.as_slice()));
    let services = services(cluster).flat_map(|of| {
        let per_node = match &of.service.workload {
            Workload::PerNode(nodes) => nodes.as_slice(),
            _ => &[],
        };
        [("nodes", of.service.nodes.as_slice()), ("perNode", per_node)]
            .into_iter()
            .filter(|(_, nodes)| !nodes.is_empty())
            .map(move |(key, nodes)| (of.field(key), nodes))
    });
    pools.chain(gateways).chain(services)
}

/// The class of every volume and private claim that the chart makes, and the field that decides it.
pub fn classes(cluster: &Cluster) -> impl Iterator<Item = (FieldPath, &ClassName)> {
    let volumes = cluster.volumes.iter().filter(|(_, volume)| volume.existing.is_none()).map(|(name, volume)| {
        match &volume.class {
            Some(class) => (FieldPath::of(["volumes", name.as_str(), "class"]), class),
            None => (FieldPath::of(["storage", "shared"]), &cluster.storage.shared),
        }
    });
    let claims = mounts(cluster).filter_map(|at| match at.mount {
        Mount::Claim(claim) => Some(match &claim.class {
            Some(class) => (at.path().key("class"), class),
            None => (FieldPath::of(["storage", "private"]), &cluster.storage.private),
        }),
        _ => None,
    });
    volumes.chain(claims)
}

/// Whether anything lies on the Ceph cluster.
pub fn uses_ceph(cluster: &Cluster) -> bool {
    classes(cluster).any(|(_, word)| matches!(Class::of(cluster, word), Some(Class::CephFs | Class::CephBlock)))
}

/// Whether a host is a domain or lies below it.
pub fn is_host_of(host: &str, domain: &str) -> bool {
    host.strip_suffix(domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

/// The complete host of Ceph's dashboard, when there is one.
pub fn dashboard_host(cluster: &Cluster) -> Option<String> {
    let host = cluster.storage.ceph.dashboard.as_ref().filter(|_| uses_ceph(cluster))?;
    Some(complete(host.as_str(), cluster.domain.as_ref()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_compared_as_the_container_sees_them() {
        let check = |path: &str, expect: &str| assert_eq!(normal(path), expect);
        check("/a//b/", "/a/b");
        check("/./a/../b", "/b");
        check("/..", "/");
        assert!(is_below("/a/b", "/a") && is_below("/a", "/") && !is_below("/ab", "/a") && !is_below("/a", "/a"));
    }
}
