//! One complete Kubernetes object, as it stands in the cluster when nobody changes a value.

use serde::Deserialize;
use serde::Serialize;
use serde_json::Value;

/// A Kubernetes object. Its JSON is a map with `apiVersion`, `kind` and `metadata.name`; it holds no nulls.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Object(Value);

impl Object {
    /// The object of a typed value of `k8s-openapi` or of our own custom resources. Nulls and empty status are dropped.
    pub fn of(typed: impl Serialize) -> Self {
        // Kubernetes' types serialize to maps with string keys: this cannot fail.
        let mut json = serde_json::to_value(typed).unwrap_or_default();
        drop_nulls(&mut json);
        Self(json)
    }

    pub fn json(&self) -> &Value {
        &self.0
    }

    pub fn json_mut(&mut self) -> &mut Value {
        &mut self.0
    }

    /// Takes out what somebody wrote as `null` in a Kubernetes form that we pass on: to Kubernetes it is absent.
    pub fn drop_nulls(&mut self) {
        drop_nulls(&mut self.0);
    }

    pub fn kind(&self) -> &str {
        self.text("/kind")
    }

    pub fn api_version(&self) -> &str {
        self.text("/apiVersion")
    }

    pub fn name(&self) -> &str {
        self.text("/metadata/name")
    }

    /// The namespace that the object names itself; empty when it goes into the release's.
    pub fn namespace(&self) -> &str {
        self.text("/metadata/namespace")
    }

    fn text(&self, pointer: &str) -> &str {
        self.0.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
    }
}

fn drop_nulls(value: &mut Value) {
    match value {
        Value::Object(map) => {
            map.retain(|_, value| !value.is_null());
            map.values_mut().for_each(drop_nulls);
        }
        Value::Array(items) => items.iter_mut().for_each(drop_nulls),
        _ => {}
    }
}
