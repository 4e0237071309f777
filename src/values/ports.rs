//! Ports of a service.

use schemars::JsonSchema;
use serde::Deserialize;
use serde::Serialize;

/// A port. Short form: its number, for TCP.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Port {
    Long(PortValues),
    Short(#[schemars(range(min = 1, max = 65535))] u16),
}

impl Port {
    pub fn long(self) -> PortValues {
        match self {
            Self::Short(port) => PortValues { port, protocol: tcp() },
            Self::Long(values) => values,
        }
    }
}

/// A port in its long form.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PortValues {
    /// Number inside the container, and of the Service.
    #[schemars(range(min = 1, max = 65535), example = &53)]
    pub port: u16,
    /// What it speaks.
    #[schemars(length(min = 1, max = 2))]
    #[serde(default = "tcp")]
    pub protocol: Vec<Protocol>,
}

fn tcp() -> Vec<Protocol> {
    vec![Protocol::Tcp]
}

/// Transport protocols.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum Protocol {
    Tcp,
    Udp,
}

impl Protocol {
    /// As Kubernetes writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Tcp => "TCP",
            Self::Udp => "UDP",
        }
    }
}
