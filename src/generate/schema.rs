//! The values of a chart in, its strict `values.schema.json` (draft-07, which every Helm understands) out.
//!
//! Every object is closed and every value typed and required: without that a `null` replica count would become 0 and a
//! numeric tag `%!s(float64=...)`. Helm adds `global` to the values of every subchart, so that is allowed everywhere.
//! Patterns are RE2; nothing refers to another file.

use serde_json::Value;

use crate::generate::values::Exposure;
use crate::generate::values::Values;
use crate::objects::Form;

// The schemas below leave out their last brace, in front of which the documentation goes. Helm compiles them for every
// chart again: no pattern counts to 128, which alone takes it a tenth of the time of a large umbrella.

const IMAGE: &str = concat!(
    r#"{"type":"object","additionalProperties":false,"properties":{"#,
    r#""registry":{"type":"string","pattern":"^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:[0-9]+)?$"},"#,
    r#""repository":{"type":"string","pattern":"^[a-z0-9]+((\\.|_|__|-+)[a-z0-9]+)*(/[a-z0-9]+((\\.|_|__|-+)[a-z0-9]+)*)*$"},"#,
    r#""tag":{"type":"string","maxLength":200,"pattern":"^[A-Za-z0-9_][A-Za-z0-9_.-]*(@sha256:[0-9a-f]{64})?$"}},"#,
    r#""required":["registry","repository","tag"]"#
);
const PULL_SECRETS: &str = concat!(
    r#"{"type":"array","items":{"type":"object","additionalProperties":false,"#,
    r#""properties":{"name":{"type":"string","minLength":1}},"required":["name"]}"#
);
/// A registry that takes the place of all others, perhaps with a folder, or nothing.
const MIRROR: &str =
    r#"{"type":"string","pattern":"^([A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:[0-9]+)?(/[a-z0-9._-]+)*)?$""#;

