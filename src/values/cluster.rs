//! The whole file: a cluster and its services.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;
use serde::Serialize;
use serde_json::Map;
use serde_json::Value;

use crate::values::addons::Addons;
use crate::values::auth::Login;
use crate::values::certificates::Certificates;
use crate::values::gateways::Gateway;
use crate::values::image::Image;
use crate::values::k3s::K3s;
use crate::values::load_balancer::LoadBalancer;
use crate::values::name::ChartName;
use crate::values::name::Domain;
use crate::values::name::Name;
use crate::values::name::Namespace;
use crate::values::name::NodeName;
use crate::values::name::ServiceName;
use crate::values::name::VolumeName;
use crate::values::nodes::Node;
use crate::values::service::Service;
use crate::values::storage::Storage;
use crate::values::tunnel::Tunnel;
use crate::values::volumes::Volume;

/// The format of this file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub enum ApiVersion {
    #[serde(rename = "helm-ha.dev/v1")]
    V1,
}

/// A highly available K3s cluster and its services, as one umbrella chart.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ClusterValues {
    /// The format of this file.
    pub api_version: ApiVersion,
    /// Name of the umbrella chart and of the release.
    #[schemars(example = &"homelab")]
    pub name: ChartName,
    /// Version of the umbrella chart (SemVer). `--version` overrides it.
    #[schemars(example = &"1.0.0", with = "SemVer")]
    pub version: String,
    /// Release namespace, where the services live. Default: `name`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<Namespace>,
    /// Domain that completes host names without a dot.
    #[schemars(example = &"example.com")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub domain: Option<Domain>,
    /// Time zone of the services (`TZ`) and of schedules, as the tz database names it. Default: UTC.
    #[schemars(example = &"Europe/Berlin", regex(pattern = r"^[A-Za-z0-9_+-]+(/[A-Za-z0-9_+-]+)*$"))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timezone: Option<String>,
    /// The K3s that runs on the nodes.
    #[serde(default)]
    pub k3s: K3s,
    /// The machines, by the name that Kubernetes knows them under.
    #[schemars(example = &serde_json::json!({"k3s-server1": {"address": "192.168.56.2/24", "role": "server"}}))]
    pub nodes: BTreeMap<NodeName, Node>,
    /// Storage classes, Ceph and NFS exports.
    #[serde(default)]
    pub storage: Storage,
    /// Pools of addresses for services of type LoadBalancer (MetalLB, layer 2).
    #[serde(default)]
    pub load_balancer: LoadBalancer,
    /// Nginx gateways, each on every node behind one virtual IP.
    #[schemars(example = &serde_json::json!({"lan": "192.168.56.240"}))]
    #[serde(default)]
    pub gateways: BTreeMap<Name, Gateway>,
    /// The way in without an open port.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tunnel: Option<Tunnel>,
    /// Who issues certificates, and for which domains.
    #[serde(default)]
    pub certificates: Certificates,
    /// Logins by name; a route says `auth: NAME`.
    #[schemars(example = &serde_json::json!({"family": {"basic": {"secret": "family-htpasswd"}}}))]
    #[serde(default)]
    pub auth: BTreeMap<Name, Login>,
    /// Where the add-ons come from; said only to differ from `builtin`.
    #[serde(default)]
    pub addons: Addons,
    /// Volumes shared by services, kept when the release goes.
    #[schemars(example = &serde_json::json!({"media": {"size": "1Ti"}}))]
    #[serde(default)]
    pub volumes: BTreeMap<VolumeName, Volume>,
    /// What every service has unless it says otherwise: any key of a service but `image`, `routes`, `streams`,
    /// `expose`, `perNode` and `schedule`.
    #[schemars(schema_with = "crate::values::service::defaults_schema")]
    #[serde(default, skip_serializing_if = "serde_json::Value::is_null")]
    pub defaults: serde_json::Value,
    /// The services, by name.
    #[schemars(example = &serde_json::json!({"web": {"image": "docker.io/library/nginx:1.28.3"}}))]
    #[serde(default)]
    pub services: BTreeMap<ServiceName, Service>,
    /// Objects of your own, each a whole manifest, by a name for this file: what no other key can say. Without a
    /// namespace they go into `namespace`.
    #[schemars(example = &serde_json::json!({"note": {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "note"}}}))]
    #[serde(default)]
    pub extra_objects: BTreeMap<Name, Map<String, Value>>,
    /// Images that only `extraObjects` of kinds which this tool does not know name.
    #[schemars(example = &["ghcr.io/example/operand:1.0.0"])]
    #[serde(default)]
    pub images: Vec<Image>,
}

/// A semantic version: `MAJOR.MINOR.PATCH`, perhaps `-PRERELEASE` and `+BUILD` (semver.org).
#[derive(JsonSchema)]
#[schemars(inline, extend("patternErrorMessage" = "expected a version such as `1.0.0`"))]
#[allow(dead_code, reason = "only its schema is used")]
struct SemVer(
    #[schemars(regex(
        pattern = r"^(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?$"
    ))]
    String,
);
