//! The schema that a chart brings and its values in, why Helm would refuse them out.

use jsonschema::Draft;
use serde_json::Value;

/// The first value that the schema forbids, with its place; an error when the schema itself is none.
pub fn refusal(schema: &Value, values: &Value) -> Result<Option<String>, String> {
    let validator = jsonschema::options()
        .with_draft(Draft::Draft7)
        .build(schema)
        .map_err(|error| format!("expected a JSON schema (draft 7): {error}"))?;
    let first = validator.iter_errors(values).next();
    Ok(first.map(|error| {
        let place = error.instance_path().to_string();
        format!("`{}`: {error}", if place.is_empty() { "/" } else { &place })
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_first_value_that_is_forbidden_is_named() {
        let check = |schema: Value, expect: Result<Option<&str>, &str>| {
            let found = refusal(&schema, &json!({ "web": { "replicas": -1 } }));
            let shown = found.as_ref().map(|it| it.as_deref()).map_err(String::as_str);
            match (shown, expect) {
                (Ok(Some(found)), Ok(Some(expect))) | (Err(found), Err(expect)) => {
                    assert!(found.contains(expect), "{found}")
                }
                (found, expect) => assert_eq!(found, expect),
            }
        };
        let schema =
            |minimum: i32| json!({ "properties": { "web": { "properties": { "replicas": { "minimum": minimum } } } } });
        check(schema(-1), Ok(None));
        check(schema(0), Ok(Some("`/web/replicas`: -1 is less than the minimum of 0")));
        check(json!({ "type": "nothing" }), Err("expected a JSON schema"));
    }
}
