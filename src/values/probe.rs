//! How Kubernetes finds out whether a container works.

use schemars::JsonSchema;
use schemars::Schema;
use serde::Deserialize;
use serde::Serialize;

use crate::values::certificates::one_of;
use crate::values::name::Duration;
use crate::values::name::PortName;

/// Liveness, readiness and startup. Unsaid: readiness and liveness by TCP on the port `http`, else the first one.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Probes {
    /// The container is restarted when it fails.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub liveness: Option<Probe>,
    /// The container gets no requests while it fails.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub readiness: Option<Probe>,
    /// The others wait until it has passed once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub startup: Option<Probe>,
    /// `none`: no probes at all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<NoProbe>,
}

/// Switches the default probes off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum NoProbe {
    None,
}

/// One probe: exactly one of `http`, `tcp`, `exec`, `grpc`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(transform = one_action)]
pub struct Probe {
    /// Path that answers 2xx or 3xx.
    #[schemars(example = &"/healthz", regex(pattern = r"^/"))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub http: Option<String>,
    /// Port that takes connections.
    #[schemars(example = &"http")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tcp: Option<PortName>,
    /// Command that ends with 0.
    #[schemars(example = &["check"], length(min = 1))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exec: Option<Vec<String>>,
    /// Port that speaks gRPC's health protocol.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grpc: Option<PortName>,
    /// Port of `http`. Default: the port `http`, else the first one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub port: Option<PortName>,
    /// Time between two tries. Default: 10s.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub period: Option<Duration>,
    /// How long one try may take. Default: 5s.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout: Option<Duration>,
    /// Failures in a row that count. Default: 3.
    #[schemars(range(min = 1, max = 1000))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failures: Option<u32>,
    /// Time before the first try. Default: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delay: Option<Duration>,
}

/// The keys that say which kind a probe is.
pub const PROBE_KINDS: &[&str] = &["http", "tcp", "exec", "grpc"];

fn one_action(schema: &mut Schema) {
    one_of(schema, PROBE_KINDS);
}
