//! `CephCluster` (Rook, `pkg/apis/ceph.rook.io/v1/types.go`): the daemons, the disks that they may have, what they ask for.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::ResourceRequirements;
use k8s_openapi::api::core::v1::Toleration;
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde::Serialize;

use crate::objects::ChartObject;
use crate::objects::Exposed;
use crate::objects::Form;
use crate::objects::custom::Kind;
use crate::objects::steps;
use crate::plan::ceph::Ceph;
use crate::plan::ceph::Resources;

const CLUSTER: Kind = Kind { api_version: "ceph.rook.io/v1", kind: "CephCluster" };
const IMAGE: &str = "quay.io/ceph/ceph:v20.2.4";

/// `CephCluster.spec`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Spec<'a> {
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    ceph_config: &'a BTreeMap<&'static str, BTreeMap<&'static str, String>>,
    ceph_version: Version,
    dashboard: Dashboard,
    data_dir_host_path: &'a str,
    disruption_management: DisruptionManagement,
    log_collector: LogCollector,
    mgr: Daemons,
    mon: Daemons,
    placement: BTreeMap<&'static str, Placement>,
    priority_class_names: BTreeMap<&'static str, &'static str>,
    resources: BTreeMap<&'a str, ResourceRequirements>,
    security: Security,
    storage: Storage<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Version {
    allow_unsupported: bool,
    image: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Daemons {
    allow_multiple_per_node: bool,
    count: u32,
}

#[derive(Serialize)]
struct Dashboard {
    enabled: bool,
    ssl: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct DisruptionManagement {
    manage_pod_budgets: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct LogCollector {
    enabled: bool,
    max_log_size: &'static str,
    periodicity: &'static str,
}

/// Where pods may run.
#[derive(Serialize)]
pub struct Placement {
    pub tolerations: Vec<Toleration>,
}

#[derive(Serialize)]
struct Security {
    cephx: Cephx,
}

#[derive(Serialize)]
struct Cephx {
    csi: KeyType,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct KeyType {
    key_type: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Storage<'a> {
    nodes: Vec<Node<'a>>,
    use_all_devices: bool,
    use_all_nodes: bool,
}

#[derive(Serialize)]
struct Node<'a> {
    devices: Vec<Device<'a>>,
    name: &'a str,
}

#[derive(Serialize)]
struct Device<'a> {
    name: &'a str,
}

/// The cluster. Only named disks of named nodes are used. CSI's key is of the type that kernels before 7.0 know.
pub fn object(metadata: ObjectMeta, plan: &Ceph) -> ChartObject {
    let daemons = |count| Daemons { allow_multiple_per_node: false, count };
    let resources = plan.resources.iter().filter(|(daemon, _)| **daemon != "mds");
    let spec = Spec {
        ceph_config: &plan.config,
        ceph_version: Version { allow_unsupported: false, image: IMAGE },
        dashboard: Dashboard { enabled: plan.dashboard, ssl: false },
        data_dir_host_path: &plan.data_dir_host_path,
        disruption_management: DisruptionManagement { manage_pod_budgets: true },
        log_collector: LogCollector { enabled: true, max_log_size: "500M", periodicity: "daily" },
        mgr: daemons(plan.managers),
        mon: daemons(plan.monitors),
        placement: BTreeMap::from([("all", Placement { tolerations: server_tolerations() })]),
        priority_class_names: BTreeMap::from([
            ("mgr", "system-cluster-critical"),
            ("mon", "system-node-critical"),
            ("osd", "system-node-critical"),
        ]),
        resources: resources.map(|(daemon, resources)| (*daemon, requirements(*resources))).collect(),
        security: Security { cephx: Cephx { csi: KeyType { key_type: "aes" } } },
        storage: Storage { nodes: nodes(plan), use_all_devices: false, use_all_nodes: false },
    };
    let image = Exposed::new(
        &["ceph", "image"],
        steps("spec/cephVersion/image"),
        Form::Image { prefix: String::new() },
        "The image of Ceph's daemons. A newer one upgrades the storage cluster.",
    );
    let object = CLUSTER.object(metadata, spec);
    ChartObject { exposed: vec![image], ..ChartObject::new("cephcluster.yaml", object) }
}

fn nodes(plan: &Ceph) -> Vec<Node<'_>> {
    let mut nodes = Vec::new();
    for (name, devices) in &plan.devices {
        nodes.push(Node { devices: devices.iter().map(|name| Device { name }).collect(), name });
    }
    nodes
}

/// Taints of K3s' servers (`docs.k3s.io/advanced`, node labels and taints) and of a kubeadm control plane.
pub fn server_tolerations() -> Vec<Toleration> {
    let exists = |key: &str| Toleration {
        key: Some(key.to_owned()),
        operator: Some("Exists".to_owned()),
        ..Toleration::default()
    };
    vec![exists("CriticalAddonsOnly"), exists("node-role.kubernetes.io/control-plane")]
}

/// Requests, and the limit of memory.
pub fn requirements(resources: Resources) -> ResourceRequirements {
    let quantity = |text: &str| Quantity(text.to_owned());
    ResourceRequirements {
        limits: Some([("memory".to_owned(), quantity(resources.memory_limit))].into()),
        requests: Some(
            [("cpu".to_owned(), quantity(resources.cpu)), ("memory".to_owned(), quantity(resources.memory))].into(),
        ),
        ..ResourceRequirements::default()
    }
}
