//! Pools of addresses that MetalLB announces on the LAN.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;
use serde::Serialize;

use crate::values::address::AddressRange;
use crate::values::name::Name;
use crate::values::name::NodeName;

/// MetalLB's pools.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LoadBalancer {
    /// Pools by name. The address of a gateway lies in none of them.
    #[schemars(example = &serde_json::json!({"lan": {"addresses": "192.168.56.241-192.168.56.250"}}))]
    #[serde(default)]
    pub pools: BTreeMap<Name, Pool>,
}

/// Addresses that nothing else on the LAN has, the router's DHCP included.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Pool {
    /// A range `FIRST-LAST`, a network, or a list of them.
    #[schemars(example = &"192.168.56.241-192.168.56.250")]
    pub addresses: Ranges,
    /// Network interfaces that announce the addresses. Default: every one.
    #[schemars(example = &["eth1"], inner(regex(pattern = r"^[A-Za-z0-9._-]{1,15}$")))]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub interfaces: Vec<String>,
    /// Nodes that announce the addresses. Default: every one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub nodes: Vec<NodeName>,
}

/// One range or several.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Ranges {
    One(AddressRange),
    Several(#[schemars(length(min = 1))] Vec<AddressRange>),
}

impl Ranges {
    pub fn as_slice(&self) -> &[AddressRange] {
        match self {
            Self::One(range) => std::slice::from_ref(range),
            Self::Several(ranges) => ranges,
        }
    }
}
