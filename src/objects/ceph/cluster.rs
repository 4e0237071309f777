//! `CephCluster` (Rook, `pkg/apis/ceph.rook.io/v1/types.go`): the daemons, the disks that they may have, what they ask for.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::NodeAffinity;
use k8s_openapi::api::core::v1::NodeSelector;
use k8s_openapi::api::core::v1::NodeSelectorRequirement;
use k8s_openapi::api::core::v1::NodeSelectorTerm;
use k8s_openapi::api::core::v1::PodAntiAffinity;
use k8s_openapi::api::core::v1::ResourceRequirements;
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde::Serialize;
use serde_json::Value;
use serde_json::json;

use crate::objects::ChartObject;
use crate::objects::Exposed;
use crate::objects::Form;
use crate::objects::container::list_of;
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
    /// What Rook does anyway unless told otherwise, written as its chart writes it.
    #[serde(flatten)]
    usual: Value,
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
    /// Minutes for which the OSDs of a drained node may be away before others are drained.
    osd_maintenance_timeout: u32,
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
#[serde(rename_all = "camelCase")]
pub struct Placement {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub node_affinity: Option<NodeAffinity>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pod_anti_affinity: Option<PodAntiAffinity>,
    pub tolerations: Vec<Value>,
}

impl Placement {
    /// On the nodes of the plan, servers included.
    pub fn of(plan: &Ceph) -> Self {
        // Taints of K3s' servers (docs.k3s.io/advanced, node labels and taints) and of a control plane of Kubernetes.
        let exists = |key: &str| json!({ "key": key, "operator": "Exists" });
        let servers = ["CriticalAddonsOnly", "node-role.kubernetes.io/control-plane"].map(exists);
        let said = plan.tolerations.iter().cloned().map(Value::Object);
        Self {
            node_affinity: node_affinity(&plan.node_selector),
            pod_anti_affinity: None,
            tolerations: servers.into_iter().chain(said).collect(),
        }
    }
}

/// Nodes with all these labels; `None` for every node.
pub fn node_affinity(labels: &BTreeMap<String, String>) -> Option<NodeAffinity> {
    let expression = |(key, value): (&String, &String)| NodeSelectorRequirement {
        key: key.clone(),
        operator: "In".to_owned(),
        values: Some(vec![value.clone()]),
    };
    let match_expressions = list_of(&labels.iter().collect::<Vec<_>>(), |pair| expression(*pair))?;
    let term = NodeSelectorTerm { match_expressions: Some(match_expressions), match_fields: None };
    Some(NodeAffinity {
        required_during_scheduling_ignored_during_execution: Some(NodeSelector { node_selector_terms: vec![term] }),
        ..NodeAffinity::default()
    })
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
    let resources = plan.resources.iter().filter(|(daemon, _)| !["mds", "operator"].contains(*daemon));
    let spec = Spec {
        ceph_config: &plan.config,
        ceph_version: Version { allow_unsupported: false, image: IMAGE },
        dashboard: Dashboard { enabled: plan.dashboard, ssl: false },
        data_dir_host_path: &plan.data_dir_host_path,
        disruption_management: DisruptionManagement { manage_pod_budgets: true, osd_maintenance_timeout: 30 },
        log_collector: LogCollector { enabled: true, max_log_size: "500M", periodicity: "daily" },
        mgr: daemons(plan.managers),
        mon: daemons(plan.monitors),
        placement: BTreeMap::from([("all", Placement::of(plan))]),
        priority_class_names: BTreeMap::from([
            ("mgr", "system-cluster-critical"),
            ("mon", "system-node-critical"),
            ("osd", "system-node-critical"),
        ]),
        resources: resources.map(|(daemon, resources)| (*daemon, requirements(*resources))).collect(),
        security: Security { cephx: Cephx { csi: KeyType { key_type: "aes" } } },
        storage: Storage { nodes: nodes(plan), use_all_devices: false, use_all_nodes: false },
        usual: usual(),
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

/// `deploy/charts/rook-ceph-cluster/values.yaml`. Nothing is ever wiped when the object is deleted.
fn usual() -> Value {
    let watched = |interval: &str| json!({ "disabled": false, "interval": interval });
    let on = json!({ "disabled": false });
    json!({
        "cleanupPolicy": {
            "allowUninstallWithVolumes": false,
            "confirmation": "",
            "sanitizeDisks": { "dataSource": "zero", "iteration": 1, "method": "quick" },
        },
        "continueUpgradeAfterChecksEvenIfNotHealthy": false,
        "crashCollector": { "disable": false },
        "healthCheck": {
            "daemonHealth": { "mon": watched("45s"), "osd": watched("60s"), "status": watched("60s") },
            "livenessProbe": { "mgr": on, "mon": on, "osd": on },
        },
        "monitoring": { "enabled": false },
        "network": { "connections": {
            "compression": { "enabled": false }, "encryption": { "enabled": false }, "requireMsgr2": false,
        } },
        "removeOSDsIfOutAndSafeToRemove": false,
        "skipUpgradeChecks": false,
        "upgradeOSDRequiresHealthyPGs": false,
        "waitTimeoutForHealthyOSDInMinutes": 10,
    })
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
