//! Metrics of a service in, what Prometheus reads out.

use serde::Serialize;

use crate::model::Service;
use crate::model::Workload;
use crate::plan::facts::Facts;

/// A ServiceMonitor.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Monitor {
    /// Port of the Service.
    pub port: String,
    pub path: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interval: Option<String>,
}

/// `None` where the Prometheus Operator is not, or nothing can be read.
pub fn monitor(facts: &Facts, service: &Service) -> Option<Monitor> {
    let metrics =
        service.metrics.as_ref().filter(|metrics| facts.prometheus && service.ports.contains_key(&metrics.port))?;
    let reached = !matches!(service.workload, Workload::CronJob(_));
    reached.then(|| Monitor {
        port: metrics.port.to_string(),
        path: metrics.path.clone(),
        interval: metrics.interval.as_ref().map(ToString::to_string),
    })
}
