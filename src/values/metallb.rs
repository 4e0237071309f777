//! The settings of MetalLB.

use schemars::JsonSchema;
use serde::Deserialize;
use serde::Serialize;

use crate::values::addons::Addon;
use crate::values::addons::Source;
use crate::values::name::Namespace;
use crate::values::program::Program;
use crate::values::program::Verbosity;

/// MetalLB. Its addresses are those of `loadBalancer` and `gateways`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct MetalLb {
    /// `builtin`: part of the chart. `existing`: the operator is there already, only its custom resources are written.
    #[serde(default)]
    pub source: Source,
    /// Namespace of the operator that exists.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<Namespace>,
    /// The controller, which gives addresses to Services.
    #[serde(default)]
    pub controller: Program,
    /// The speakers, one on each node, which answer for the addresses.
    #[serde(default)]
    pub speaker: Program,
    /// How much both tell.
    #[serde(default)]
    pub log_level: Verbosity,
    /// The port of the nodes, TCP and UDP, by which the speakers find each other.
    #[schemars(range(min = 1))]
    #[serde(default = "memberlist_port")]
    pub memberlist_port: u16,
    /// The port of the nodes where metrics are read.
    #[schemars(range(min = 1))]
    #[serde(default = "metrics_port")]
    pub metrics_port: u16,
    /// Whether the pods have the annotations by which a Prometheus without its operator finds them.
    #[serde(default)]
    pub scrape_annotations: bool,
    /// Whether nodes announce that have the label `node.kubernetes.io/exclude-from-external-load-balancers`.
    #[serde(default)]
    pub ignore_exclude_label: bool,
}

impl Default for MetalLb {
    fn default() -> Self {
        Self {
            source: Source::default(),
            namespace: None,
            controller: Program::default(),
            speaker: Program::default(),
            log_level: Verbosity::default(),
            memberlist_port: memberlist_port(),
            metrics_port: metrics_port(),
            scrape_annotations: false,
            ignore_exclude_label: false,
        }
    }
}

impl MetalLb {
    /// What every add-on says.
    pub fn addon(&self) -> Addon {
        Addon { source: self.source, namespace: self.namespace.clone() }
    }
}

fn memberlist_port() -> u16 {
    7946
}

fn metrics_port() -> u16 {
    9120
}
