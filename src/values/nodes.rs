//! The machines.

use schemars::JsonSchema;
use serde::Deserialize;
use serde::Serialize;

use crate::values::address::OneOrTwo;
use crate::values::address::PrefixedAddress;
use crate::values::name::HostPath;
use crate::values::quantity::Quantity;

/// A machine of the cluster.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Node {
    /// Address on the LAN with its prefix length; one, or one of each family.
    #[schemars(example = &"192.168.56.2/24")]
    pub address: OneOrTwo<PrefixedAddress>,
    /// Whether the node runs the control plane with etcd.
    pub role: Role,
    /// Whole disks that Ceph may have. They must be empty.
    #[schemars(example = &["/dev/disk/by-id/ata-EXAMPLE-1"])]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub devices: Vec<HostPath>,
    /// How much its devices hold together, for advice on what fits.
    #[schemars(example = &"2Ti")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capacity: Option<Quantity>,
    /// Processor architecture.
    #[serde(default)]
    pub arch: Arch,
    /// Cores, for advice on what fits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cpu: Option<Quantity>,
    /// Memory, for advice on what fits.
    #[schemars(example = &"16Gi")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory: Option<Quantity>,
}

/// What K3s runs on a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Control plane, etcd and services.
    Server,
    /// Services only.
    Agent,
}

/// Processor architecture, as images name it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Arch {
    #[default]
    Amd64,
    Arm64,
}
