//! Rook as a part of the chart.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;
use serde::Serialize;
use serde_json::Map;
use serde_json::Value;

use crate::values::addons::Addon;
use crate::values::addons::Source;
use crate::values::name::Namespace;
use crate::values::program::Verbosity;

/// Rook. Its disks, copies and memory are those of `storage.ceph`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Rook {
    /// `builtin`: part of the chart. `existing`: the operator is there already, only its custom resources are written.
    #[serde(default)]
    pub source: Source,
    /// Namespace of the operator that exists.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<Namespace>,
    /// Whether there is a pod with Ceph's commands.
    #[serde(default)]
    pub toolbox: bool,
    /// How much the operator tells.
    #[serde(default)]
    pub log_level: Verbosity,
    /// Labels of the nodes where Ceph, its operators and the controllers of its drivers may run.
    #[schemars(example = &serde_json::json!({"storage": "ceph"}))]
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub node_selector: BTreeMap<String, String>,
    /// Taints that they tolerate beside those of servers, in Kubernetes' own form.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tolerations: Vec<Map<String, Value>>,
}

impl Rook {
    /// What every add-on says.
    pub fn addon(&self) -> Addon {
        Addon { source: self.source, namespace: self.namespace.clone() }
    }
}
