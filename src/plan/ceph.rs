//! The Ceph cluster that Rook runs: who runs what, on which disks, with which pools and storage classes.

mod daemons;
mod storage_classes;

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Map;
use serde_json::Value;

use crate::model::Cluster;
use crate::model::complete;
use crate::plan::addons;
use crate::plan::addons::Addon;
use crate::plan::classes::Class;
use crate::values::mount::Mount;
use crate::values::name::Name;
use crate::values::program::Verbosity;

pub use daemons::Resources;
pub use storage_classes::StorageClass;

/// Fixed names: a renamed pool or filesystem would be a new, empty one.
pub const CLUSTER: &str = "rook-ceph";
pub const FILESYSTEM: &str = "cephfs";
pub const BLOCK_POOL: &str = "ceph-block";
/// The first data pool of the filesystem; Ceph knows it as `FILESYSTEM-DATA_POOL`.
pub const DATA_POOL: &str = "data0";

/// The Ceph cluster.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Ceph {
    pub addon: Addon,
    pub name: &'static str,
    pub data_dir_host_path: String,
    /// Odd; a majority of them must live.
    pub monitors: u32,
    pub managers: u32,
    /// Copies of every piece of data, each on another node.
    pub replicas: u32,
    /// Ceph's own settings by section, where a cluster of so few copies needs other ones than Ceph's.
    pub config: BTreeMap<&'static str, BTreeMap<&'static str, String>>,
    /// Disks by node.
    pub devices: BTreeMap<String, Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filesystem: Option<Filesystem>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub block_pool: Option<&'static str>,
    pub storage_classes: BTreeMap<&'static str, StorageClass>,
    /// Whether the managers serve the dashboard.
    pub dashboard: bool,
    /// Pods of each CSI driver that make and attach volumes; one waits for the other to die.
    pub csi_controllers: u32,
    /// Whether there is a pod with Ceph's commands.
    pub toolbox: bool,
    pub log_level: Verbosity,
    /// Labels of the nodes where all this may run; empty for all.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub node_selector: BTreeMap<String, String>,
    /// In Kubernetes' own form, beside those for servers.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tolerations: Vec<Map<String, Value>>,
    /// By daemon, as Rook names them (`CephCluster.spec.resources`); `mds` is the filesystem's, `operator` Rook's own.
    pub resources: BTreeMap<&'static str, Resources>,
}

/// The filesystem of class `cephfs`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Filesystem {
    pub name: &'static str,
    pub data_pool: &'static str,
    /// Whether a second metadata server follows the first one on another node.
    pub standby: bool,
}

/// The route of the gateway to the dashboard.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DashboardRoute {
    /// The default gateway.
    pub gateway: Name,
    /// Complete.
    pub host: String,
    pub service: &'static str,
    pub namespace: String,
    /// HTTP inside the cluster; TLS is the gateway's.
    pub port: u16,
}

/// The Ceph cluster; `None` when no volume or claim uses it.
pub fn plan(cluster: &Cluster) -> Option<Ceph> {
    let (filesystem, block) = (uses(cluster, &Class::CephFs), uses(cluster, &Class::CephBlock));
    if !filesystem && !block {
        return None;
    }
    let values = &cluster.storage.ceph;
    let addon = addons::rook(cluster);
    let nodes = cluster.nodes.len();
    let rook = &cluster.addons.rook;
    Some(Ceph {
        name: CLUSTER,
        data_dir_host_path: values.data_dir_host_path.to_string(),
        monitors: monitors(nodes),
        managers: if nodes > 1 { 2 } else { 1 },
        replicas: values.replicas,
        config: config(values.replicas),
        devices: devices(cluster),
        filesystem: filesystem.then_some(Filesystem { name: FILESYSTEM, data_pool: DATA_POOL, standby: nodes > 1 }),
        block_pool: block.then_some(BLOCK_POOL),
        storage_classes: storage_classes::of(&addon.namespace, filesystem, block),
        dashboard: values.dashboard.is_some(),
        csi_controllers: if nodes > 1 { 2 } else { 1 },
        toolbox: rook.toolbox,
        log_level: rook.log_level,
        node_selector: rook.node_selector.clone(),
        tolerations: rook.tolerations.clone(),
        resources: daemons::resources(values.size),
        addon,
    })
}

/// Whether a volume or claim lies on Ceph.
pub fn is_used(cluster: &Cluster) -> bool {
    uses(cluster, &Class::CephFs) || uses(cluster, &Class::CephBlock)
}

/// The dashboard's route; `None` without `storage.ceph.dashboard`, without a gateway, or when nothing uses Ceph.
pub fn dashboard(cluster: &Cluster) -> Option<DashboardRoute> {
    let host = cluster.storage.ceph.dashboard.as_ref().filter(|_| is_used(cluster))?;
    Some(DashboardRoute {
        gateway: cluster.default_gateway()?.clone(),
        host: complete(host.as_str(), cluster.domain.as_ref()),
        service: "rook-ceph-mgr-dashboard",
        namespace: addons::rook(cluster).namespace,
        port: 7000,
    })
}

fn uses(cluster: &Cluster, class: &Class) -> bool {
    let volumes = cluster.volumes.values().filter(|volume| volume.existing.is_none());
    let shared = volumes.map(|volume| volume.class.as_ref().unwrap_or(&cluster.storage.shared));
    let containers = cluster.services.values().flat_map(|service| service.containers());
    let private = containers.flat_map(|(_, container)| container.mounts.values()).filter_map(|mount| match mount {
        Mount::Claim(claim) => Some(claim.class.as_ref().unwrap_or(&cluster.storage.private)),
        _ => None,
    });
    shared.chain(private).any(|word| Class::of(cluster, word).as_ref() == Some(class))
}

/// One per node up to three; five from five nodes on, so that two may die (Rook, "CephCluster CRD", mon settings).
fn monitors(nodes: usize) -> u32 {
    match nodes {
        0..=2 => 1,
        3 | 4 => 3,
        _ => 5,
    }
}

/// Pools that are not ours, such as `.mgr`, have Ceph's default of three copies; fewer nodes could not hold them.
fn config(replicas: u32) -> BTreeMap<&'static str, BTreeMap<&'static str, String>> {
    let mut global = BTreeMap::new();
    if replicas < 3 {
        global.insert("osd_pool_default_size", replicas.to_string());
    }
    if replicas == 1 {
        global.insert("mon_warn_on_pool_no_redundancy", "false".to_owned());
    }
    if global.is_empty() { BTreeMap::new() } else { BTreeMap::from([("global", global)]) }
}

fn devices(cluster: &Cluster) -> BTreeMap<String, Vec<String>> {
    let nodes = cluster.nodes.iter().filter(|(_, node)| !node.devices.is_empty());
    nodes.map(|(name, node)| (name.to_string(), node.devices.iter().map(ToString::to_string).collect())).collect()
}
