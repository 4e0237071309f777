//! The way in through Cloudflare, without an open port.

use schemars::JsonSchema;
use serde::Deserialize;
use serde::Serialize;

use crate::values::name::Name;
use crate::values::secret::SecretKey;

/// The tunnel that routes name as `tunnel`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Tunnel {
    /// Cloudflare Tunnel.
    pub cloudflare: Cloudflare,
}

/// A Cloudflare Tunnel, served by cloudflared pods.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Cloudflare {
    /// The tunnel's name at Cloudflare; with it `helm ha dns` prints the `cloudflared tunnel route dns` lines.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<Name>,
    /// Who keeps the rules.
    #[serde(default)]
    pub managed: Managed,
    /// Number of cloudflared pods.
    #[schemars(range(min = 1, max = 25))]
    #[serde(default = "two")]
    pub replicas: u32,
    /// The Secret that holds the tunnel's token.
    pub token: SecretKey,
}

fn two() -> u32 {
    2
}

/// Who keeps the rules of the tunnel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Managed {
    /// This file: made with `cloudflared tunnel create`.
    #[default]
    Local,
    /// Cloudflare's dashboard; `helm ha dns` prints what to enter there.
    Remote,
}
