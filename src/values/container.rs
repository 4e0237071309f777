//! Containers beside the main one: init containers, sidecars, and the Jobs of `once`.

use std::collections::BTreeMap;

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Deserialize;
use serde::Serialize;

use crate::values::env::EnvSource;
use crate::values::env::EnvValue;
use crate::values::image::Image;
use crate::values::mount::Mount;
use crate::values::name::EnvName;
use crate::values::name::MountPath;
use crate::values::name::ObjectName;
use crate::values::probe::Probes;
use crate::values::quantity::Quantity;

/// Another container of a service. One that runs the service's image has the service's `env` and `envFrom` as well.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Container {
    /// Image. Default: the service's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<Image>,
    /// Program and its first arguments, instead of the image's.
    #[schemars(example = &["media", "migrate"])]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub command: Vec<String>,
    /// Arguments.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub args: Vec<String>,
    /// Folder in which the program starts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workdir: Option<MountPath>,
    /// User. Default: the service's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<User>,
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
    /// CPU, memory and devices.
    #[serde(default)]
    pub resources: Resources,
    /// Environment variables.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub env: BTreeMap<EnvName, EnvValue>,
    /// Secrets and ConfigMaps whose keys become variables.
    #[schemars(example = &serde_json::json!({"media-env": "secret"}))]
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub env_from: IndexMap<ObjectName, EnvSource>,
    /// What it finds at which path; `same: PATH` is what the main container has there.
    #[schemars(example = &serde_json::json!({"/config": {"same": "/config"}}))]
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub mounts: BTreeMap<MountPath, Mount>,
    /// Probes; none unless said. Only for sidecars.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub probes: Option<Probes>,
}

/// The user that a container runs as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum User {
    /// A user id; 0 is root.
    Id(#[schemars(range(min = 0, max = 2_147_483_647))] u32),
    /// `image`: whatever the image says.
    Image(ImageUser),
}

/// The user of the image.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ImageUser {
    Image,
}

/// CPU, memory and devices: what is kept free for it, and what it may have at most.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Resources {
    /// What is kept free on the node.
    #[schemars(example = &serde_json::json!({"cpu": "100m", "memory": "256Mi"}), extend("propertyNames" = serde_json::json!({"pattern": r"^[A-Za-z0-9]([-A-Za-z0-9_./]*[A-Za-z0-9])?$", "patternErrorMessage": "expected a resource such as `memory` or `gpu.intel.com/i915`"})))]
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub requests: BTreeMap<String, Quantity>,
    /// What it may have at most.
    #[schemars(example = &serde_json::json!({"memory": "512Mi", "gpu.intel.com/i915": "1"}), extend("propertyNames" = serde_json::json!({"pattern": r"^[A-Za-z0-9]([-A-Za-z0-9_./]*[A-Za-z0-9])?$", "patternErrorMessage": "expected a resource such as `memory` or `gpu.intel.com/i915`"})))]
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub limits: BTreeMap<String, Quantity>,
}
