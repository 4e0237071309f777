//! Planned workload in, the objects that run its pods out, with the values that each exposes.

use std::collections::BTreeMap;

use k8s_openapi::api::apps::v1::DaemonSet;
use k8s_openapi::api::apps::v1::DaemonSetSpec;
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::apps::v1::DeploymentSpec;
use k8s_openapi::api::apps::v1::DeploymentStrategy;
use k8s_openapi::api::apps::v1::RollingUpdateDeployment;
use k8s_openapi::api::apps::v1::StatefulSet;
use k8s_openapi::api::apps::v1::StatefulSetPersistentVolumeClaimRetentionPolicy;
use k8s_openapi::api::apps::v1::StatefulSetSpec;
use k8s_openapi::api::batch::v1::CronJob;
use k8s_openapi::api::batch::v1::CronJobSpec;
use k8s_openapi::api::batch::v1::JobSpec;
use k8s_openapi::api::batch::v1::JobTemplateSpec;
use k8s_openapi::api::policy::v1::PodDisruptionBudget;
use k8s_openapi::api::policy::v1::PodDisruptionBudgetSpec;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
use serde::Serialize;

use crate::objects::Exposed;
use crate::objects::Object;
use crate::objects::claims;
use crate::objects::container::list_of;
use crate::objects::container::number;
use crate::objects::metadata;
use crate::objects::pod;
use crate::objects::pod::Setting;
use crate::objects::service_values;
use crate::objects::services::Chart;
use crate::plan::workload::Instance;
use crate::plan::workload::Replicas;
use crate::plan::workload::Update;
use crate::plan::workload::Workload;

/// Tells the instances of a `perNode` service apart.
const INSTANCE: &str = "helm-ha.dev/instance";
/// Kubernetes' labels of the pods of one version of a Deployment and of a StatefulSet.
const TEMPLATE_HASH: &str = "pod-template-hash";
const REVISION_HASH: &str = "controller-revision-hash";

const TEMPLATE: &str = "spec/template/spec";
const JOB_TEMPLATE: &str = "spec/jobTemplate/spec/template/spec";

/// The labels that select the pods of one instance, or all of them.
pub fn selected(chart: &Chart, instance: Option<&str>) -> BTreeMap<String, String> {
    let mut labels = metadata::selected(chart.facts, &chart.plan.name);
    labels.extend(instance.map(|instance| (INSTANCE.to_owned(), instance.to_owned())));
    labels
}

/// The objects that run the pods.
pub fn workload(chart: &Chart) -> Vec<(Object, Vec<Exposed>)> {
    match &chart.plan.workload {
        Workload::Deployment { name, replicas, update } => {
            let setting = Setting { version_label: Some(TEMPLATE_HASH), ..setting(chart, None) };
            vec![deployment(chart, name, *replicas, *update, &setting)]
        }
        Workload::PerNode(instances) => {
            let one = Replicas { default: 1, maximum: 1 };
            let deployment = |instance: &Instance| {
                deployment(chart, &instance.name, one, Update::Recreate, &setting(chart, Some(instance)))
            };
            instances.iter().map(deployment).collect()
        }
        Workload::StatefulSet { name, replicas, companion, claims } => {
            let setting = Setting { version_label: Some(REVISION_HASH), ..setting(chart, None) };
            let template = |plan: &_| {
                let template: &crate::plan::claims::Claim = plan;
                claims::claim(template, ObjectMeta { name: Some(template.name.clone()), ..ObjectMeta::default() })
            };
            let retained = || Some("Retain".to_owned());
            let spec = StatefulSetSpec {
                replicas: Some(number(replicas.default)),
                selector: metadata::selector(setting.selected.clone()),
                service_name: companion.clone(),
                template: pod::template(&chart.plan.pod, &setting),
                volume_claim_templates: list_of(claims, template),
                persistent_volume_claim_retention_policy: Some(StatefulSetPersistentVolumeClaimRetentionPolicy {
                    when_deleted: retained(),
                    when_scaled: retained(),
                }),
                ..StatefulSetSpec::default()
            };
            let set = StatefulSet { metadata: chart.workload_metadata(name), spec: Some(spec), status: None };
            vec![running(chart, set, TEMPLATE, Some(*replicas))]
        }
        Workload::DaemonSet { name } => {
            let setting = setting(chart, None);
            let spec = DaemonSetSpec {
                selector: metadata::selector(setting.selected.clone()),
                template: pod::template(&chart.plan.pod, &setting),
                ..DaemonSetSpec::default()
            };
            let set = DaemonSet { metadata: chart.workload_metadata(name), spec: Some(spec), status: None };
            vec![running(chart, set, TEMPLATE, None)]
        }
        Workload::CronJob { name, schedule, time_zone, suspend, retries } => {
            // A failed try is a new pod, which may run on another node.
            let setting = Setting { restart_policy: Some("Never"), ..setting(chart, None) };
            let job = JobSpec {
                backoff_limit: Some(number(*retries)),
                template: pod::template(&chart.plan.pod, &setting),
                ..JobSpec::default()
            };
            let spec = CronJobSpec {
                concurrency_policy: Some("Forbid".to_owned()),
                job_template: JobTemplateSpec { metadata: None, spec: Some(job) },
                schedule: schedule.clone(),
                suspend: suspend.then_some(true),
                time_zone: time_zone.clone(),
                ..CronJobSpec::default()
            };
            let job = CronJob { metadata: chart.workload_metadata(name), spec, status: None };
            vec![running(chart, job, JOB_TEMPLATE, None)]
        }
    }
}