/// `values.schema.json` of a subchart. `optional` charts have `enabled`. What `global` holds is checked by the umbrella.
pub fn subchart(values: &Values, optional: bool) -> String {
    let free = [("global", r#"{"type":"object"}"#.to_owned()), ("enabled", r#"{"type":"boolean"}"#.to_owned())];
    document(|out| object(out, values.fields(), free.get(..1 + usize::from(optional)).unwrap_or_default()))
}

/// `values.schema.json` of the umbrella. What stands below a subchart's name is checked by that chart's own schema.
pub fn umbrella<'a>(charts: impl Iterator<Item = &'a str>) -> String {
    let section = |name| (name, r#"{"type":"object"}"#.to_owned());
    let free: Vec<_> = [("global", global())].into_iter().chain(charts.map(section)).collect();
    document(|out| object(out, &[], &free))
}

fn document(write: impl FnOnce(&mut String)) -> String {
    let mut out = String::with_capacity(4096);
    write(&mut out);
    out.insert_str(1, r#""$schema":"http://json-schema.org/draft-07/schema#","#);
    out.push('\n');
    out
}

/// A closed object whose `fields` are required and whose `free` properties are not.
fn object(out: &mut String, fields: &[(&str, Values)], free: &[(&str, String)]) {
    out.push_str(r#"{"type":"object","additionalProperties":false,"properties":{"#);
    for (key, value) in fields {
        push_text(out, key);
        out.push(':');
        match value {
            Values::Map(fields) => object(out, fields, &[]),
            Values::Leaf(leaf) => property(out, leaf),
        }
        out.push(',');
    }
    for (key, schema) in free {
        push_text(out, key);
        out.push(':');
        out.push_str(schema);
        out.push(',');
    }
    close(out, '}');
    if !fields.is_empty() {
        out.push_str(r#","required":["#);
        for (key, _) in fields {
            push_text(out, key);
            out.push(',');
        }
        close(out, ']');
    }
    out.push('}');
}

/// The schema of one exposed value, with its documentation.
fn property(out: &mut String, leaf: &Exposure) {
    match &leaf.exposed.form {
        Form::String { pattern: None } => out.push_str(r#"{"type":"string""#),
        Form::String { pattern: Some(pattern) } => {
            out.push_str(r#"{"type":"string","pattern":"#);
            push_text(out, pattern);
        }
        Form::Integer { minimum, maximum } => {
            out.push_str(&format!(r#"{{"type":"integer","minimum":{minimum},"maximum":{maximum}"#));
        }
        Form::Boolean => out.push_str(r#"{"type":"boolean""#),
        Form::Subtree { schema } => {
            out.push_str(&schema.to_string());
            out.pop();
        }
        Form::Image { .. } => out.push_str(IMAGE),
        Form::PullSecrets => out.push_str(PULL_SECRETS),
        // The name of a Job follows from its image; it is no value of its own and never a leaf.
        Form::JobName { .. } => out.push_str(r#"{"not":{}"#),
    }
    out.push_str(if out.ends_with('{') { r#""description":"# } else { r#","description":"# });
    push_text(out, &leaf.exposed.documentation);
    out.push('}');
}

fn global() -> String {
    format!(
        r#"{{"type":"object","additionalProperties":false,"properties":{{"imageRegistry":{MIRROR}}},"imagePullSecrets":{PULL_SECRETS}}}}}}}"#
    )
}

fn push_text(out: &mut String, text: &str) {
    out.push_str(&Value::from(text).to_string());
}

/// Closes a list whose elements all end in a comma.
fn close(out: &mut String, bracket: char) {
    if out.ends_with(',') {
        out.pop();
    }
    out.push(bracket);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::objects::Exposed;
    use serde_json::json;

    fn check(key: &[&str], form: Form, found: Value, expect: Value) {
        let exposed = Exposed::new(key, Vec::new(), form, "It is \"this\".");
        let mut values = Values::new();
        values.insert(Exposure::of(&exposed, &found).unwrap()).unwrap();
        let schema: Value = serde_json::from_str(&subchart(&values, true)).unwrap();
        assert_eq!(schema["$schema"], "http://json-schema.org/draft-07/schema#");
        assert_eq!(schema["additionalProperties"], false);
        assert_eq!(schema["required"], json!([key[0]]));
        assert_eq!(schema["properties"]["enabled"], json!({ "type": "boolean" }));
        assert_eq!(schema["properties"]["global"], json!({ "type": "object" }));
        assert_eq!(schema["properties"][key[0]], expect);
    }

    #[test]
    fn every_form_is_typed() {
        let description = "It is \"this\".";
        let string = json!({ "type": "string", "description": description });
        let env = json!({ "type": "object", "additionalProperties": false, "properties": { "a.b": string }, "required": ["a.b"] });
        check(&["env", "a.b"], Form::String { pattern: None }, json!("x"), env);
        let pattern = json!({ "type": "string", "pattern": "^\\d\"$", "description": description });
        check(&["s"], Form::String { pattern: Some("^\\d\"$".into()) }, json!("x"), pattern);
        let integer = json!({ "type": "integer", "minimum": 0, "maximum": 9, "description": description });
        check(&["i"], Form::Integer { minimum: 0, maximum: 9 }, json!(1), integer);
        check(&["b"], Form::Boolean, json!(true), json!({ "type": "boolean", "description": description }));
        let schema = json!({ "type": "object" });
        check(&["t"], Form::Subtree { schema }, json!({}), json!({ "type": "object", "description": description }));
        check(&["t"], Form::Subtree { schema: json!({}) }, json!({}), json!({ "description": description }));
    }

    #[test]
    fn the_umbrella_knows_its_charts() {
        let schema: Value = serde_json::from_str(&umbrella(["photos", "crds"].into_iter())).unwrap();
        let keys: Vec<_> = schema["properties"].as_object().unwrap().keys().collect();
        assert_eq!(keys, ["global", "photos", "crds"]);
        assert_eq!(schema["properties"]["global"]["additionalProperties"], false);
        assert_eq!((&schema["additionalProperties"], schema.get("required")), (&json!(false), None));
    }
}
