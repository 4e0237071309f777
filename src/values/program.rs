//! How the pods of one program of an add-on run.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;
use serde::Serialize;
use serde_json::Map;
use serde_json::Value;

use crate::values::container::Resources;
use crate::values::name::ObjectName;

/// One program of an add-on: where its pods run, and what they may use.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Program {
    /// CPU and memory, instead of what is kept for it by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resources: Option<Resources>,
    /// Labels of the nodes that it may run on.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub node_selector: BTreeMap<String, String>,
    /// Taints that it tolerates beside those of servers, in Kubernetes' own form.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tolerations: Vec<Map<String, Value>>,
    /// Affinity in Kubernetes' own form.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub affinity: Map<String, Value>,
    /// Priority class, instead of one that is critical for the cluster.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub priority_class: Option<ObjectName>,
    /// More labels of its pods.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub pod_labels: BTreeMap<String, String>,
    /// More annotations of its pods.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub pod_annotations: BTreeMap<String, String>,
}

/// How much a program tells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Verbosity {
    Error,
    Warning,
    #[default]
    Info,
    Debug,
}
