//! Exposed values in; for each another value, and the objects that must then come out, computed from the objects alone.

use helm_ha::objects::ChartObjects;
use helm_ha::objects::Exposed;
use helm_ha::objects::Form;
use helm_ha::objects::Step;
use helm_ha::oci::ImageReference;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;
use sha2::Digest;
use sha2::Sha256;

/// A value of a subchart that a person sets.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    pub chart: String,
    pub key: Vec<String>,
    pub value: Value,
}

/// For every exposed value another one that its schema allows; those with no other are left out.
pub fn changes(charts: &[ChartObjects]) -> Vec<Change> {
    collect(charts, other)
}

/// What a mirror and Secrets for all, set in `global`, amount to.
pub fn mirrored(charts: &[ChartObjects], mirror: &str, secrets: &Value) -> Vec<Change> {
    collect(charts, |form, default| match form {
        Form::Image { .. } => {
            let image = reference(form, default);
            Some(json!({ "registry": mirror, "repository": image.repository, "tag": image.tag }))
        }
        Form::PullSecrets => Some(secrets.clone()),
        _ => None,
    })
}

fn collect(charts: &[ChartObjects], value: impl Fn(&Form, &Value) -> Option<Value>) -> Vec<Change> {
    let mut changes: Vec<Change> = Vec::new();
    for chart in charts {
        for object in &chart.objects {
            for exposed in &object.exposed {
                let known = changes.iter().any(|change| change.chart == chart.name && change.key == exposed.key);
                if let (false, Some(value)) = (known, value(&exposed.form, at(object.object.json(), &exposed.at))) {
                    changes.push(Change { chart: chart.name.clone(), key: exposed.key.clone(), value });
                }
            }
        }
    }
    changes
}

fn other(form: &Form, default: &Value) -> Option<Value> {
    match form {
        Form::String { pattern: None } => Some(format!("{{{{ .Values }}}} \"%s\": # {}", text(default)).into()),
        Form::String { pattern: Some(pattern) } => panic!("no other text is known for {pattern}"),
        Form::Integer { minimum, maximum } => {
            let default = default.as_i64().unwrap();
            [default + 1, default - 1].into_iter().find(|other| (minimum..=maximum).contains(&other)).map(Value::from)
        }
        Form::Boolean => Some((!default.as_bool().unwrap()).into()),
        Form::Subtree { schema } => {
            let mut value = default.clone();
            replace_leaves(&mut value);
            // What was not there before.
            if let Some(amounts) = schema.pointer("/properties/limits").and_then(|_| value.as_object_mut()) {
                let limits = amounts.entry("limits").or_insert_with(|| json!({}));
                limits["example.com/on"] = json!("1e3");
            }
            Some(value)
        }
        Form::Image { .. } => {
            Some(json!({ "registry": "r.test:5000", "repository": "other/image", "tag": "20240101" }))
        }
        Form::PullSecrets => Some(json!([{ "name": "one" }, { "name": "on" }])),
        Form::JobName { .. } => None,
    }
}

fn replace_leaves(value: &mut Value) {
    match value {
        Value::Object(map) => map.values_mut().for_each(replace_leaves),
        Value::Array(items) => items.iter_mut().for_each(replace_leaves),
        Value::String(text) => *text = if text == "7" { "8" } else { "7" }.to_owned(),
        Value::Number(number) => *number = if number.as_i64() == Some(7) { 8 } else { 7 }.into(),
        Value::Bool(flag) => *flag = !*flag,
        Value::Null => {}
    }
}

/// The values file with these changes.
pub fn values<'a>(changes: impl IntoIterator<Item = &'a Change>) -> Value {
    let mut values = json!({});
    for change in changes {
        let mut place = &mut values[&change.chart];
        for key in &change.key {
            place = &mut place[key];
        }
        *place = change.value.clone();
    }
    values
}

/// The objects of the charts with these changes made in them.
pub fn applied(charts: &[ChartObjects], changes: &[&Change]) -> Vec<Value> {
    let mut objects = Vec::new();
    for chart in charts {
        let changed = |key: &[String]| changes.iter().find(|change| change.chart == chart.name && change.key == key);
        for item in &chart.objects {
            let mut object = item.object.json().clone();
            for exposed in &item.exposed {
                if let Some(change) = changed(&exposed.key) {
                    set(&mut object, &exposed.at, in_place(exposed, &change.value));
                }
            }
            for exposed in &item.exposed {
                if let Form::JobName { stem, image } = &exposed.form {
                    let image = item.exposed.iter().find(|other| other.key == *image).unwrap();
                    let digest = hex::encode(Sha256::digest(text(at(&object, &image.at))));
                    set(&mut object, &exposed.at, format!("{stem}{}", &digest[..8]).into());
                }
            }
            objects.push(object);
        }
    }
    objects
}

/// What stands in the object for a value.
fn in_place(exposed: &Exposed, value: &Value) -> Value {
    match &exposed.form {
        Form::Image { prefix } => {
            let part = |key| text(&value[key]);
            format!("{prefix}{}/{}:{}", part("registry"), part("repository"), part("tag")).into()
        }
        _ => value.clone(),
    }
}

fn reference(form: &Form, found: &Value) -> ImageReference {
    let Form::Image { prefix } = form else { panic!("{form:?} is no image") };
    text(found).strip_prefix(prefix.as_str()).unwrap().parse().unwrap()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text"))
}

/// The field; `null` when it is absent.
fn at<'v>(object: &'v Value, steps: &[Step]) -> &'v Value {
    steps.iter().fold(object, |node, step| match step {
        Step::Key(key) => &node[key],
        step => node.as_array().unwrap().iter().find(|item| is(item, step)).unwrap(),
    })
}

fn set(object: &mut Value, steps: &[Step], value: Value) {
    let place = steps.iter().fold(object, |node, step| match step {
        Step::Key(key) => {
            node.as_object_mut().unwrap_or_else(|| panic!("no map at {key}")).entry(key.clone()).or_insert(Value::Null)
        }
        step => node.as_array_mut().unwrap().iter_mut().find(|item| is(item, step)).unwrap(),
    });
    *place = value;
}

fn is(item: &Value, step: &Step) -> bool {
    match step {
        Step::Key(_) => false,
        Step::Named(name) => item["name"] == **name,
        Step::Starting(start) => item.as_str().is_some_and(|text| text.starts_with(start.as_str())),
    }
}

/// `{ CHART: { enabled: false } }` for each of these.
pub fn switched_off<'a>(charts: impl Iterator<Item = &'a ChartObjects>) -> Value {
    Value::Object(charts.map(|chart| (chart.name.clone(), json!({ "enabled": false }))).collect::<Map<_, _>>())
}
