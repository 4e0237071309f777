//! Where images stand in objects: every one of them is an exposed value, and so the list of images is read from these.
//!
//! An image that a builder writes anywhere but in a pod (an argument, a variable, a key of a ConfigMap, a field of a
//! custom resource) is exposed beside it with [`Form::Image`]; images of pods that nobody exposed are found here.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::fmt;

use serde::Serialize;
use serde_json::Value;

use crate::objects::ChartObjects;
use crate::objects::Exposed;
use crate::objects::Form;
use crate::objects::Object;
use crate::objects::Step;
use crate::objects::exposed::find;
use crate::objects::exposed::find_mut;
use crate::objects::service_values;
use crate::objects::steps;
use crate::oci::ImageReference;
use crate::plan::Plan;
use crate::plan::moves;
use crate::plan::names;

/// Where objects of a kind have their pods.
const PODS: &[(&str, &str)] = &[
    ("Pod", "spec"),
    ("PodTemplate", "template/spec"),
    ("ReplicationController", "spec/template/spec"),
    ("ReplicaSet", "spec/template/spec"),
    ("Deployment", "spec/template/spec"),
    ("StatefulSet", "spec/template/spec"),
    ("DaemonSet", "spec/template/spec"),
    ("Job", "spec/template/spec"),
    ("CronJob", "spec/jobTemplate/spec/template/spec"),
];

/// The lists of pods whose elements have a name, and where these name an image.
const LISTS: &[(&str, &str)] = &[("containers", "image"), ("initContainers", "image"), ("volumes", "image/reference")];

/// Where kinds of others that a person may write themselves name an image.
const FIELDS: &[(&str, &str)] = &[("CephCluster", "spec/cephVersion/image")];

/// What names an image: a field of an object, or, by its `name` alone, something that no object holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Namer {
    /// The subchart.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub chart: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub kind: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub namespace: String,
    pub name: String,
    /// The field, such as `spec.template.spec.containers[web].image`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub field: String,
    /// The key of the chart's values that changes it.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub value: String,
}

impl fmt::Display for Namer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kind, namespace, name, field, value, .. } = self;
        match (field.is_empty(), value.is_empty()) {
            (true, _) => f.write_str(name),
            (false, true) => write!(f, "{kind} {namespace}/{name}: {field} (of `helm ha move`)"),
            (false, false) => write!(f, "{kind} {namespace}/{name}: {field} (value {value})"),
        }
    }
}

/// Every image, sorted, with what names it.
pub fn images(plan: &Plan, charts: &[ChartObjects]) -> BTreeMap<String, Vec<Namer>> {
    let mut images: BTreeMap<String, Vec<Namer>> = BTreeMap::new();
    for chart in charts {
        for item in &chart.objects {
            for exposed in &item.exposed {
                let Form::Image { prefix } = &exposed.form else { continue };
                let found = exposed.at.iter().try_fold(item.object.json(), find).and_then(Value::as_str);
                let Some(image) = found.and_then(|text| text.strip_prefix(prefix.as_str())) else { continue };
                let namespace = item.object.namespace();
                images.entry(image.to_owned()).or_default().push(Namer {
                    chart: chart.name.clone(),
                    kind: item.object.kind().to_owned(),
                    namespace: if namespace.is_empty() { &plan.facts.namespace } else { namespace }.to_owned(),
                    name: item.object.name().to_owned(),
                    field: field(&exposed.at),
                    value: format!("{}.{}", chart.name, exposed.key.join(".")),
                });
            }
        }
    }
    let listed = Namer { name: "`images` of the values".to_owned(), ..Namer::default() };
    let copying = Namer {
        kind: "Job".to_owned(),
        namespace: plan.facts.namespace.clone(),
        name: "move-VOLUME".to_owned(),
        field: "spec.template.spec.containers[copy].image".to_owned(),
        ..Namer::default()
    };
    let listed = plan.images.iter().map(|image| (image.as_str(), &listed));
    for (image, namer) in listed.chain(moves::image(&plan.lock.next).map(|image| (image, &copying))) {
        let complete = image.parse::<ImageReference>().map_or_else(|_| image.to_owned(), |image| image.to_string());
        images.entry(complete).or_default().push(namer.clone());
    }
    images.values_mut().for_each(|namers| namers.sort());
    images
}

