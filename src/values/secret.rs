//! Kubernetes Secrets by name: their contents never stand in values.

use schemars::JsonSchema;
use serde::Deserialize;
use serde::Serialize;

use crate::values::name::DataKey;
use crate::values::name::ObjectName;

/// One key of a Secret in the release namespace.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SecretKey {
    /// Name of the Secret.
    pub secret: ObjectName,
    /// Key in it.
    pub key: DataKey,
}
