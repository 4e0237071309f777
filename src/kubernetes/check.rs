//! A value in Kubernetes' own form and its type in, what the API server would refuse out.

use serde_json::Map;
use serde_json::Value;

use crate::diagnostic::FieldPath;
use crate::diagnostic::suggestion;
use crate::kubernetes::types::Merge;
use crate::kubernetes::types::Type;
use crate::kubernetes::types::Types;

/// Whether a value is all there is, or a patch: then nothing is missing, and `$patch` and the like say how it merges.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whole {
    Object,
    Patch,
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    pub path: FieldPath,
    pub what: What,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// The type has no such field; what was most likely meant.
    Unknown { field: String, hint: Option<String> },
    /// The value is of another type.
    Type { expected: String, found: String, hint: Option<String> },
    /// The field is missing in the map at the path.
    Missing { field: &'static str },
    /// Two elements of a list have this value of the field that tells them apart.
    Twice { key: &'static str, value: String },
    /// A word that says how to merge, in a form that Kubernetes does not know.
    Directive { expected: &'static str },
}

/// Everything wrong with a value that stands at `path`.
pub fn check(value: &Value, holds: Type, path: &FieldPath, whole: Whole) -> Vec<Mistake> {
    let mut checker = Checker { types: Types::get(), whole, mistakes: Vec::new() };
    checker.value(value, holds, path);
    checker.mistakes
}

struct Checker {
    types: &'static Types,
    whole: Whole,
    mistakes: Vec<Mistake>,
}

impl Checker {
    fn add(&mut self, path: &FieldPath, what: What) {
        self.mistakes.push(Mistake { path: path.clone(), what });
    }

    fn value(&mut self, value: &Value, holds: Type, path: &FieldPath) {
        match (holds, value) {
            // To Kubernetes a field that holds nothing is absent; in a patch this takes it away.
            (_, Value::Null) | (Type::Any, _) => {}
            (Type::Fields(name), Value::Object(map)) => self.fields(map, name, path),
            (Type::Map(inner), Value::Object(map)) => {
                for (key, value) in map {
                    if !self.directive(key, value, path) {
                        self.value(value, Type::of(inner), &path.key(key));
                    }
                }
            }
            (Type::List(item, merge), Value::Array(items)) => self.items(items, item, merge, path),
            _ if is_scalar_of(holds, value) => {}
            _ => {
                let text = matches!(holds, Type::Text | Type::Bytes) && (value.is_number() || value.is_boolean());
                let hint = match holds {
                    Type::Words(words) => value.as_str().and_then(|word| suggestion(word, words.split('|'))),
                    _ => text.then(|| "put it in quotes, so that it stays a text".to_owned()),
                };
                self.add(path, What::Type { expected: expected(holds), found: found(value), hint });
            }
        }
    }

    fn fields(&mut self, map: &Map<String, Value>, name: &str, path: &FieldPath) {
        let Some(fields) = self.types.fields(name) else { return };
        for (key, value) in map {
            if self.directive(key, value, path) {
                continue;
            }
            let below = path.key(key);
            match fields.get(key.as_str()) {
                Some(field) => self.value(value, field.holds, &below),
                None => {
                    let hint = suggestion(key, fields.keys().copied());
                    self.add(&below, What::Unknown { field: key.clone(), hint });
                }
            }
        }
        if self.whole == Whole::Object {
            let missing = |key: &str| map.get(key).is_none_or(Value::is_null);
            for (key, _) in fields.iter().filter(|(key, field)| field.required && missing(key)) {
                self.add(path, What::Missing { field: key });
            }
        }
    }

    fn items(&mut self, items: &[Value], item: &'static str, merge: Merge, path: &FieldPath) {
        let mut seen: Vec<&Value> = Vec::new();
        for (index, value) in items.iter().enumerate() {
            let below = path.index(index);
            self.value(value, Type::of(item), &below);
            let (Merge::Key(key), Some(map)) = (merge, value.as_object()) else { continue };
            match map.get(key) {
                // Ports may differ in their protocol alone, and spread constraints in what they do.
                Some(found) if seen.contains(&found) && matches!(key, "name" | "mountPath" | "devicePath") => {
                    let value = found.as_str().map_or_else(|| found.to_string(), str::to_owned);
                    self.add(&below, What::Twice { key, value });
                }
                Some(found) => seen.push(found),
                None if self.whole == Whole::Patch && map.get("$patch").is_none_or(|word| word != "replace") => {
                    self.add(&below, What::Missing { field: key });
                }
                None => {}
            }
        }
    }

    /// Whether a key of a patch says how to merge what stands beside it.
    fn directive(&mut self, key: &str, value: &Value, path: &FieldPath) -> bool {
        if self.whole == Whole::Object || !key.starts_with('$') {
            return false;
        }
        let list = |value: &Value| value.as_array().is_some_and(|items| items.iter().all(|item| !item.is_object()));
        let (right, expected) = match key.split_once('/').map_or(key, |(word, _)| word) {
            "$patch" => {
                (matches!(value.as_str(), Some("replace" | "delete" | "merge")), "`replace`, `delete` or `merge`")
            }
            "$retainKeys" => (list(value), "a list of keys"),
            "$deleteFromPrimitiveList" => (list(value), "a list of texts or numbers"),
            _ => (false, "one of `$patch`, `$retainKeys`, `$deleteFromPrimitiveList/FIELD`"),
        };
        if !right {
            self.add(&path.key(key), What::Directive { expected });
        }
        true
    }
}

fn is_scalar_of(holds: Type, value: &Value) -> bool {
    let is_whole = value.is_i64() || value.is_u64();
    match holds {
        Type::Text => value.is_string(),
        Type::Bytes => value.as_str().is_some_and(is_base64),
        Type::Words(words) => value.as_str().is_some_and(|word| words.split('|').any(|known| known == word)),
        Type::Integer => is_whole,
        Type::Number => value.is_number(),
        Type::Boolean => value.is_boolean(),
        Type::Quantity => value.as_str().map_or(value.is_number(), is_quantity),
        Type::IntegerOrText => value.is_string() || is_whole,
        Type::Any => true,
        Type::Map(_) | Type::List(..) | Type::Fields(_) => false,
    }
}

/// RFC 4648, section 4, as Go's `encoding/json` reads it: line breaks are skipped.
fn is_base64(text: &str) -> bool {
    let mut bytes: Vec<u8> = text.bytes().filter(|byte| !matches!(byte, b'\n' | b'\r')).collect();
    if !bytes.len().is_multiple_of(4) {
        return false;
    }
    for _ in 0..2 {
        bytes.pop_if(|byte| *byte == b'=');
    }
    bytes.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/'))
}

/// `apimachinery/pkg/api/resource/quantity.go`.
fn is_quantity(text: &str) -> bool {
    let text = text.strip_prefix(['+', '-']).unwrap_or(text);
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, suffix) = text.split_at(end);
    let (whole, part) = number.split_once('.').unwrap_or((number, ""));
    let is_exponent = suffix.strip_prefix(['e', 'E']).is_some_and(|rest| {
        let rest = rest.strip_prefix(['+', '-']).unwrap_or(rest);
        !rest.is_empty() && digits(rest)
    });
    let suffixes = ["", "n", "u", "m", "k", "M", "G", "T", "P", "E", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];
    !(whole.is_empty() && part.is_empty())
        && digits(whole)
        && digits(part)
        && (suffixes.contains(&suffix) || is_exponent)
}

fn expected(holds: Type) -> String {
    match holds {
        Type::Text => "a text",
        Type::Words(words) => {
            let words = words.split('|').filter(|word| !word.is_empty());
            let words: Vec<String> = words.map(|word| format!("`{word}`")).collect();
            return format!("one of {}", words.join(", "));
        }
        Type::Integer => "a whole number",
        Type::Number => "a number",
        Type::Boolean => "`true` or `false`",
        Type::Quantity => "an amount such as `100m` or `1Gi`",
        Type::IntegerOrText => "a whole number or a text",
        Type::Bytes => "bytes in base64",
        Type::List(..) => "a list",
        Type::Map(_) | Type::Fields(_) | Type::Any => "a map",
    }
    .to_owned()
}

fn found(value: &Value) -> String {
    match value {
        Value::Null => "nothing".to_owned(),
        Value::Bool(value) => format!("`{value}`"),
        Value::Number(number) => format!("the number {number}"),
        Value::String(text) => format!("`{}`", text.lines().next().unwrap_or_default()),
        Value::Array(_) => "a list".to_owned(),
        Value::Object(_) => "a map".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(api_version: &str, kind: &str, value: &Value, whole: Whole, expect: &[(&str, &str)]) {
        let holds = Types::get().kind(api_version, kind).unwrap().holds();
        let mistakes = super::check(value, holds, &FieldPath::default(), whole);
        let said = mistakes.iter().map(|mistake| {
            let what = match &mistake.what {
                What::Unknown { field, hint } => format!("unknown {field}, {}", hint.clone().unwrap_or_default()),
                What::Type { expected, found, .. } => format!("expected {expected}, found {found}"),
                What::Missing { field } => format!("missing {field}"),
                What::Twice { key, value } => format!("{key} {value} twice"),
                What::Directive { expected } => format!("expected {expected}"),
            };
            (mistake.path.to_string(), what)
        });
        let expect: Vec<_> = expect.iter().map(|(path, what)| ((*path).to_owned(), (*what).to_owned())).collect();
        assert_eq!(said.collect::<Vec<_>>(), expect);
    }

    #[test]
    fn patches_are_parts() {
        let pod = |pod: Value| json!({ "spec": { "template": { "spec": pod } } });
        let patch =
            |value: Value, expect: &[(&str, &str)]| check("apps/v1", "Deployment", &pod(value), Whole::Patch, expect);
        patch(json!({ "shareProcessNamespace": true, "volumes": [{ "$patch": "delete", "name": "a" }] }), &[]);
        patch(
            json!({ "shareProcessNamspace": true }),
            &[(
                "spec.template.spec.shareProcessNamspace",
                "unknown shareProcessNamspace, did you mean `shareProcessNamespace`?",
            )],
        );
        patch(json!({ "containers": [{ "image": "a:1" }] }), &[("spec.template.spec.containers[0]", "missing name")]);
        patch(
            json!({ "hostNetwork": "yes" }),
            &[("spec.template.spec.hostNetwork", "expected `true` or `false`, found `yes`")],
        );
        patch(json!({ "volumes": null, "nodeSelector": { "a": null } }), &[]);
        patch(
            json!({ "nodeSelector": { "a": 1 } }),
            &[("spec.template.spec.nodeSelector.a", "expected a text, found the number 1")],
        );
        let wrong = json!({ "$patch": "drop" });
        patch(wrong, &[("spec.template.spec.$patch", "expected `replace`, `delete` or `merge`")]);
    }

    #[test]
    fn words_are_those_that_kubernetes_knows() {
        let pod = |policy: &str| json!({ "spec": { "containers": [{ "name": "a" }], "restartPolicy": policy } });
        check("v1", "Pod", &pod("Always"), Whole::Object, &[]);
        check("v1", "Pod", &pod(""), Whole::Object, &[]);
        let wrong = [("spec.restartPolicy", "expected one of `Always`, `Never`, `OnFailure`, found `Allways`")];
        check("v1", "Pod", &pod("Allways"), Whole::Object, &wrong);
        let list = json!({ "spec": { "podSelector": {}, "policyTypes": ["Egress", "ingress"] } });
        let wrong = [("spec.policyTypes[1]", "expected one of `Egress`, `Ingress`, found `ingress`")];
        check("networking.k8s.io/v1", "NetworkPolicy", &list, Whole::Object, &wrong);
    }

    #[test]
    fn objects_are_whole() {
        let object =
            |kind: &str, value: Value, expect: &[(&str, &str)]| check("v1", kind, &value, Whole::Object, expect);
        object("ConfigMap", json!({ "data": { "a": "b" }, "binaryData": { "c": "AAE=" } }), &[]);
        object(
            "ConfigMap",
            json!({ "binaryData": { "c": "AA" } }),
            &[("binaryData.c", "expected bytes in base64, found `AA`")],
        );
        object("Pod", json!({ "spec": {} }), &[("spec", "missing containers")]);
        let twice = json!({ "spec": { "containers": [{ "name": "a" }, { "name": "a" }] } });
        object("Pod", twice, &[("spec.containers[1]", "name a twice")]);
        let claim = |size: Value| json!({ "spec": { "resources": { "requests": { "storage": size } } } });
        object("PersistentVolumeClaim", claim(json!("1.5Gi")), &[]);
        object("PersistentVolumeClaim", claim(json!(5)), &[]);
        let wrong = [("spec.resources.requests.storage", "expected an amount such as `100m` or `1Gi`, found `5GB`")];
        object("PersistentVolumeClaim", claim(json!("5GB")), &wrong);
    }
}
