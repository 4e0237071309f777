//! Which add-ons the cluster uses (3.5 of the design), each with its namespace and where it comes from.

use serde::Serialize;

use crate::model::Cluster;
use crate::plan::ceph;
use crate::plan::cluster_dns;
use crate::plan::cluster_dns::ClusterDns;
use crate::values::addons;
use crate::values::addons::Source;

/// Versions of the built-in add-ons: with the images one platform set.
pub const ROOK: &str = "v1.20.6";
pub const METALLB: &str = "v0.16.1";
pub const CERT_MANAGER: &str = "v1.21.1";
/// The add-ons that this program's custom resources are written for: they change together.
pub const PLATFORM_SET: &[(&str, &str)] = &[("rook", ROOK), ("metallb", METALLB), ("cert-manager", CERT_MANAGER)];

/// The add-ons of a cluster; `None` for one that nothing uses.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Addons {
    /// Used by a volume or claim of `cephfs` or `ceph-block`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rook: Option<Addon>,
    /// Used by gateways and by `expose`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metallb: Option<Addon>,
    /// Used by issuers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cert_manager: Option<Addon>,
    /// Used when there is more than one node.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cluster_dns: Option<ClusterDns>,
}

/// One add-on.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Addon {
    pub source: Source,
    /// Where its custom resources live; rendered only when the add-on is built in.
    pub namespace: String,
    /// The version that our custom resources are written for.
    pub version: &'static str,
}

impl Addon {
    pub fn is_builtin(&self) -> bool {
        self.source == Source::Builtin
    }
}

/// The add-ons that the cluster uses.
pub fn plan(cluster: &Cluster) -> Addons {
    let addons = &cluster.addons;
    let exposed = || cluster.services.values().any(|service| service.expose.is_some());
    Addons {
        rook: ceph::is_used(cluster).then(|| rook(cluster)),
        metallb: (!cluster.gateways.is_empty() || exposed())
            .then(|| addon(&addons.metallb.addon(), "metallb-system", METALLB)),
        cert_manager: (!cluster.issuers.is_empty())
            .then(|| addon(&addons.cert_manager.addon(), "cert-manager", CERT_MANAGER)),
        cluster_dns: cluster_dns::plan(cluster),
    }
}

/// The add-ons whose CRDs are in the chart: all that are built in, used or not, because an upgrade never adds CRDs.
pub fn crds(cluster: &Cluster) -> Vec<&'static str> {
    let addons = &cluster.addons;
    let sources = [
        ("rook", addons.rook.source),
        ("metallb", addons.metallb.source),
        ("cert-manager", addons.cert_manager.source),
    ];
    sources.into_iter().filter(|(_, source)| *source == Source::Builtin).map(|(name, _)| name).collect()
}

/// Rook, whether it is used or not.
pub fn rook(cluster: &Cluster) -> Addon {
    addon(&cluster.addons.rook.addon(), "rook-ceph", ROOK)
}

fn addon(values: &addons::Addon, customary: &str, version: &'static str) -> Addon {
    let said = values.namespace.as_ref().filter(|_| values.source == Source::Existing);
    let namespace = said.map_or_else(|| customary.to_owned(), ToString::to_string);
    Addon { source: values.source, namespace, version }
}
