//! What the validator found -> what a person reads.

use jsonschema::ValidationError;
use jsonschema::error::TypeKind;
use jsonschema::error::ValidationErrorKind;
use serde_json::Value;

use crate::diagnostic::FieldPath;
use crate::diagnostic::nearest;
use crate::diagnostic::suggestion;
use crate::schema::validate::Violation;
use crate::values::FORMATS;

pub fn unknown_key(path: FieldPath, key: &str, known: &[String]) -> Violation {
    Violation {
        code: "unknown-key",
        path,
        at_key: true,
        missing: None,
        meant: nearest(key, known.iter().map(String::as_str)).map(str::to_owned),
        message: format!("unknown key `{key}`"),
        hint: suggestion(key, known.iter().map(String::as_str)),
    }
}

pub fn missing_key(path: FieldPath, key: &str) -> Violation {
    let of = if path.segments().is_empty() { String::new() } else { format!(" in `{path}`") };
    Violation {
        code: "missing-key",
        path,
        at_key: true,
        missing: Some(key.to_owned()),
        meant: None,
        message: format!("missing key `{key}`{of}"),
        hint: None,
    }
}

/// `names` is the schema of the names of the map.
pub fn wrong_name(path: FieldPath, error: &ValidationError<'_>, names: Option<&Value>) -> Violation {
    Violation { code: "wrong-name", at_key: true, ..wrong_value(path, error, names) }
}

/// A value of a wrong type, or one that is not allowed. `schema` is the schema whose keyword failed.
pub fn wrong_value(path: FieldPath, error: &ValidationError<'_>, schema: Option<&Value>) -> Violation {
    let value = error.instance();
    let found = found(value);
    let (code, message) = match error.kind() {
        ValidationErrorKind::Type { kind } => ("wrong-type", format!("expected {}, found {found}", expected(kind))),
        ValidationErrorKind::Enum { options } => {
            let options: Vec<String> = options.as_array().into_iter().flatten().map(plain).collect();
            let options: Vec<&str> = options.iter().map(String::as_str).collect();
            ("wrong-value", format!("expected {}, found {found}", one_of(&options)))
        }
        ValidationErrorKind::Constant { expected_value } => {
            ("wrong-value", format!("expected `{}`, found {found}", plain(expected_value)))
        }
        ValidationErrorKind::Minimum { limit } => ("wrong-value", format!("expected at least {limit}, found {found}")),
        ValidationErrorKind::Maximum { limit } => ("wrong-value", format!("expected at most {limit}, found {found}")),
        ValidationErrorKind::Format { format } if length(value) > longest(format) => {
            let (longest, length) = (longest(format), length(value));
            ("wrong-value", format!("expected at most {longest} characters, found {length}"))
        }
        ValidationErrorKind::MinItems { limit } => {
            ("wrong-value", format!("expected at least {limit} in the list, found {}", items(value)))
        }
        ValidationErrorKind::MaxItems { limit } => {
            ("wrong-value", format!("expected at most {limit} in the list, found {}", items(value)))
        }
        ValidationErrorKind::Pattern { .. } | ValidationErrorKind::Format { .. } => {
            let expected = schema.and_then(|schema| schema.get("patternErrorMessage")).and_then(Value::as_str);
            let pattern = schema.and_then(|schema| schema.get("pattern")).and_then(Value::as_str).unwrap_or_default();
            let expected = expected.map_or_else(|| format!("expected a text that matches `{pattern}`"), str::to_owned);
            ("wrong-value", format!("{expected}, found {found}"))
        }
        _ => ("wrong-value", error.to_string()),
    };
    let near = match error.kind() {
        ValidationErrorKind::Enum { options } => {
            let options = options.as_array().into_iter().flatten().filter_map(Value::as_str);
            value.as_str().and_then(|text| nearest(text, options))
        }
        _ => None,
    };
    let quotes = matches!(error.kind(), ValidationErrorKind::Type { kind } if expected(kind).contains("a text"))
        && (value.is_number() || value.is_boolean());
    Violation {
        code,
        path,
        at_key: false,
        missing: None,
        meant: None,
        message,
        hint: match near {
            Some(word) => Some(format!("did you mean `{word}`?")),
            None => quotes.then(|| "put it in quotes, so that it stays a text".to_owned()),
        },
    }
}

