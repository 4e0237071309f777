//! What every add-on's subchart has: its Namespace, when the add-on is built in.

use k8s_openapi::api::core::v1::Namespace;

use crate::objects::ChartObject;
use crate::objects::Object;
use crate::objects::metadata::kept;
use crate::objects::metadata::map;
use crate::objects::metadata::metadata;
use crate::plan::addons::Addon;
use crate::plan::facts::Facts;

/// Pod Security admission lets everything in: for pods that use the host's network, disks or devices
/// (kubernetes.io/docs/concepts/security/pod-security-admission).
pub const PRIVILEGED: &[(&str, &str)] = &[
    ("pod-security.kubernetes.io/audit", "privileged"),
    ("pod-security.kubernetes.io/enforce", "privileged"),
    ("pod-security.kubernetes.io/warn", "privileged"),
];

/// The Namespace of the add-on `name`, kept; `None` when the add-on exists already, and so its namespace.
pub fn namespace(facts: &Facts, name: &str, addon: &Addon, labels: &[(&str, &str)]) -> Option<ChartObject> {
    if !addon.is_builtin() {
        return None;
    }
    let mut metadata = kept(metadata(facts, name, &addon.namespace));
    metadata.labels.get_or_insert_default().extend(map(labels.iter().copied()));
    let namespace = Namespace { metadata, ..Namespace::default() };
    Some(ChartObject::new("namespace.yaml", Object::of(namespace)))
}
