//! The typed values format -> JSON Schema (draft-07): of a whole cluster, and of a file that is laid over another.

use std::collections::BTreeSet;

use schemars::generate::SchemaSettings;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use crate::values::ClusterValues;
use crate::values::FORMATS;

/// The schema of a whole cluster: closed at every level.
pub fn cluster() -> Value {
    let generator = SchemaSettings::draft07().into_generator();
    let mut schema = generator.into_root_schema_for::<ClusterValues>().to_value();
    visit(&mut schema, &mut |schema| {
        drop_noise(schema);
        list_words(schema);
        name_keys(schema);
    });
    if let Some(root) = schema.as_object_mut() {
        root.insert("title".to_owned(), json!("helm ha cluster"));
        // Anchors need a home.
        root.insert("patternProperties".to_owned(), json!({ "^x-": {} }));
    }
    schema
}

/// The schema of one file of several: nothing is required, and `null` deletes at every key.
pub fn overlay() -> Value {
    let mut schema = cluster();
    visit(&mut schema, &mut |schema| {
        if let Some(kind) = schema.remove("required").and_then(|keys| keys.get(0).cloned()) {
            schema.insert("x-kind".to_owned(), kind);
        }
        schema.remove("default");
        if schema.get("oneOf").and_then(Value::as_array).is_some_and(|branches| branches.iter().all(only_requires)) {
            schema.remove("oneOf");
        }
        for keys in ["properties", "patternProperties"] {
            for property in schema.get_mut(keys).and_then(Value::as_object_mut).into_iter().flat_map(Map::values_mut) {
                allow_null(property);
            }
        }
        if let Some(additional) = schema.get_mut("additionalProperties").filter(|additional| additional.is_object()) {
            allow_null(additional);
        }
    });
    if let Some(root) = schema.as_object_mut() {
        root.insert("title".to_owned(), json!("helm ha overlay"));
    }
    schema
}

/// The same schema with only what is checked: no words for people, and no patterns of text types, whose `format` checks
/// all that they say, ten times as fast. With `keys` it knows no other properties, which means the same for values that
/// have no other key.
pub fn for_checking(mut schema: Value, keys: Option<&BTreeSet<&str>>) -> Value {
    visit(&mut schema, &mut |schema| {
        let format = schema.get("format").and_then(Value::as_str);
        let is_text_type = FORMATS.iter().any(|known| Some(known.name) == format);
        for key in ["description", "examples", "enumDescriptions", "patternErrorMessage", "default", "x-kind"] {
            schema.remove(key);
        }
        if is_text_type {
            schema.remove("pattern");
            schema.remove("maxLength");
        }
        if let (Some(keys), Some(Value::Object(properties))) = (keys, schema.get_mut("properties")) {
            properties.retain(|key, _| keys.contains(key.as_str()));
        }
    });
    schema
}

/// Whether a branch of `oneOf` says nothing but which key is there. Branches come before what they are in.
fn only_requires(branch: &Value) -> bool {
    branch.as_object().is_some_and(|branch| branch.keys().all(|key| ["required", "x-kind"].contains(&key.as_str())))
}

fn allow_null(schema: &mut Value) {
    let already = schema.as_object().is_some_and(|object| {
        object.is_empty()
            || object.get("type") == Some(&json!("null"))
            || object.get("enum").and_then(Value::as_array).is_some_and(|values| values.contains(&Value::Null))
    });
    if already || !schema.is_object() {
        return;
    }
    if let Some(Value::Array(branches)) = schema.get_mut("anyOf") {
        branches.push(json!({ "type": "null" }));
        return;
    }
    let mut outer = Map::new();
    let mut inner = std::mem::take(schema);
    for key in ["description", "examples"] {
        if let Some(value) = inner.as_object_mut().and_then(|inner| inner.remove(key)) {
            outer.insert(key.to_owned(), value);
        }
    }
    outer.insert("anyOf".to_owned(), json!([inner, { "type": "null" }]));
    *schema = Value::Object(outer);
}

