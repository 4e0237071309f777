//! Planned Job of `once` in, a Job whose name changes with everything in it out.

use k8s_openapi::api::batch::v1::Job;
use k8s_openapi::api::batch::v1::JobSpec;

use crate::objects::Exposed;
use crate::objects::Form;
use crate::objects::Object;
use crate::objects::exposed::find;
use crate::objects::metadata;
use crate::objects::patches;
use crate::objects::pod;
use crate::objects::pod::Setting;
use crate::objects::service_values;
use crate::objects::services::Chart;
use crate::objects::steps;
use crate::plan::names;
use crate::plan::services::Once;

/// The entry of `once` that a pod is of. Such pods have no `app.kubernetes.io/name`, for no Service may find them.
const ONCE: &str = "helm-ha.dev/once";

/// Where the pod stands in a Job.
const SPEC: &str = "spec/template/spec";

/// Tries until it works: at the first install storage needs minutes, and other services as well.
const TRIES: i32 = 100;

/// The Job and what it exposes. A Job cannot be changed, so its name holds a digest of it and one of its image.
pub fn job(chart: &Chart, plan: &Once) -> (Object, Vec<Exposed>) {
    let mut labels = metadata::pod_labels(chart.facts, &chart.plan.name);
    labels.remove(metadata::NAME);
    labels.insert(ONCE.to_owned(), plan.stem.clone());
    let setting = Setting {
        selected: labels.clone(),
        labels,
        files: chart.plan.files.as_ref().map_or("", |files| &files.name),
        instance: None,
        restart_policy: Some("OnFailure"),
        version_label: None,
    };
    let spec =
        JobSpec { backoff_limit: Some(TRIES), template: pod::template(&plan.pod, &setting), ..JobSpec::default() };
    let mut object = Object::of(Job { metadata: chart.metadata(""), spec: Some(spec), status: None });
    pod::add_written(&mut object, &format!("/{SPEC}"), &plan.pod);
    let mut exposed = service_values::images(&plan.pod, SPEC);
    patches::apply(&chart.plan.patches, &plan.stem, &mut object, &mut exposed);
    let stem = format!("{}-once-{}-", plan.stem, names::digest(object.json().to_string().as_bytes()));
    let main = exposed.iter().find(|exposed| exposed.key == plan.pod.main.image.key);
    let image = main.and_then(|main| main.at.iter().try_fold(object.json(), find)?.as_str());
    let name = format!("{stem}{}", names::digest(image.unwrap_or(&plan.pod.main.image.default).as_bytes()));
    if let Some(field) = object.json_mut().pointer_mut("/metadata/name") {
        *field = name.into();
    }
    if let Some(image) = exposed.first().filter(|exposed| exposed.key == plan.pod.main.image.key) {
        let form = Form::JobName { stem, image: image.key.clone() };
        let words = "The name, which ends in a digest of the image.";
        exposed
            .insert(0, Exposed { key: Vec::new(), at: steps("metadata/name"), form, documentation: words.to_owned() });
    }
    (object, exposed)
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::objects::tests::at;
    use crate::objects::tests::web;

    #[test]
    fn a_job_of_once_has_another_name_when_it_changes() {
        let name = |service: &str| {
            let objects = web(&format!("services: {{ web: {{ image: nginx:1, {service} }} }}"));
            at(&objects, "job-init", "/metadata/name").as_str().unwrap().to_owned()
        };
        let first = name("once: { init: { command: [a] } }");
        let (stem, image) = first.rsplit_once('-').unwrap();
        assert!(first.starts_with("web-init-once-") && first.len() == 31, "{first}");
        let other = name("once: { init: { command: [b] } }");
        assert!(!other.starts_with(stem) && other.ends_with(image), "{other}");
        assert_eq!(name("replicas: 3, once: { init: { command: [a] } }"), first);
        let objects = web("services: { web: { image: nginx:1, once: { init: { image: busybox:1 } } } }");
        let job = &objects["job-init.yaml"];
        let keys: Vec<_> = job.exposed.iter().map(|exposed| exposed.key.join(".")).collect();
        assert_eq!(keys, ["", "once.init.image", "imagePullSecrets"]);
        assert!(matches!(&job.exposed[0].form, Form::JobName { image, .. } if image.join(".") == "once.init.image"));
        assert_eq!(at(&objects, "job-init", "/spec/template/metadata/labels/app.kubernetes.io~1name"), Value::Null);
    }
}
