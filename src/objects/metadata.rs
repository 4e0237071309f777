//! Names in, metadata of objects out: the labels that every object has, those that select pods, and what keeps one.

use std::collections::BTreeMap;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use crate::plan::facts::Facts;

pub const NAME: &str = "app.kubernetes.io/name";
pub const INSTANCE: &str = "app.kubernetes.io/instance";
const PART_OF: &str = "app.kubernetes.io/part-of";
const MANAGED_BY: &str = "app.kubernetes.io/managed-by";

/// Whoever removes a release or a Git folder leaves these objects there: Helm, Flux and Argo CD in this order.
pub const KEEP: [(&str, &str); 3] = [
    ("helm.sh/resource-policy", "keep"),
    ("kustomize.toolkit.fluxcd.io/prune", "disabled"),
    ("argocd.argoproj.io/sync-options", "Prune=false,Delete=false"),
];

/// The labels by which pods are selected. They can never change while the workload lives.
pub fn selected(facts: &Facts, name: &str) -> BTreeMap<String, String> {
    map([(NAME, name), (INSTANCE, &facts.name)])
}

pub fn selector(labels: BTreeMap<String, String>) -> LabelSelector {
    LabelSelector { match_labels: Some(labels), ..LabelSelector::default() }
}

/// The recommended labels of pods: what selects them, and the cluster that they are part of.
pub fn pod_labels(facts: &Facts, name: &str) -> BTreeMap<String, String> {
    let mut labels = selected(facts, name);
    labels.insert(PART_OF.to_owned(), facts.name.clone());
    labels
}

/// The recommended labels of objects. Helm writes the same `managed-by` itself.
pub fn labels(facts: &Facts, name: &str) -> BTreeMap<String, String> {
    let mut labels = pod_labels(facts, name);
    labels.insert(MANAGED_BY.to_owned(), "Helm".to_owned());
    labels
}

/// Metadata of `object`, which belongs to the service or part of the cluster `name`.
pub fn metadata(facts: &Facts, name: &str, object: &str) -> ObjectMeta {
    ObjectMeta { name: Some(object.to_owned()), labels: Some(labels(facts, name)), ..ObjectMeta::default() }
}

/// The same metadata, of an object that stays when the release goes.
pub fn kept(mut metadata: ObjectMeta) -> ObjectMeta {
    metadata.annotations.get_or_insert_default().extend(map(KEEP));
    metadata
}

/// A map of texts; `None` when it is empty.
pub fn filled(map: BTreeMap<String, String>) -> Option<BTreeMap<String, String>> {
    if map.is_empty() { None } else { Some(map) }
}

pub fn map<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> BTreeMap<String, String> {
    pairs.into_iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect()
}
