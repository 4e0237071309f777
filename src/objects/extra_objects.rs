//! Manifests of the values in, a subchart of them out: as they were written, in the namespace of the release.

use serde_json::Value;

use crate::objects::ChartObject;
use crate::objects::ChartObjects;
use crate::objects::Object;
use crate::objects::images;
use crate::objects::metadata::KEEP;
use crate::plan::extra_objects::CHART;
use crate::plan::extra_objects::ExtraObject;
use crate::plan::facts::Facts;

/// Kinds that take data or other people's objects with them when they go.
const KEPT: &[&str] = &["Namespace", "PersistentVolume", "PersistentVolumeClaim", "CustomResourceDefinition"];

/// The subchart, when there are any.
pub fn chart(facts: &Facts, plans: &[ExtraObject]) -> Option<ChartObjects> {
    (!plans.is_empty()).then(|| ChartObjects {
        name: CHART.to_owned(),
        description: "The objects of `extraObjects`.".to_owned(),
        app_version: facts.version.clone(),
        optional: false,
        objects: plans.iter().map(object).collect(),
    })
}

fn object(plan: &ExtraObject) -> ChartObject {
    let mut object = Object::of(&plan.object);
    if KEPT.contains(&object.kind()) {
        keep(&mut object);
    }
    images::complete(&mut object);
    let below = ["objects".to_owned(), plan.entry.clone()];
    let mut exposed = Vec::new();
    images::expose(&object, &below, &mut exposed);
    images::expose_pull_secrets(&object, &below, &mut exposed);
    ChartObject { file: format!("{}.yaml", plan.entry), object, exposed }
}

/// What was written about keeping it stays.
fn keep(object: &mut Object) {
    let Some(metadata) = object.json_mut().get_mut("metadata").and_then(Value::as_object_mut) else { return };
    let annotations = metadata.entry("annotations").or_insert_with(|| Value::Object(serde_json::Map::new()));
    for (key, value) in KEEP {
        if let Some(annotations) = annotations.as_object_mut() {
            annotations.entry(key).or_insert_with(|| value.into());
        }
    }
}
