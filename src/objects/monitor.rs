//! Planned monitor in, the Prometheus Operator's ServiceMonitor out.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelectorRequirement;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde::Serialize;

use crate::objects::Object;
use crate::objects::ports::COMPANION;
use crate::plan::monitor::Monitor;

/// `monitoring.coreos.com/v1`, as far as we write it (`prometheus-operator.dev/docs/api-reference`).
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ServiceMonitor<'a> {
    api_version: &'a str,
    kind: &'a str,
    metadata: ObjectMeta,
    spec: Spec<'a>,
}

#[derive(Serialize)]
struct Spec<'a> {
    endpoints: [Endpoint<'a>; 1],
    selector: LabelSelector,
}

#[derive(Serialize)]
struct Endpoint<'a> {
    port: &'a str,
    path: &'a str,
    interval: Option<&'a str>,
}

/// Reads every pod of the service once: through its Service, not through those that repeat its pods.
pub fn monitor(plan: &Monitor, metadata: ObjectMeta, mut selector: LabelSelector) -> Object {
    selector.match_expressions = Some(vec![LabelSelectorRequirement {
        key: COMPANION.to_owned(),
        operator: "DoesNotExist".to_owned(),
        values: None,
    }]);
    let endpoint = Endpoint { port: &plan.port, path: &plan.path, interval: plan.interval.as_deref() };
    let spec = Spec { endpoints: [endpoint], selector };
    Object::of(ServiceMonitor { api_version: "monitoring.coreos.com/v1", kind: "ServiceMonitor", metadata, spec })
}
