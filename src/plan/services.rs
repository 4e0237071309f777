//! Cluster in, every decision about its services out.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::model;
use crate::model::Cluster;
use crate::model::Service;
use crate::oci::ImageReference;
use crate::plan::account;
use crate::plan::account::Account;
use crate::plan::claims;
use crate::plan::claims::Claim;
use crate::plan::facts::Facts;
use crate::plan::files;
use crate::plan::monitor;
use crate::plan::monitor::Monitor;
use crate::plan::mounts::Context;
use crate::plan::names;
use crate::plan::pod;
use crate::plan::pod::Pod;
use crate::plan::ports;
use crate::plan::ports::NetworkService;
use crate::plan::workload;
use crate::plan::workload::Workload;
use crate::values::name::ServiceName;
use crate::values::service::PatchTarget;

/// Everything about a service: one subchart.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ServicePlan {
    pub name: String,
    /// The tag of the image.
    pub version: String,
    pub workload: Workload,
    pub pod: Pod,
    /// Whether drains take one pod at a time.
    pub disruption_budget: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub once: Vec<Once>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub services: Vec<NetworkService>,
    /// Claims that all pods share.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub claims: Vec<Claim>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub files: Option<ConfigFiles>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<Account>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub monitor: Option<Monitor>,
    /// Of all its objects.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
    /// Of its workload.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub annotations: BTreeMap<String, String>,
    /// Of its Services.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub service_annotations: BTreeMap<String, String>,
    /// Whether Stakater Reloader restarts it when a Secret or ConfigMap changes.
    pub reloaded: bool,
    /// What is changed in its objects before anything of them is exposed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub patches: Vec<Patch>,
}

/// A strategic merge patch of objects.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Patch {
    pub kind: String,
    /// The name of one object; `None` for all of the kind.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    pub patch: serde_json::Value,
}

/// A Job that runs once per change.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Once {
    /// Its key in `once`.
    pub entry: String,
    /// The start of its name, before `-once-` and two digests.
    pub stem: String,
    pub pod: Pod,
}

/// The service's own ConfigMap.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ConfigFiles {
    pub name: String,
    pub data: BTreeMap<String, String>,
}

/// `-once-GGGGGGGG-IIIIIIII`: what follows the stem of a Job's name.
const ONCE_SUFFIX: usize = 23;

/// The plans of all services by name. What refers to something unknown is left out: a finding has said so.
pub fn plan(cluster: &Cluster) -> Vec<ServicePlan> {
    let facts = Facts::of(cluster);
    cluster.services.iter().map(|(name, service)| service_plan(&facts, cluster, name, service)).collect()
}

fn service_plan(facts: &Facts, cluster: &Cluster, name: &ServiceName, service: &Service) -> ServicePlan {
    let context = Context { cluster, name, service, is_job: false };
    let workload = workload::workload(facts, cluster, name, service);
    let data = files::data(service);
    let job = Context { is_job: true, ..context };
    let once = service.once.iter().map(|(entry, container)| Once {
        entry: entry.to_string(),
        stem: names::fitted(&format!("{name}-{entry}"), names::LABEL - ONCE_SUFFIX),
        pod: pod::pod_of_job(facts, job, entry, container),
    });
    let reference: Option<ImageReference> = service.main.image.0.parse().ok();
    ServicePlan {
        name: name.to_string(),
        version: reference.map(|image| image.tag).unwrap_or_default(),
        pod: pod::pod(facts, context),
        disruption_budget: workload.is_replicated(),
        once: once.collect(),
        services: ports::services(cluster, name, service),
        claims: match service.workload {
            model::Workload::StatefulSet => Vec::new(),
            _ => claims::claims(cluster, name, service),
        },
        files: (!data.is_empty()).then(|| ConfigFiles { name: names::files(name), data }),
        account: account::account(cluster, name, service),
        monitor: monitor::monitor(facts, service),
        labels: service.labels.clone(),
        annotations: service.annotations.clone(),
        service_annotations: service.service_annotations.clone(),
        reloaded: facts.reloader,
        patches: service.patch.iter().map(patch).collect(),
        workload,
    }
}

/// A patch of a kind comes before that of one object of it, which is the longer key.
fn patch((target, patch): (&PatchTarget, &serde_json::Map<String, serde_json::Value>)) -> Patch {
    let (kind, name) = target.parts();
    Patch { kind: kind.to_owned(), name: name.map(str::to_owned), patch: patch.clone().into() }
}