/// A value that has no form of a union, or several. `errors` are those of every form.
pub fn no_variant(
    path: FieldPath,
    error: &ValidationError<'_>,
    errors: &[&ValidationError<'static>],
    kinds: &[&str],
) -> Violation {
    let value = error.instance();
    let mut hint: Option<String> = None;
    let (code, message) = if value.is_object() {
        let written: Vec<&str> = kinds.iter().copied().filter(|kind| value.get(kind).is_some()).collect();
        match written.as_slice() {
            [_, _, ..] => ("wrong-variant", format!("expected only one of {}", list(&written))),
            _ if kinds.is_empty() => ("wrong-variant", "expected other keys".to_owned()),
            _ => ("wrong-variant", format!("expected {} as a key", one_of(kinds))),
        }
    } else {
        let here = error.instance_path().as_str();
        let mut kinds: Vec<String> = Vec::new();
        let mut constants: Vec<String> = Vec::new();
        for inner in errors.iter().filter(|inner| inner.instance_path().as_str() == here) {
            match inner.kind() {
                ValidationErrorKind::Type { kind } => kinds.push(expected(kind)),
                ValidationErrorKind::Constant { expected_value } => constants.push(plain(expected_value)),
                ValidationErrorKind::Enum { options } => {
                    constants.extend(options.as_array().into_iter().flatten().map(plain));
                }
                ValidationErrorKind::Minimum { .. } | ValidationErrorKind::Maximum { .. } => {
                    kinds.push("another number".to_owned());
                }
                ValidationErrorKind::Pattern { .. } | ValidationErrorKind::Format { .. } => {
                    kinds.push("another text".to_owned());
                }
                _ => {}
            }
        }
        let constants: Vec<&str> = constants.iter().map(String::as_str).collect();
        if !constants.is_empty() {
            kinds.insert(0, one_of(&constants));
            hint = value.as_str().and_then(|text| nearest(text, constants.iter().copied())).map(str::to_owned);
        }
        kinds.retain(|kind| kind != "nothing");
        kinds.dedup();
        ("wrong-type", format!("expected {}, found {}", kinds.join(" or "), found(value)))
    };
    let hint = hint.map(|name| format!("did you mean `{name}`?"));
    Violation { code, path, at_key: value.is_object(), missing: None, meant: None, message, hint }
}

fn expected(kind: &TypeKind) -> String {
    match kind {
        TypeKind::Single(kind) => type_name(&kind.to_string()).to_owned(),
        TypeKind::Multiple(kinds) => {
            let names: Vec<&str> = ["string", "integer", "number", "boolean", "array", "object", "null"]
                .into_iter()
                .filter(|name| kinds.iter().any(|kind| kind.to_string() == *name))
                .map(type_name)
                .collect();
            names.join(" or ")
        }
    }
}

fn type_name(kind: &str) -> &'static str {
    match kind {
        "string" => "a text",
        "integer" => "a whole number",
        "number" => "a number",
        "boolean" => "`true` or `false`",
        "array" => "a list",
        "object" => "a map",
        _ => "nothing",
    }
}

fn found(value: &Value) -> String {
    match value {
        Value::Null => "nothing".to_owned(),
        Value::Bool(value) => format!("`{value}`"),
        Value::Number(number) => format!("the number {number}"),
        Value::String(text) => format!("`{}`", short(text)),
        Value::Array(_) => "a list".to_owned(),
        Value::Object(_) => "a map".to_owned(),
    }
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn one_of(options: &[&str]) -> String {
    match options {
        [only] => format!("`{only}`"),
        options => format!("one of {}", list(options)),
    }
}

fn list(options: &[&str]) -> String {
    options.iter().map(|option| format!("`{option}`")).collect::<Vec<_>>().join(", ")
}

fn length(value: &Value) -> usize {
    value.as_str().map_or(0, str::len)
}

fn longest(format: &str) -> usize {
    FORMATS.iter().find(|known| known.name == format).map_or(usize::MAX, |known| known.max)
}

fn items(value: &Value) -> usize {
    value.as_array().map_or(0, Vec::len)
}

/// The first 60 characters, on one line.
fn short(text: &str) -> String {
    let line: String = text.chars().take(60).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if text.chars().count() > 60 { format!("{line}...") } else { line }
}
