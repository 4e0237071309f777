//! A service: one program with its ports, files, routes and helpers.
//! Long because it is one list of keys, which a reader wants to see whole.

use std::collections::BTreeMap;

use indexmap::IndexMap;
use schemars::JsonSchema;
use schemars::Schema;
use schemars::SchemaGenerator;
use serde::Deserialize;
use serde::Serialize;
use serde_json::Map;
use serde_json::Value;

use crate::values::container::Container;
use crate::values::container::Resources;
use crate::values::container::User;
use crate::values::env::EnvSource;
use crate::values::env::EnvValue;
use crate::values::image::Image;
use crate::values::mount::Mount;
use crate::values::name::Duration;
use crate::values::name::EnvName;
use crate::values::name::MountPath;
use crate::values::name::Name;
use crate::values::name::NodeName;
use crate::values::name::ObjectName;
use crate::values::name::PortName;
use crate::values::name::text_type;
use crate::values::ports::Port;
use crate::values::probe::NoProbe;
use crate::values::probe::Probe;
use crate::values::probe::Probes;
use crate::values::route::Expose;
use crate::values::route::Routes;
use crate::values::route::Stream;

/// The keys of a service that `defaults` may not hold.
pub const NOT_IN_DEFAULTS: &[&str] = &["image", "routes", "streams", "expose", "perNode", "schedule"];

/// A service of the cluster: one subchart.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Service {
    /// Image with registry and tag.
    #[schemars(example = &"docker.io/library/nginx:1.28.3")]
    pub image: Image,
    /// Kind of workload. `schedule` and `perNode` decide themselves.
    #[serde(default)]
    pub kind: Kind,
    /// Number of pods. A service that writes a claim or a shared volume and does not say it is a single writer:
    /// the old pod ends before the new one starts.
    #[schemars(range(min = 0, max = 1000))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replicas: Option<u32>,
    /// Runs on a schedule (CronJob). Short form: the cron expression.
    #[schemars(example = &"17 3 * * *")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schedule: Option<Schedule>,
    /// One instance pinned to each of these nodes: for programs that replicate their data themselves.
    #[schemars(example = &["k3s-server1", "k3s-server2", "k3s-server3"], length(min = 1))]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub per_node: Vec<NodeName>,
    /// Jobs that run once per change. They must be harmless when run again, or twice at once.
    #[schemars(example = &serde_json::json!({"init": {"command": ["./cockroach", "init"]}}))]
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub once: BTreeMap<Name, Container>,
    /// Program and its first arguments, instead of the image's.
    #[schemars(example = &["photos", "index"])]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub command: Vec<String>,
    /// Arguments.
    #[schemars(example = &["start", "--insecure"])]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub args: Vec<String>,
    /// Folder in which the program starts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workdir: Option<MountPath>,
    /// User id, or `image`. Default: 1000.
    #[schemars(example = &1000)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<User>,
    /// Group id. Default: the user's id.
    #[schemars(range(min = 0, max = 2_147_483_647))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<u32>,
    /// Supplemental group ids.
    #[schemars(example = &[44], inner(range(min = 0, max = 2_147_483_647)))]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<u32>,
    /// Linux capabilities beside none.
    #[schemars(example = &["NET_ADMIN"], inner(regex(pattern = r"^[A-Z_]+$")))]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub capabilities: Vec<String>,
    /// Whether the image's own files can be written.
    #[serde(default)]
    pub writable_root: bool,
    /// Whether it may do anything on the node.
    #[serde(default)]
    pub privileged: bool,
    /// `false`: a user namespace of its own, so that root inside is nobody outside.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host_users: Option<bool>,
    /// Nodes that it may run on.
    #[schemars(example = &["k3s-agent1"])]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub nodes: Vec<NodeName>,
    /// Labels of the nodes that it may run on.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub node_selector: BTreeMap<String, String>,
    /// Tolerations in Kubernetes' own form.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tolerations: Vec<Map<String, Value>>,
    /// Affinity in Kubernetes' own form.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub affinity: Map<String, Value>,
    /// Priority class.
    #[schemars(example = &"system-cluster-critical")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub priority_class: Option<ObjectName>,
    /// Whether it uses the network of the node.
    #[serde(default)]
    pub host_network: bool,
    /// Whether it sees the processes of the node.
    #[serde(default, rename = "hostPID")]
    pub host_pid: bool,
    /// DNS policy in Kubernetes' words, instead of the generated one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dns_policy: Option<DnsPolicy>,
    /// Runtime class.
    #[schemars(example = &"nvidia")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub runtime_class: Option<ObjectName>,
    /// CPU, memory and devices.
    #[serde(default)]
    pub resources: Resources,
    /// Ports by name.
    #[schemars(example = &serde_json::json!({"http": 8080, "dns": {"port": 53, "protocol": ["TCP", "UDP"]}}))]
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub ports: IndexMap<PortName, Port>,
    /// Environment variables.
    #[schemars(example = &serde_json::json!({"LOG_LEVEL": "info", "TOKEN": {"secret": "media", "key": "token"}}))]
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub env: BTreeMap<EnvName, EnvValue>,
    /// Secrets and ConfigMaps whose keys become variables.
    #[schemars(example = &serde_json::json!({"media-env": "secret", "media-flags": "config"}))]
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub env_from: IndexMap<ObjectName, EnvSource>,
    /// What it finds at which path.
    #[schemars(example = &serde_json::json!({"/data": {"volume": "media"}, "/cache": {"scratch": "64Mi"}}))]
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub mounts: BTreeMap<MountPath, Mount>,
    /// Containers that run to their end before the others start, in written order.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub init: IndexMap<Name, Container>,
    /// Containers beside the main one.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub sidecars: IndexMap<Name, Container>,
    /// Liveness and readiness in one. `none`: no probes.
    #[schemars(example = &serde_json::json!({"http": "/healthz"}))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub probe: Option<OneProbe>,
    /// Liveness, readiness and startup apart.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub probes: Option<Probes>,
    /// HTTP routes: `HOST[/PATH]: PORT`.
    #[schemars(example = &serde_json::json!({"photos": {"port": "http", "via": ["lan", "tunnel"]}}))]
    #[serde(default)]
    pub routes: Routes,
    /// TCP and UDP ports of a gateway: `PORT: NUMBER`.
    #[schemars(example = &serde_json::json!({"ssh": 2222}))]
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub streams: BTreeMap<PortName, Stream>,
    /// A LoadBalancer address of its own.
    #[schemars(example = &serde_json::json!({"pool": "lan"}))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expose: Option<Expose>,
    /// What it may do at the Kubernetes API. Unsaid: nothing, and no token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service_account: Option<ServiceAccount>,
    /// A ServiceMonitor for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metrics: Option<Metrics>,
    /// Labels of its objects.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
    /// Annotations of its workload.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub annotations: BTreeMap<String, String>,
    /// Labels of its pods.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub pod_labels: BTreeMap<String, String>,
    /// Annotations of its pods.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub pod_annotations: BTreeMap<String, String>,
    /// Annotations of its Services.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub service_annotations: BTreeMap<String, String>,
    /// Time to end in peace before it is killed. Default: 30s.
    #[schemars(example = &"30s")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grace: Option<Duration>,
    /// Changes of its objects in Kubernetes' own form (strategic merge), by kind or `KIND/NAME`: what no other key can
    /// say. `null` takes a field away.
    #[schemars(example = &serde_json::json!({"Deployment": {"spec": {"template": {"spec": {"shareProcessNamespace": true}}}}}))]
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub patch: BTreeMap<PatchTarget, Map<String, Value>>,
}

