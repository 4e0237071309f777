//! Every image that the objects of a chart name, read from the objects themselves.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::objects::ChartObjects;
use crate::objects::Form;
use crate::objects::Step;

/// The references, sorted, each once.
pub fn images(charts: &[ChartObjects]) -> BTreeSet<String> {
    let objects = charts.iter().flat_map(|chart| &chart.objects);
    objects
        .flat_map(|object| object.exposed.iter().map(move |exposed| (object.object.json(), exposed)))
        .filter_map(|(json, exposed)| match &exposed.form {
            Form::Image { prefix } => {
                exposed.at.iter().try_fold(json, find)?.as_str()?.strip_prefix(prefix.as_str()).map(str::to_owned)
            }
            _ => None,
        })
        .collect()
}

fn find<'a>(value: &'a Value, step: &Step) -> Option<&'a Value> {
    match step {
        Step::Key(key) => value.get(key),
        Step::Named(name) => value.as_array()?.iter().find(|item| item.get("name").is_some_and(|found| found == name)),
        Step::Starting(start) => {
            value.as_array()?.iter().find(|item| item.as_str().is_some_and(|text| text.starts_with(start)))
        }
    }
}
