//! HTTP routes and TCP or UDP streams to the ports of a service.

use std::collections::BTreeMap;

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Deserialize;
use serde::Serialize;

use crate::values::address::Address;
use crate::values::address::Network;
use crate::values::address::OneOrTwo;
use crate::values::name::Domain;
use crate::values::name::Name;
use crate::values::name::PortName;
use crate::values::name::text_type;

text_type!(
    /// A host name: complete, completed by `domain` when it has no dot, or a wildcard `*.`.
    Host, "^(\\*\\.)?[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$", 253,
    |text| text.strip_prefix("*.").unwrap_or(text).parse::<Domain>().is_ok(),
    "a host name such as `photos` or `photos.example.com`"
);
text_type!(
    /// `HOST` or `HOST/PATH`: what a route answers for.
    RouteKey, "^(\\*\\.)?[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*(/[-A-Za-z0-9._~!&()*+,=:@%/]*)?$", 1024,
    |text| {
        let (host, path) = text.split_once('/').unwrap_or((text, ""));
        host.parse::<Host>().is_ok() && path.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~!&()*+,=:@%/".contains(&byte))
    },
    "a host name with an optional path such as `media/api`"
);
text_type!(
    /// Requests per second or minute: `10r/s`.
    RateLimit, "^[1-9][0-9]{0,5}r/[sm]$", 9,
    |text| text.strip_suffix("r/s").or_else(|| text.strip_suffix("r/m")).is_some_and(|count| !count.starts_with('0') && !count.is_empty() && count.bytes().all(|byte| byte.is_ascii_digit())),
    "requests per second or minute such as `10r/s`"
);
text_type!(
    /// The name of an HTTP header.
    HeaderName, "^[A-Za-z0-9-]+$", 128, |text| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-'), "the name of a header such as `X-Robots-Tag`"
);

impl RouteKey {
    /// The host as it was written and the path, `/` when none was written.
    pub fn host_and_path(&self) -> (&str, &str) {
        match self.as_str().find('/') {
            Some(at) => self.as_str().split_at(at),
            None => (self.as_str(), "/"),
        }
    }
}

/// All routes of a service. Short form: the port of the host that has the service's name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Routes {
    Long(#[schemars(example = &serde_json::json!({"photos": "http"}))] BTreeMap<RouteKey, Route>),
    Short(PortName),
}

impl Default for Routes {
    fn default() -> Self {
        Self::Long(BTreeMap::new())
    }
}

/// A route. Short form: its port.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Route {
    Long(RouteValues),
    Short(PortName),
}

impl Route {
    pub fn long(self) -> RouteValues {
        match self {
            Self::Short(port) => RouteValues { port, ..RouteValues::to_port("http") },
            Self::Long(values) => values,
        }
    }
}

/// A route in its long form.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RouteValues {
    /// Port of the service.
    #[schemars(example = &"http")]
    pub port: PortName,
    /// Gateways, and `tunnel`, that it is reached through. Default: the default gateway.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub via: Option<Via>,
    /// The login that it asks for.
    #[schemars(example = &"authelia")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auth: Option<Name>,
    /// Networks that may reach it. Default: all.
    #[schemars(example = &["10.0.0.0/8"])]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub allow: Vec<Network>,
    /// Requests of one client, above which it gets 429.
    #[schemars(example = &"10r/s")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate_limit: Option<RateLimit>,
    /// Changes to the headers of the answer.
    #[serde(default, skip_serializing_if = "Headers::is_empty")]
    pub headers: Headers,
    /// Texts replaced in the body of the answer.
    #[schemars(example = &serde_json::json!({"http://": "https://"}))]
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub replace: IndexMap<String, String>,
    /// What the service speaks.
    #[serde(default)]
    pub backend: Backend,
    /// Lines of nginx' own language for the location of this route.
    #[schemars(example = &"proxy_buffering off;")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub snippet: Option<String>,
}

impl RouteValues {
    /// A route to a port without any feature.
    pub fn to_port(port: &'static str) -> Self {
        Self {
            port: PortName::known(port),
            via: None,
            auth: None,
            allow: Vec::new(),
            rate_limit: None,
            headers: Headers::default(),
            replace: IndexMap::new(),
            backend: Backend::Http,
            snippet: None,
        }
    }
}

/// The ways to a route: names, or names with what is different there.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Via {
    Changed(BTreeMap<Name, ViaValues>),
    Names(#[schemars(length(min = 1))] Vec<Name>),
}

/// What is different on one way. `null` or `false` switches it off.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ViaValues {
    /// The login, instead of the route's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auth: Option<Override<Name>>,
    /// The networks, instead of the route's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allow: Option<Override<Vec<Network>>>,
}

/// A value that replaces another, or nothing instead of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Override<T> {
    Off(Off),
    To(T),
}

/// Written `false` or `null`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Off;

impl Serialize for Off {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bool(false)
    }
}

impl<'de> Deserialize<'de> for Off {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Option::<bool>::deserialize(deserializer)? {
            None | Some(false) => Ok(Self),
            Some(true) => Err(serde::de::Error::custom("expected `false` or `null`")),
        }
    }
}

impl JsonSchema for Off {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Off".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "enum": [false, null] })
    }
}

/// Changes to the headers of the answer.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Headers {
    /// Headers that are set.
    #[schemars(example = &serde_json::json!({"X-Robots-Tag": "none"}))]
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub set: BTreeMap<HeaderName, String>,
    /// Headers of the service that are taken out.
    #[schemars(example = &["Server"])]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hide: Vec<HeaderName>,
}

impl Headers {
    pub fn is_empty(&self) -> bool {
        self.set.is_empty() && self.hide.is_empty()
    }
}

/// What a service speaks to the gateway.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Backend {
    #[default]
    Http,
    /// TLS with a certificate that is not checked.
    Https,
    /// gRPC without TLS.
    Grpc,
}

/// A TCP or UDP port of a gateway that leads to a port of the service. Short form: the port's number.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Stream {
    Long(StreamValues),
    Short(#[schemars(range(min = 1, max = 65535))] u16),
}

impl Stream {
    pub fn long(self) -> StreamValues {
        match self {
            Self::Short(port) => StreamValues { port, via: Vec::new(), proxy_protocol: false },
            Self::Long(values) => values,
        }
    }
}

/// A stream in its long form.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct StreamValues {
    /// Port of the gateway.
    #[schemars(range(min = 1, max = 65535), example = &2222)]
    pub port: u16,
    /// Gateways. Default: the default one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub via: Vec<Name>,
    /// Whether the service gets the client's address by the PROXY protocol (TCP only).
    #[serde(default)]
    pub proxy_protocol: bool,
}

/// A LoadBalancer address of the service's own.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Expose {
    Address(ExposeAddress),
    Pool(ExposePool),
}

/// A fixed address, out of one of the pools.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExposeAddress {
    /// The address; one, or one of each family.
    #[schemars(example = &"192.168.56.241")]
    pub address: OneOrTwo<Address>,
}

/// Any free address of a pool.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExposePool {
    /// The pool.
    #[schemars(example = &"lan")]
    pub pool: Name,
}