/// Adds their digests to images, where these have none yet; the name of a Job that holds one of its image follows.
/// `digests` by the name of the image. Gives the names of images that are not among them.
pub fn lock(charts: &mut [ChartObjects], digests: &BTreeMap<String, String>) -> Vec<String> {
    let mut missing = BTreeSet::new();
    for item in charts.iter_mut().flat_map(|chart| &mut chart.objects) {
        for exposed in &item.exposed {
            let Form::Image { prefix } = &exposed.form else { continue };
            let found = exposed.at.iter().try_fold(item.object.json_mut(), find_mut);
            let Some(Value::String(text)) = found else { continue };
            let Some(image) = text.strip_prefix(prefix.as_str()).filter(|image| !image.contains('@')) else { continue };
            match digests.get(image) {
                Some(digest) => *text = format!("{text}@{digest}"),
                None => _ = missing.insert(image.to_owned()),
            }
        }
        for exposed in &item.exposed {
            let Form::JobName { stem, image } = &exposed.form else { continue };
            let image = item.exposed.iter().find(|exposed| exposed.key == *image);
            let image = image.and_then(|image| image.at.iter().try_fold(item.object.json(), find)?.as_str());
            let Some(image) = image else { continue };
            let name = format!("{stem}{}", names::digest(image.as_bytes()));
            if let Some(field) = exposed.at.iter().try_fold(item.object.json_mut(), find_mut) {
                *field = name.into();
            }
        }
    }
    missing.into_iter().collect()
}

fn field(at: &[Step]) -> String {
    let mut text = String::new();
    for step in at {
        match step {
            Step::Key(key) if text.is_empty() => text.push_str(key),
            Step::Key(key) if key.contains(['.', '[']) => text.push_str(&format!("[\"{key}\"]")),
            Step::Key(key) => text.push_str(&format!(".{key}")),
            Step::Named(name) => text.push_str(&format!("[{name}]")),
            Step::Starting(start) => text.push_str(&format!("[{start}...]")),
        }
    }
    text
}

/// The places of images that the kind of an object has: the field, and the last keys of a value that exposes it.
fn places(object: &Object) -> Vec<(Vec<Step>, Vec<String>)> {
    let kind = object.kind();
    let mut places = Vec::new();
    let own = FIELDS.iter().filter(|(known, _)| *known == kind);
    places.extend(own.map(|(_, place)| (steps(place), vec!["image".to_owned()])));
    for (_, spec) in PODS.iter().filter(|(known, _)| *known == kind) {
        for (list, image) in LISTS {
            let at = [steps(spec), steps(list)].concat();
            let items = at.iter().try_fold(object.json(), find).and_then(Value::as_array).into_iter().flatten();
            let names: Vec<&str> = items.filter_map(|item| item.get("name").and_then(Value::as_str)).collect();
            // Which one of two with one name is meant nobody can say: a rule has refused them.
            let is_one = |name: &&&str| names.iter().filter(|other| other == name).count() == 1;
            for name in names.iter().filter(is_one).copied() {
                let at = [at.clone(), vec![Step::Named(name.to_owned())], steps(image)].concat();
                let group = if *list == "volumes" { "volumes" } else { "containers" };
                places.push((at, [group, name, "image"].map(str::to_owned).to_vec()));
            }
        }
    }
    places
}

/// Says registry and tag in every image of an object that can be read.
pub fn complete(object: &mut Object) {
    for (at, _) in places(object) {
        let Some(Value::String(text)) = at.iter().try_fold(object.json_mut(), find_mut) else { continue };
        if let Ok(image) = text.parse::<ImageReference>() {
            *text = image.to_string();
        }
    }
}

/// Exposes every image of an object that `exposed` does not have yet, below the key `below`.
pub fn expose(object: &Object, below: &[String], exposed: &mut Vec<Exposed>) {
    for (at, key) in places(object) {
        let found = at.iter().try_fold(object.json(), find).and_then(Value::as_str);
        let is_image = found.is_some_and(|text| text.parse::<ImageReference>().is_ok());
        if is_image && exposed.iter().all(|known| known.at != at) {
            let form = Form::Image { prefix: String::new() };
            exposed.push(Exposed { key: [below, &key].concat(), at, form, documentation: "The image.".to_owned() });
        }
    }
}

/// Exposes the Secrets to pull the images of an object's pods, unless the object names its own.
pub fn expose_pull_secrets(object: &Object, below: &[String], exposed: &mut Vec<Exposed>) {
    for (_, spec) in PODS.iter().filter(|(known, _)| *known == object.kind()) {
        let spec_of = steps(spec).iter().try_fold(object.json(), find).and_then(Value::as_object);
        if spec_of.is_some_and(|spec| !spec.contains_key("imagePullSecrets")) {
            let key = [below, &["imagePullSecrets".to_owned()]].concat();
            exposed.push(service_values::pull_secrets(key, &format!("{spec}/imagePullSecrets")));
        }
    }
}
