//! Settings of the values -> MetalLB's own programs; `None` when they are there already.

use serde::Serialize;

use crate::model::Cluster;
use crate::values::addons::Source;
use crate::values::program::Program;
use crate::values::program::Verbosity;

/// MetalLB's programs.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MetalLb {
    pub controller: Program,
    pub speaker: Program,
    pub log_level: Verbosity,
    pub memberlist_port: u16,
    pub metrics_port: u16,
    pub scrape_annotations: bool,
    pub ignore_exclude_label: bool,
}

pub fn plan(cluster: &Cluster) -> Option<MetalLb> {
    let values = &cluster.addons.metallb;
    (values.source == Source::Builtin).then(|| MetalLb {
        controller: values.controller.clone(),
        speaker: values.speaker.clone(),
        log_level: values.log_level,
        memberlist_port: values.memberlist_port,
        metrics_port: values.metrics_port,
        scrape_annotations: values.scrape_annotations,
        ignore_exclude_label: values.ignore_exclude_label,
    })
}