fn setting<'a>(chart: &Chart<'a>, instance: Option<&'a Instance>) -> Setting<'a> {
    let selected = selected(chart, instance.map(|instance| instance.name.as_str()));
    let mut labels = metadata::pod_labels(chart.facts, &chart.plan.name);
    labels.extend(selected.clone());
    Setting {
        selected,
        labels,
        files: chart.plan.files.as_ref().map_or("", |files| &files.name),
        instance,
        restart_policy: None,
        version_label: None,
    }
}

fn deployment(
    chart: &Chart,
    name: &str,
    replicas: Replicas,
    update: Update,
    setting: &Setting,
) -> (Object, Vec<Exposed>) {
    let rolling = |unavailable, surge| DeploymentStrategy {
        type_: Some("RollingUpdate".to_owned()),
        rolling_update: Some(RollingUpdateDeployment {
            max_unavailable: Some(IntOrString::Int(unavailable)),
            max_surge: Some(IntOrString::Int(surge)),
        }),
    };
    let strategy = match update {
        Update::Recreate => DeploymentStrategy { type_: Some("Recreate".to_owned()), rolling_update: None },
        Update::OneMore => rolling(0, 1),
        Update::OneLess => rolling(1, 0),
    };
    let spec = DeploymentSpec {
        replicas: Some(number(replicas.default)),
        selector: metadata::selector(setting.selected.clone()),
        strategy: Some(strategy),
        template: pod::template(&chart.plan.pod, setting),
        ..DeploymentSpec::default()
    };
    let deployment = Deployment { metadata: chart.workload_metadata(name), spec: Some(spec), status: None };
    running(chart, deployment, TEMPLATE, Some(replicas))
}

/// An object with pods at `spec`, complete and with its values.
fn running(chart: &Chart, typed: impl Serialize, spec: &str, replicas: Option<Replicas>) -> (Object, Vec<Exposed>) {
    let mut object = Object::of(typed);
    pod::add_written(&mut object, &format!("/{spec}"), &chart.plan.pod);
    let mut exposed = service_values::of_pod(&chart.plan.pod, spec);
    exposed.extend(replicas.map(service_values::replicas));
    (object, exposed)
}

/// Lets drains take one pod at a time. Pods that are not ready anyway hold up no drain.
pub fn disruption_budget(chart: &Chart) -> Object {
    Object::of(PodDisruptionBudget {
        metadata: chart.metadata(&chart.plan.name),
        spec: Some(PodDisruptionBudgetSpec {
            max_unavailable: Some(IntOrString::Int(1)),
            selector: Some(metadata::selector(selected(chart, None))),
            unhealthy_pod_eviction_policy: Some("AlwaysAllow".to_owned()),
            ..PodDisruptionBudgetSpec::default()
        }),
        status: None,
    })
}
