//! A name that refers to a part of the cluster in, a finding out when there is no such part.

use crate::diagnostic::Diagnostic;
use crate::diagnostic::FieldPath;
use crate::diagnostic::Place;
use crate::diagnostic::suggestion;
use crate::model::Cluster;
use crate::model::Kind;
use crate::rules::Rule;

/// The finding of a rule about a name that nothing has. Nothing is said about what was taken out.
pub fn unknown(
    rule: &Rule,
    cluster: &Cluster,
    kind: Kind,
    name: &str,
    place: impl FnOnce() -> Place,
) -> Option<Diagnostic> {
    let known: Vec<&str> = match kind {
        Kind::Node if !cluster.nodes.contains_key(name) => names(&cluster.nodes),
        Kind::Volume if !cluster.volumes.contains_key(name) => names(&cluster.volumes),
        Kind::Pool if !cluster.pools.contains_key(name) => names(&cluster.pools),
        Kind::Gateway if !cluster.gateways.contains_key(name) => names(&cluster.gateways),
        Kind::Issuer if !cluster.issuers.contains_key(name) => names(&cluster.issuers),
        Kind::Login if !cluster.auth.contains_key(name) => names(&cluster.auth),
        Kind::Export if !cluster.storage.nfs.contains_key(name) => names(&cluster.storage.nfs),
        _ => return None,
    };
    if cluster.was_removed(kind, name) {
        return None;
    }
    let (word, declared) = (word(kind), kind.path());
    let hint = suggestion(name, known).unwrap_or_else(|| format!("declare it under `{declared}`"));
    Some(rule.at(place(), format!("there is no {word} `{name}` in `{declared}`")).hint(hint))
}

/// Whether a field was written but taken out.
pub fn was_removed(cluster: &Cluster, path: &FieldPath) -> bool {
    cluster.removed.iter().any(|removed| path.starts_with(removed))
}

/// Whether anything at or below a field was taken out.
pub fn is_incomplete(cluster: &Cluster, path: &FieldPath) -> bool {
    cluster.removed.iter().any(|removed| removed.starts_with(path) || path.starts_with(removed))
}

fn names<K: std::borrow::Borrow<str>, V>(map: &std::collections::BTreeMap<K, V>) -> Vec<&str> {
    map.keys().map(|name| name.borrow()).collect()
}

fn word(kind: Kind) -> &'static str {
    match kind {
        Kind::Node => "node",
        Kind::Volume => "volume",
        Kind::Pool => "pool",
        Kind::Gateway => "gateway",
        Kind::Issuer => "issuer",
        Kind::Login => "login",
        Kind::Export => "export",
        Kind::Class => "class",
        Kind::Service => "service",
    }
}
