//! Plans of services in, one subchart for each out.

use k8s_openapi::api::core::v1::ConfigMap;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use crate::objects::ChartObject;
use crate::objects::ChartObjects;
use crate::objects::Object;
use crate::objects::account;
use crate::objects::claims;
use crate::objects::metadata;
use crate::objects::monitor;
use crate::objects::once;
use crate::objects::patches;
use crate::objects::ports;
use crate::objects::workload;
use crate::parallel;
use crate::plan::facts::Facts;
use crate::plan::services::ServicePlan;
use crate::plan::workload::Workload;

/// A subchart while it is built.
pub struct Chart<'a> {
    pub facts: &'a Facts,
    pub plan: &'a ServicePlan,
}

/// The subchart of every service.
pub fn charts(plans: &[ServicePlan], facts: &Facts) -> Vec<ChartObjects> {
    parallel::map(plans, |plan| chart(&Chart { facts, plan }))
}

fn chart(chart: &Chart) -> ChartObjects {
    let plan = chart.plan;
    let silent = unexposed(chart).into_iter().map(|object| (object, Vec::new()));
    let named = silent.chain(workload::workload(chart)).map(|(mut object, mut exposed)| {
        let (file, name) = (file(plan, &object), object.name().to_owned());
        patches::apply(&plan.patches, &name, &mut object, &mut exposed);
        ChartObject { file, object, exposed }
    });
    let jobs = plan.once.iter().map(|once| {
        let (object, exposed) = once::job(chart, once);
        ChartObject { file: format!("job-{}.yaml", once.entry), object, exposed }
    });
    let mut objects: Vec<_> = named.chain(jobs).collect();
    objects.sort_by(|a, b| a.file.cmp(&b.file));
    if !plan.patches.is_empty() {
        patches::keep_apart(&mut objects);
    }
    ChartObjects {
        name: plan.name.clone(),
        description: format!("The service `{}`.", plan.name),
        app_version: plan.version.clone(),
        optional: true,
        objects,
    }
}

fn unexposed(chart: &Chart) -> Vec<Object> {
    let Chart { facts, plan } = chart;
    let mut objects = Vec::new();
    if let Some(account) = &plan.account {
        objects.extend(account::account(account, &facts.namespace, |name| chart.metadata(name)));
    }
    if let Some(files) = &plan.files {
        objects.push(Object::of(ConfigMap {
            metadata: chart.metadata(&files.name),
            data: Some(files.data.clone()),
            ..ConfigMap::default()
        }));
    }
    let kept = |name: &str| metadata::kept(chart.metadata(name));
    objects.extend(plan.claims.iter().map(|claim| Object::of(claims::claim(claim, kept(&claim.name)))));
    if let Workload::PerNode(instances) = &plan.workload {
        for (instance, local) in
            instances.iter().flat_map(|instance| instance.locals.iter().map(move |local| (instance, local)))
        {
            objects.push(Object::of(claims::local_volume(local, instance, &facts.namespace, kept(&local.name))));
            objects.push(Object::of(claims::local_claim(local, kept(&local.claim))));
        }
    }
    objects.extend(plan.services.iter().map(|service| {
        let mut metadata = chart.metadata(&service.name);
        metadata.annotations = metadata::filled(plan.service_annotations.clone());
        let selector = workload::selected(chart, service.instance.as_deref());
        ports::service(service, metadata, selector)
    }));
    if plan.disruption_budget {
        objects.push(workload::disruption_budget(chart));
    }
    let selector = || metadata::selector(metadata::selected(facts, &plan.name));
    objects
        .extend(plan.monitor.iter().map(|plan| monitor::monitor(plan, chart.metadata(&chart.plan.name), selector())));
    objects
}

/// `deployment.yaml`; an object that is not called as the service has the rest of its name there.
fn file(plan: &ServicePlan, object: &Object) -> String {
    let kind = object.kind().to_lowercase();
    let name = object.name();
    let rest = name.strip_prefix(&plan.name).map_or(name, |rest| rest.trim_start_matches('-'));
    if rest.is_empty() { format!("{kind}.yaml") } else { format!("{kind}-{rest}.yaml") }
}

impl Chart<'_> {
    pub fn metadata(&self, name: &str) -> ObjectMeta {
        let mut labels = self.plan.labels.clone();
        labels.extend(metadata::labels(self.facts, &self.plan.name));
        ObjectMeta { name: Some(name.to_owned()), labels: Some(labels), ..ObjectMeta::default() }
    }

    /// Metadata of what runs the pods.
    pub fn workload_metadata(&self, name: &str) -> ObjectMeta {
        let mut annotations = self.plan.annotations.clone();
        if self.plan.reloaded {
            annotations.insert("reloader.stakater.com/auto".to_owned(), "true".to_owned());
        }
        ObjectMeta { annotations: metadata::filled(annotations), ..self.metadata(name) }
    }
}
