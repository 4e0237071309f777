//! A path of the values file in, what stands there out: type, default, text, example and the keys below.

use std::fmt::Write;

use serde_json::Map;
use serde_json::Value;

use crate::diagnostic::nearest;
use crate::diagnostic::suggestion;
use crate::schema::validate::CLUSTER;

/// Why a path cannot be explained.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no field `{key}` in `{parent}`{}", hint.as_ref().map(|hint| format!("; {hint}")).unwrap_or_default())]
pub struct UnknownPath {
    pub key: String,
    pub parent: String,
    pub hint: Option<String>,
}

/// Explains a path such as `services.mounts.volume`; names of services and the like may be there or left out.
/// An empty path is the whole file.
pub fn explain(path: &str) -> Result<String, UnknownPath> {
    let mut schemas = vec![CLUSTER.json()];
    let mut description = None;
    let mut walked = String::new();
    for key in path.split('.').filter(|key| !key.is_empty()) {
        let below = values_of(&schemas);
        let named =
            || below.first().copied().filter(|_| nearest(key, keys(&below).iter().map(String::as_str)).is_none());
        let Some(next) = property(&schemas, key).or_else(|| property(&below, key)).or_else(named) else {
            return Err(unknown(key, &walked, &schemas));
        };
        if !walked.is_empty() {
            walked.push('.');
        }
        walked.push_str(key);
        description = next.get("description").and_then(Value::as_str);
        schemas = variants(next);
    }
    Ok(page(path, description, &schemas))
}

fn unknown(key: &str, parent: &str, schemas: &[&Value]) -> UnknownPath {
    let mut known = keys(schemas);
    known.extend(keys(&values_of(schemas)));
    UnknownPath {
        key: key.to_owned(),
        parent: if parent.is_empty() { "the values file".to_owned() } else { parent.to_owned() },
        hint: suggestion(key, known.iter().map(String::as_str)),
    }
}

fn page(path: &str, description: Option<&str>, schemas: &[&Value]) -> String {
    let mut text = String::new();
    let name = if path.is_empty() { "values file" } else { path };
    _ = writeln!(text, "FIELD: {name} <{}>\n", types(schemas));
    let own = schemas.iter().find_map(|schema| schema.get("description")).and_then(Value::as_str);
    for said in [description, own.filter(|own| Some(*own) != description)].into_iter().flatten() {
        _ = writeln!(text, "{}\n", said.replace('\n', " "));
    }
    for (key, title) in [("default", "DEFAULT"), ("examples", "EXAMPLE")] {
        let value = schemas.iter().find_map(|schema| schema.get(key));
        if let Some(value) = value.map(|value| value.get(0).unwrap_or(value)) {
            _ = writeln!(text, "{title}: {value}\n");
        }
    }
    let below = values_of(schemas);
    let (title, fields) = match properties(schemas) {
        fields if fields.is_empty() => ("FIELDS OF EACH", properties(&below)),
        fields => ("FIELDS", fields),
    };
    if !fields.is_empty() {
        _ = writeln!(text, "{title}:");
        let width = fields.iter().map(|(key, _, _)| key.len()).max().unwrap_or_default();
        for (key, schema, required) in fields {
            let said = schema.get("description").and_then(Value::as_str).unwrap_or_default().replace('\n', " ");
            let kinds = types(&variants(schema));
            let must = if required { " (required)" } else { "" };
            _ = writeln!(text, "  {key:width$}  <{kinds}>{must}  {said}");
        }
    }
    text
}

/// A schema behind its references.
fn resolve(schema: &Value) -> &Value {
    let reference = schema.get("$ref").or_else(|| schema.pointer("/allOf/0/$ref")).and_then(Value::as_str);
    match reference.and_then(|reference| CLUSTER.json().pointer(reference.strip_prefix('#').unwrap_or(reference))) {
        Some(target) => target,
        None => schema,
    }
}

/// Every form that a value may have.
fn variants(schema: &Value) -> Vec<&Value> {
    let schema = resolve(schema);
    match schema.get("anyOf").and_then(Value::as_array) {
        Some(branches) => std::iter::once(schema).chain(branches.iter().flat_map(variants)).collect(),
        None => vec![schema],
    }
}

fn object(schema: &Value) -> Option<&Map<String, Value>> {
    schema.get("properties").and_then(Value::as_object)
}

fn property<'a>(schemas: &[&'a Value], key: &str) -> Option<&'a Value> {
    schemas.iter().find_map(|schema| object(schema)?.get(key))
}

/// The schemas of the values of a map by name, or of the items of a list.
fn values_of<'a>(schemas: &[&'a Value]) -> Vec<&'a Value> {
    let below = |schema: &'a Value| {
        schema.get("additionalProperties").filter(|below| below.is_object()).or(schema.get("items"))
    };
    schemas.iter().filter_map(|schema| below(schema)).flat_map(variants).collect()
}

fn keys(schemas: &[&Value]) -> Vec<String> {
    schemas.iter().filter_map(|schema| object(schema)).flat_map(Map::keys).cloned().collect()
}

/// Key, schema and whether it must be there, of every variant, each key once.
fn properties<'a>(schemas: &[&'a Value]) -> Vec<(&'a str, &'a Value, bool)> {
    let mut found: Vec<(&str, &Value, bool)> = Vec::new();
    for schema in schemas {
        let required = |key: &str| {
            schema.get("required").and_then(Value::as_array).is_some_and(|keys| keys.iter().any(|one| one == key))
        };
        for (key, value) in object(schema).into_iter().flatten() {
            if !found.iter().any(|(known, _, _)| known == key) {
                found.push((key, value, required(key) && schemas.len() == 1));
            }
        }
    }
    found
}

fn types(schemas: &[&Value]) -> String {
    let mut names: Vec<String> = Vec::new();
    let mut add = |name: &str| {
        if !names.iter().any(|known| known == name) {
            names.push(name.to_owned());
        }
    };
    for schema in schemas {
        match (schema.get("enum"), schema.get("type")) {
            (Some(Value::Array(options)), _) => {
                options.iter().for_each(|option| add(option.as_str().unwrap_or(&option.to_string())));
            }
            (_, Some(Value::String(kind))) => {
                let of = values_of(&[schema]);
                match kind.as_str() {
                    "array" if !of.is_empty() => add(&format!("[]{}", types(&of))),
                    "object" if object(schema).is_none() && !of.is_empty() => add(&format!("map of {}", types(&of))),
                    kind => add(kind),
                }
            }
            (_, Some(Value::Array(kinds))) => kinds.iter().filter_map(Value::as_str).for_each(&mut add),
            _ => schema.get("const").and_then(Value::as_str).into_iter().for_each(&mut add),
        }
    }
    names.retain(|name| !name.is_empty());
    names.join(" | ")
}
