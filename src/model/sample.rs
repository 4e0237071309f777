//! Clusters for the tests of later stages: the values as YAML text in, the `Cluster` out. No schema is checked.

use crate::model::Cluster;
use crate::model::decode;
use crate::source::SourceId;
use crate::source::Span;
use crate::values::Document;
use crate::yaml::Entry;
use crate::yaml::Node;
use crate::yaml::Value;

/// The cluster of a text without `apiVersion`, `name`, `version` and, where it needs none, `nodes`.
pub fn cluster(text: &str) -> Cluster {
    let mut json: serde_json::Value = serde_yaml::from_str(text).unwrap();
    for (key, value) in [("apiVersion", "helm-ha.dev/v1"), ("name", "home"), ("version", "1.0.0")] {
        json[key] = value.into();
    }
    if json.get("nodes").is_none() {
        json["nodes"] = serde_json::json!({});
    }
    decode(&Document::merged(vec![node(json)])).unwrap()
}

fn node(json: serde_json::Value) -> Node {
    let span = Span { source: SourceId(0), start: 0, end: 0 };
    let value = match json {
        serde_json::Value::Null => Value::Null,
        serde_json::Value::Bool(value) => Value::Bool(value),
        serde_json::Value::Number(number) => Value::Number(number),
        serde_json::Value::String(text) => Value::String(text),
        serde_json::Value::Array(items) => Value::List(items.into_iter().map(node).collect()),
        serde_json::Value::Object(map) => {
            let entry = |(key, json)| Entry { key, key_span: span, node: node(json) };
            Value::Map(map.into_iter().map(entry).collect())
        }
    };
    Node { span, defined: None, value }
}
