//! Where the add-ons come from.

use schemars::JsonSchema;
use serde::Deserialize;
use serde::Serialize;

use crate::values::address::Address;
use crate::values::address::OneOrTwo;
use crate::values::cert_manager::CertManager;
use crate::values::metallb::MetalLb;
use crate::values::name::Namespace;
use crate::values::rook::Rook;

/// Add-ons are rendered when the file uses them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Addons {
    /// Rook, which runs Ceph. Its namespace: `rook-ceph`.
    #[serde(default)]
    pub rook: Rook,
    /// MetalLB, which announces addresses. Its namespace: `metallb-system`.
    #[serde(default)]
    pub metallb: MetalLb,
    /// cert-manager, which keeps certificates. Its namespace: `cert-manager`.
    #[serde(default)]
    pub cert_manager: CertManager,
    /// A DNS server on every node, which all pods ask before K3s' only one. Used when the cluster has more than one node.
    #[serde(default)]
    pub cluster_dns: ClusterDns,
    /// Prometheus Operator: ServiceMonitors are written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prometheus: Option<ExistingAddon>,
    /// Stakater Reloader: services restart when a Secret that they use as `env` changes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reloader: Option<ExistingAddon>,
}

/// One add-on.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Addon {
    /// `builtin`: part of the chart. `existing`: the operator is there already, only its custom resources are written.
    #[serde(default)]
    pub source: Source,
    /// Namespace of the operator that exists.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<Namespace>,
}

/// Where an add-on comes from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Source {
    #[default]
    Builtin,
    Existing,
}

/// The DNS server on every node: with K3s' only one names would be gone for minutes when its node dies.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ClusterDns {
    /// `builtin`: part of the chart. `existing`: pods ask one that is there already. `none`: they ask K3s' alone.
    #[serde(default)]
    pub source: DnsSource,
    /// Its address; one, or one of each family. Default: the eleventh of `k3s.serviceCidr`.
    #[schemars(example = &"10.43.0.11")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<OneOrTwo<Address>>,
}

/// Where the DNS server on every node comes from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum DnsSource {
    #[default]
    Builtin,
    Existing,
    None,
}

/// An add-on that is never part of the chart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExistingAddon {
    /// Always `existing`.
    pub source: ExistingSource,
}

/// The only source of these.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ExistingSource {
    Existing,
}