text_type!(
    /// The objects of a service that a patch changes: all of a kind, or the one of this kind and name.
    PatchTarget, "^[A-Z][A-Za-z0-9]*(/[a-z0-9]([-.a-z0-9]*[a-z0-9])?)?$", 317,
    |text| {
        let (kind, name) = text.split_once('/').map_or((text, None), |(kind, name)| (kind, Some(name)));
        let is_kind = kind.starts_with(|c: char| c.is_ascii_uppercase()) && kind.bytes().all(|byte| byte.is_ascii_alphanumeric());
        is_kind && kind.len() <= 63 && name.is_none_or(|name| ObjectName::try_from(name.to_owned()).is_ok())
    },
    "a kind such as `Deployment`, or `KIND/NAME`"
);

impl PatchTarget {
    /// The kind, and the name of one object of it.
    pub fn parts(&self) -> (&str, Option<&str>) {
        self.as_str().split_once('/').map_or((self.as_str(), None), |(kind, name)| (kind, Some(name)))
    }
}

/// Kinds of workloads that a file may name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Kind {
    #[default]
    Deployment,
    /// Claims are one per replica.
    StatefulSet,
    /// One pod on every node.
    DaemonSet,
}

/// When it runs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Schedule {
    Long(ScheduleValues),
    Short(String),
}

/// A schedule in its long form.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ScheduleValues {
    /// Cron expression in the time zone of the file.
    #[schemars(example = &"17 3 * * *")]
    pub cron: String,
    /// Whether no run starts.
    #[serde(default)]
    pub suspend: bool,
    /// How many failed tries a run may have.
    #[schemars(range(min = 0, max = 100))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retries: Option<u32>,
}

/// A probe, or none.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum OneProbe {
    None(NoProbe),
    Probe(Box<Probe>),
}

/// DNS policies of Kubernetes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum DnsPolicy {
    ClusterFirst,
    ClusterFirstWithHostNet,
    Default,
}

/// Rights at the Kubernetes API.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ServiceAccount {
    /// Rules in the release namespace.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<PolicyRule>,
    /// Rules in the whole cluster.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cluster_rules: Vec<PolicyRule>,
}

/// A rule, as a Role has it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PolicyRule {
    /// API groups; `""` is the core.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub api_groups: Vec<String>,
    /// Resources.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub resources: Vec<String>,
    /// Names of resources.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub resource_names: Vec<String>,
    /// Paths that are no resources.
    #[serde(default, rename = "nonResourceURLs", skip_serializing_if = "Vec::is_empty")]
    pub non_resource_urls: Vec<String>,
    /// Verbs.
    #[schemars(example = &["get", "list"])]
    pub verbs: Vec<String>,
}

/// Where Prometheus reads.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Metrics {
    /// Port.
    pub port: PortName,
    /// Path.
    #[schemars(regex(pattern = r"^/"))]
    #[serde(default = "metrics_path")]
    pub path: String,
    /// Time between two reads. Default: Prometheus' own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interval: Option<Duration>,
}

fn metrics_path() -> String {
    "/metrics".to_owned()
}

/// The schema of `defaults`: a service without the keys that are each service's own.
pub(crate) fn defaults_schema(generator: &mut SchemaGenerator) -> Schema {
    generator.subschema_for::<Service>();
    let mut schema = <Service as JsonSchema>::json_schema(generator);
    if let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) {
        properties.retain(|key, _| !NOT_IN_DEFAULTS.contains(&key.as_str()));
    }
    schema.remove("required");
    schema
}
