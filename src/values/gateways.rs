//! Nginx gateways.

use schemars::JsonSchema;
use serde::Deserialize;
use serde::Serialize;

use crate::values::address::Address;
use crate::values::address::OneOrTwo;
use crate::values::name::Name;
use crate::values::name::NodeName;

/// Nginx on every node behind one virtual IP. Short form: the address.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Gateway {
    Long(GatewayValues),
    Short(OneOrTwo<Address>),
}

impl Gateway {
    pub fn long(self) -> GatewayValues {
        match self {
            Self::Short(address) => GatewayValues { address, default: false, nodes: Vec::new(), pool: None },
            Self::Long(values) => values,
        }
    }
}

/// A gateway in its long form.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GatewayValues {
    /// The virtual IP; one, or one of each family. It lies in no declared pool and gets one of its own.
    #[schemars(example = &"192.168.56.240")]
    pub address: OneOrTwo<Address>,
    /// Whether routes without `via` use it. The only gateway is the default one.
    #[serde(default)]
    pub default: bool,
    /// Nodes that run it. Default: all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub nodes: Vec<NodeName>,
    /// The pool whose interfaces and nodes announce the address. Default: the only pool.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pool: Option<Name>,
}