/// Rust's integer formats mean nothing to a person; `null` as an alternative is the overlay's.
fn drop_noise(schema: &mut Map<String, Value>) {
    if schema
        .get("format")
        .and_then(Value::as_str)
        .is_some_and(|format| format.starts_with("uint") || format.starts_with("int"))
    {
        schema.remove("format");
    }
    if let Some(Value::Array(types)) = schema.get_mut("type") {
        types.retain(|kind| kind != "null");
        if let [only] = types.as_slice() {
            let only = only.clone();
            schema.insert("type".to_owned(), only);
        }
    }
    if let Some(Value::Array(branches)) = schema.get_mut("anyOf") {
        let nullable = branches.len() == 2
            && branches.iter().any(|branch| branch.get("enum").is_none() && branch.get("type") == Some(&json!("null")));
        if nullable {
            branches.retain(|branch| branch.get("type") != Some(&json!("null")));
            if let Some(Value::Object(only)) = branches.pop() {
                schema.remove("anyOf");
                let reference = only.contains_key("$ref")
                    && (schema.contains_key("description") || schema.contains_key("examples"));
                if reference {
                    // draft-07 ignores what stands beside `$ref`.
                    schema.insert("allOf".to_owned(), json!([only]));
                } else {
                    for (key, value) in only {
                        schema.entry(key).or_insert(value);
                    }
                }
            }
        }
    }
}

/// A choice among words, each with its description -> one `enum` beside `enumDescriptions`, as editors show it.
fn list_words(schema: &mut Map<String, Value>) {
    let Some(Value::Array(branches)) = schema.get("oneOf") else { return };
    let mut words = Vec::new();
    let mut descriptions = Vec::new();
    for branch in branches {
        let several = branch.get("enum").and_then(Value::as_array).cloned();
        let Some(of_branch) = several.or_else(|| branch.get("const").map(|word| vec![word.clone()])) else { return };
        let description = branch.get("description").cloned().unwrap_or_else(|| "".into());
        descriptions.extend(of_branch.iter().map(|_| description.clone()));
        words.extend(of_branch);
    }
    schema.remove("oneOf");
    schema.insert("type".to_owned(), json!("string"));
    schema.insert("enum".to_owned(), words.into());
    schema.insert("enumDescriptions".to_owned(), descriptions.into());
}

/// Maps by name: `patternProperties` with one pattern -> `propertyNames` and `additionalProperties`, whose errors
/// name the key and can say what is expected.
fn name_keys(schema: &mut Map<String, Value>) {
    let Some(Value::Object(patterns)) = schema.get("patternProperties") else { return };
    let Some((pattern, value)) = patterns.iter().next().filter(|_| patterns.len() == 1) else { return };
    let Some(format) = FORMATS.iter().find(|format| format.pattern == pattern) else { return };
    let value = value.clone();
    schema.remove("patternProperties");
    schema.insert("propertyNames".to_owned(), format.schema().to_value());
    schema.insert("additionalProperties".to_owned(), value);
}

/// Every schema inside a schema, the innermost first.
fn visit(schema: &mut Value, change: &mut impl FnMut(&mut Map<String, Value>)) {
    let Some(object) = schema.as_object_mut() else { return };
    for (key, value) in object.iter_mut() {
        match key.as_str() {
            "properties" | "patternProperties" | "definitions" => {
                value.as_object_mut().into_iter().flat_map(Map::values_mut).for_each(|schema| visit(schema, change));
            }
            "anyOf" | "oneOf" | "allOf" => {
                value.as_array_mut().into_iter().flatten().for_each(|schema| visit(schema, change));
            }
            "additionalProperties" | "items" | "propertyNames" | "not" => visit(value, change),
            _ => {}
        }
    }
    change(object);
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    /// `UPDATE=1 cargo test` writes them anew.
    #[test]
    #[allow(clippy::disallowed_methods, reason = "the committed files are compared with what is derived")]
    fn the_committed_schemas_are_the_derived_ones() {
        let check = |path: &str, derived: &Value| {
            let path = format!("{}/schemas/{path}", env!("CARGO_MANIFEST_DIR"));
            let text = format!("{}\n", serde_json::to_string_pretty(derived).unwrap());
            if std::env::var_os("UPDATE").is_some() {
                std::fs::write(&path, &text).unwrap();
            }
            assert_eq!(std::fs::read_to_string(&path).unwrap(), text, "{path}: run `UPDATE=1 cargo test --lib schema`");
        };
        check("cluster.schema.json", &super::cluster());
        check("overlay.schema.json", &super::overlay());
    }
}
