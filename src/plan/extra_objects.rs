//! Cluster in, the objects that its values write in Kubernetes' own form out.

use serde::Serialize;
use serde_json::Value;

use crate::model::Cluster;

/// The subchart of these objects.
pub const CHART: &str = "extra-objects";

/// One object.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ExtraObject {
    /// Its key in the values, which is unique.
    pub entry: String,
    pub object: Value,
}

/// The objects by their key.
pub fn plan(cluster: &Cluster) -> Vec<ExtraObject> {
    let object = |(name, object): (&_, &serde_json::Map<_, _>)| {
        let name: &crate::values::name::Name = name;
        ExtraObject { entry: name.to_string(), object: object.clone().into() }
    };
    cluster.extra_objects.iter().map(object).collect()
}
