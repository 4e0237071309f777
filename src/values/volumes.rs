//! Volumes that services share.

use schemars::JsonSchema;
use schemars::Schema;
use serde::Deserialize;
use serde::Serialize;

use crate::values::certificates::one_of;
use crate::values::name::ObjectName;
use crate::values::quantity::Quantity;
use crate::values::storage::ClassName;

/// A volume that several services may mount, on every node at once. It stays when the release goes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(transform = sized_or_existing)]
pub struct Volume {
    /// How much fits in. It can grow, never shrink.
    #[schemars(example = &"200Gi")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<Quantity>,
    /// Storage class. Default: `storage.shared`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class: Option<ClassName>,
    /// Owner group of the files. Default: `storage.group`.
    #[schemars(range(min = 1, max = 2_147_483_647))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<u32>,
    /// A claim of the release namespace that exists already, instead of a new one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub existing: Option<ExistingVolume>,
}

fn sized_or_existing(schema: &mut Schema) {
    one_of(schema, &["size", "existing"]);
}

/// A claim that exists.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExistingVolume {
    /// Its name.
    pub claim: ObjectName,
}
