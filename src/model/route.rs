//! Routes and streams with hosts completed and ways resolved.

use std::collections::BTreeMap;

use indexmap::IndexMap;
use ipnet::IpNet;

use crate::values::name::Name;
use crate::values::name::PortName;
use crate::values::route::Backend;
use crate::values::route::Headers;
use crate::values::route::RateLimit;
use crate::values::route::RouteKey;

/// The way of a route that is no gateway.
pub const TUNNEL: &str = "tunnel";

/// One HTTP route.
#[derive(Clone, Debug, PartialEq)]
pub struct Route {
    /// The key as it was written: its place in the values is `services.SERVICE.routes.KEY`.
    pub key: RouteKey,
    /// The complete host name, perhaps with a leading `*.`; without a dot only when the cluster has no `domain`.
    pub host: String,
    /// Path prefix, `/` for the whole host.
    pub path: String,
    pub port: PortName,
    /// The login as it was written for every way; `ways` says where it holds.
    pub auth: Option<Name>,
    /// By gateway, or `tunnel`. Whether each exists is a rule's to say. Empty when there is no default gateway.
    pub ways: BTreeMap<Name, Way>,
    pub rate_limit: Option<RateLimit>,
    pub headers: Headers,
    pub replace: IndexMap<String, String>,
    pub backend: Backend,
    pub snippet: Option<String>,
}

/// What a route asks for on one way.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Way {
    pub auth: Option<Name>,
    /// Empty: everybody.
    pub allow: Vec<IpNet>,
}

impl Route {
    /// Whether the gateway does anything on this way that cloudflared alone would not do.
    pub fn needs_gateway(&self, way: &Way) -> bool {
        way.auth.is_some()
            || !way.allow.is_empty()
            || self.rate_limit.is_some()
            || !self.headers.is_empty()
            || !self.replace.is_empty()
            || self.snippet.is_some()
    }
}

/// A TCP or UDP port of gateways.
#[derive(Clone, Debug, PartialEq)]
pub struct Stream {
    /// Port of the gateway.
    pub port: u16,
    /// Empty when nothing was said and there is no default gateway.
    pub via: Vec<Name>,
    pub proxy_protocol: bool,
}
