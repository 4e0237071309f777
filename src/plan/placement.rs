//! Nodes, selectors and affinity as they were written in, where pods may run and how soon they leave a dead node out.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use crate::model::Service;
use crate::model::Workload;
use crate::values::name::NodeName;

/// Kubernetes' label with the name of a node.
pub const HOSTNAME: &str = "kubernetes.io/hostname";

/// Seconds for which pods stay on a node that is not ready or cannot be reached.
const LEAVE_AFTER: u32 = 30;

/// Where pods run.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Placement {
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub node_selector: BTreeMap<String, String>,
    /// In Kubernetes' own form, as it was written, with the nodes that were named.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub affinity: Map<String, Value>,
    /// In Kubernetes' own form, as they were written.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tolerations: Vec<Map<String, Value>>,
    pub dead_node: DeadNode,
    /// Whether no node gets a second pod while another one has none.
    pub spread: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub priority_class: Option<String>,
}

/// What pods do when their node dies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum DeadNode {
    /// They are started elsewhere after these seconds.
    LeaveAfter(u32),
    /// They belong to the node and wait for it.
    Stay,
    /// The DaemonSet's controller decides.
    Kubernetes,
}

/// Where the pods of a service may run. `instances`: how many of them run at once.
pub fn placement(service: &Service, instances: usize) -> Placement {
    let mut node_selector = service.node_selector.clone();
    let mut affinity = service.affinity.clone();
    match service.nodes.as_slice() {
        [] => {}
        [node] => _ = node_selector.insert(HOSTNAME.to_owned(), node.to_string()),
        nodes => affinity = on_nodes(affinity, nodes),
    }
    let replicated = matches!(service.workload, Workload::Deployment | Workload::StatefulSet);
    Placement {
        node_selector,
        affinity,
        tolerations: service.tolerations.clone(),
        dead_node: match service.workload {
            Workload::PerNode(_) => DeadNode::Stay,
            Workload::DaemonSet => DeadNode::Kubernetes,
            _ => DeadNode::LeaveAfter(LEAVE_AFTER),
        },
        spread: replicated && instances >= 2,
        priority_class: service.priority_class.as_ref().map(ToString::to_string),
    }
}

/// The placement of a Job beside the service: on any node that the service may run on.
pub fn of_job(service: &Service) -> Placement {
    Placement { dead_node: DeadNode::LeaveAfter(LEAVE_AFTER), spread: false, ..placement(service, 1) }
}

/// Adds the nodes to every term that is there, for terms are alternatives; else they are the only term.
fn on_nodes(mut affinity: Map<String, Value>, nodes: &[NodeName]) -> Map<String, Value> {
    let names: Vec<&str> = nodes.iter().map(NodeName::as_str).collect();
    let ours = json!({ "key": HOSTNAME, "operator": "In", "values": names });
    let mut node_affinity = taken(&mut affinity, NODE_AFFINITY);
    let mut required = taken(&mut node_affinity, REQUIRED);
    let mut terms = match required.shift_remove(TERMS) {
        Some(Value::Array(terms)) if !terms.is_empty() => terms,
        _ => vec![json!({})],
    };
    for term in terms.iter_mut().filter_map(Value::as_object_mut) {
        if let Some(expressions) = term.entry("matchExpressions").or_insert_with(|| json!([])).as_array_mut() {
            expressions.push(ours.clone());
        }
    }
    required.insert(TERMS.to_owned(), Value::Array(terms));
    node_affinity.insert(REQUIRED.to_owned(), Value::Object(required));
    affinity.insert(NODE_AFFINITY.to_owned(), Value::Object(node_affinity));
    affinity
}

const NODE_AFFINITY: &str = "nodeAffinity";
const REQUIRED: &str = "requiredDuringSchedulingIgnoredDuringExecution";
const TERMS: &str = "nodeSelectorTerms";

fn taken(map: &mut Map<String, Value>, key: &str) -> Map<String, Value> {
    match map.shift_remove(key) {
        Some(Value::Object(child)) => child,
        _ => Map::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::sample;

    fn check(service: &str, expect: Value) {
        let cluster = sample::cluster(&format!("services: {{ web: {{ image: nginx:1, {service} }} }}"));
        let Placement { node_selector, affinity, .. } = placement(cluster.services.values().next().unwrap(), 1);
        assert_eq!(json!({ "selector": node_selector, "affinity": affinity }), expect);
    }

    #[test]
    fn nodes_are_added_to_what_was_written() {
        check("user: 1", json!({ "selector": {}, "affinity": {} }));
        check("nodes: [a]", json!({ "selector": { "kubernetes.io/hostname": "a" }, "affinity": {} }));
        let ours = json!({ "key": "kubernetes.io/hostname", "operator": "In", "values": ["a", "b"] });
        let required = |terms: Value| {
            let required = json!({ "requiredDuringSchedulingIgnoredDuringExecution": { "nodeSelectorTerms": terms } });
            json!({ "selector": {}, "affinity": { "nodeAffinity": required } })
        };
        check("nodes: [a, b]", required(json!([{ "matchExpressions": [ours] }])));
        check(
            "nodes: [a, b], affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: {
               nodeSelectorTerms: [{ matchExpressions: [{ key: ssd, operator: Exists }] }, {}] } } }",
            required(json!([
                { "matchExpressions": [{ "key": "ssd", "operator": "Exists" }, ours] },
                { "matchExpressions": [ours] },
            ])),
        );
    }
}
