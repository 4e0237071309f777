//! The K3s that runs on the nodes: its version and networks.

use schemars::JsonSchema;
use serde::Deserialize;
use serde::Serialize;

use crate::values::address::Address;
use crate::values::address::Network;
use crate::values::address::OneOrTwo;
use crate::values::name::Domain;
use crate::values::name::ObjectName;

/// K3s, as it is set up on the nodes. Networks are K3s' defaults unless said.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct K3s {
    /// Version on the nodes.
    #[schemars(example = &"v1.36.4+k3s1")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Name or address that joining nodes use. It must exist; it is not made here.
    #[schemars(example = &"k3s.example.com")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub api_address: Option<ObjectName>,
    /// The network between pods.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flannel: Option<Flannel>,
    /// Network of the pods; one, or one of each family. Default: `10.42.0.0/16`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cluster_cidr: Option<OneOrTwo<Network>>,
    /// Network of the Services; one, or one of each family. Default: `10.43.0.0/16`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service_cidr: Option<OneOrTwo<Network>>,
    /// Address of the cluster's DNS. Default: the tenth of `serviceCidr`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cluster_dns: Option<Address>,
    /// Domain of the cluster's names. Default: `cluster.local`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cluster_domain: Option<Domain>,
}

/// Flannel, which K3s uses between pods.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Flannel {
    /// Network interface of the LAN.
    #[schemars(example = &"eth1", regex(pattern = r"^[A-Za-z0-9._-]{1,15}$"))]
    pub interface: String,
}
