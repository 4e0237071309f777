//! Environment variables.

use schemars::JsonSchema;
use serde::Deserialize;
use serde::Serialize;

use crate::values::name::DataKey;
use crate::values::name::ObjectName;
use crate::values::name::by_key;
use crate::values::secret::SecretKey;

/// The value of a variable. A scalar keeps the text that was written: `1.10` stays `1.10`.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum EnvValue {
    Secret(SecretKey),
    Config(ConfigKey),
    Field(PodField),
    Text(#[schemars(schema_with = "scalar")] String),
}

by_key!(EnvValue { "secret" => Secret, "config" => Config, "field" => Field } else Text);

/// The keys that say which kind a value is.
pub const ENV_KINDS: &[&str] = &["secret", "config", "field"];

fn scalar(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
    schemars::json_schema!({ "type": ["string", "number", "boolean"] })
}

/// One key of a ConfigMap in the release namespace.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ConfigKey {
    /// Name of the ConfigMap.
    pub config: ObjectName,
    /// Key in it.
    pub key: DataKey,
}

/// A field of the pod.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PodField {
    /// Path of the field.
    #[schemars(example = &"status.podIP")]
    pub field: String,
}

/// Whole Secrets or ConfigMaps as variables.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum EnvSource {
    Secret,
    Config,
}
