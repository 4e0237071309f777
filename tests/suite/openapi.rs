//! Kubernetes' and the add-ons' own description of their kinds in, `schemas/kubernetes.txt` out: the committed file is
//! what this makes.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::fmt::Write;
use std::fs;

use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use crate::oracle;

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/schemas/kubernetes.txt");
const LIMIT: usize = 200_000;

/// What is created to ask or to order something, and never kept.
const NO_OBJECTS: &[&str] = &["Binding", "Eviction", "TokenRequest"];

/// `UPDATE=1 cargo test` writes it anew.
#[test]
fn the_committed_kinds_are_those_of_kubernetes() {
    let files = (oracle::file("openapi/swagger.json"), oracle::file("openapi/words"), oracle::file("crds/all.yaml"));
    let (Some(swagger), Some(words), Some(crds)) = files else { return };
    let Some(yaml2json) = oracle::oracle("yaml2json") else { return };
    let read = |path| fs::read_to_string(path).unwrap();
    let words = read(words);
    let mut made = condense(&serde_json::from_str(&read(swagger)).unwrap(), &Words::read(&words));
    made += &custom(&yaml2json.documents(&read(crds)));
    if std::env::var_os("UPDATE").is_some() {
        fs::write(FILE, &made).unwrap();
    }
    assert!(made.len() < LIMIT, "{} bytes", made.len());
    assert!(fs::read_to_string(FILE).unwrap() == made, "{FILE}: run `UPDATE=1 cargo test --test suite openapi`");
}

/// Kinds with scope and type, then types with their fields. What a field holds is `s` text, `i` whole number, `n` number,
/// `b` boolean, `q` quantity, `x` whole number or text, `y` bytes in base64, `*` anything, `{T}` map, `[T]` list, `[T KEY]`
/// list merged by that key, `[T +]` merged list of scalars, `=T` replaced by a patch, `(A|B)` one of these words, `(|A|B)`
/// the same where an empty text means Kubernetes' own choice, else a type. `!`: required.
fn condense(swagger: &Value, words: &Words) -> String {
    let pins = include_str!("../oracles/kubernetes/go.mod").lines();
    let mut version =
        pins.filter_map(|line| line.trim_start_matches("require ").trim().strip_prefix("k8s.io/kubernetes v"));
    let mut text =
        format!("# Kinds and types of Kubernetes {}, made by tests/suite/openapi.rs.\n", version.next_back().unwrap());
    let mut kinds = BTreeMap::new();
    for (path, methods) in swagger["paths"].as_object().unwrap() {
        let post = &methods["post"];
        let (Some(kind), Some(body)) = (post.get("x-kubernetes-group-version-kind"), body(post)) else { continue };
        let [group, version, kind] = ["group", "version", "kind"].map(|key| kind[key].as_str().unwrap());
        if !NO_OBJECTS.contains(&kind) && !kind.ends_with("Review") {
            let api_version = if group.is_empty() { version.to_owned() } else { format!("{group}/{version}") };
            let scope = if path.contains("/{namespace}/") { "namespaced" } else { "cluster" };
            kinds.insert((api_version, kind), (scope, body));
        }
    }
    for ((api_version, kind), (scope, body)) in &kinds {
        _ = writeln!(text, "kind {api_version} {kind} {scope} {}", short(body));
    }
    let types = swagger["definitions"].as_object().unwrap();
    let mut wanted: Vec<&str> = kinds.values().map(|(_, body)| *body).collect();
    let mut fields = BTreeMap::new();
    while let Some(name) = wanted.pop() {
        if !fields.contains_key(name) {
            fields.insert(name, type_fields(name, types, words, &mut wanted));
        }
    }
    for (name, fields) in fields {
        _ = write!(text, "type {}\n{fields}", short(name));
    }
    text
}

fn body(post: &Value) -> Option<&str> {
    let body = post["parameters"].as_array()?.iter().find(|parameter| parameter["in"] == "body")?;
    reference(&body["schema"])
}

fn reference(schema: &Value) -> Option<&str> {
    schema["$ref"].as_str()?.strip_prefix("#/definitions/")
}

/// `io.k8s.api.core.v1.Pod` is `core.v1.Pod`; no two types become one.
fn short(name: &str) -> &str {
    name.strip_prefix("io.k8s.api.").unwrap_or_else(|| name.split("pkg.apis.").last().unwrap())
}

/// The words that fields take, by type and field.
struct Words<'a>(BTreeMap<(&'a str, &'a str), Vec<&'a str>>);

impl<'a> Words<'a> {
    fn read(text: &'a str) -> Self {
        let lines = text.lines().map(|line| {
            let mut parts = line.split(' ');
            ((parts.next().unwrap(), parts.next().unwrap()), parts.collect())
        });
        let words = Self(lines.collect());
        assert!(words.0.len() > 100, "{} fields that take words", words.0.len());
        words
    }

    /// What a field holds, whose type alone is `holds`.
    fn narrow(&self, name: &str, field: &str, holds: String) -> String {
        let Some(words) = self.0.get(&(short(name), field)) else { return holds };
        let words = format!("(|{})", words.join("|"));
        match holds.strip_prefix("[s") {
            Some(rest) => format!("[{words}{rest}"),
            None if holds == "s" => words,
            None => panic!("`{field}` of `{name}` holds `{holds}` and takes words"),
        }
    }
}

fn type_fields<'a>(name: &str, types: &'a Map<String, Value>, words: &Words, wanted: &mut Vec<&'a str>) -> String {
    let definition = &types[name];
    let required: BTreeSet<&str> =
        definition["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let mut text = String::new();
    for (key, field) in definition["properties"].as_object().into_iter().flatten() {
        // What the cluster writes is never read here.
        let holds = if key == "status" { "*".to_owned() } else { holds(field, types, wanted) };
        let mark = if required.contains(key.as_str()) { "!" } else { "" };
        _ = writeln!(text, " {key} {mark}{}", words.narrow(name, key, holds));
    }
    text
}

fn holds<'a>(field: &'a Value, types: &'a Map<String, Value>, wanted: &mut Vec<&'a str>) -> String {
    let strategy = field["x-kubernetes-patch-strategy"].as_str().unwrap_or_default();
    let replaced = if strategy.split(',').any(|word| word == "replace") { "=" } else { "" };
    if let Some(name) = reference(field) {
        let definition = &types[name];
        let word = match (name.rsplit('.').next().unwrap(), definition["properties"].is_object()) {
            ("Quantity", _) => "q",
            ("IntOrString", _) => "x",
            ("Time" | "MicroTime", _) => "s",
            // Types without fields: JSON, RawExtension and the like.
            (_, false) => "*",
            (_, true) => {
                wanted.push(name);
                short(name)
            }
        };
        return format!("{replaced}{word}");
    }
    let word = match (field["type"].as_str().unwrap(), field["format"].as_str()) {
        ("string", Some("byte")) => "y",
        ("string", _) => "s",
        ("integer", _) => "i",
        ("number", _) => "n",
        ("boolean", _) => "b",
        ("array", _) => {
            let item = holds(&field["items"], types, wanted);
            return match (strategy.starts_with("merge"), field["x-kubernetes-patch-merge-key"].as_str()) {
                (true, Some(key)) => format!("[{item} {key}]"),
                (true, None) => format!("[{item} +]"),
                (false, _) => format!("[{item}]"),
            };
        }
        ("object", _) if field["additionalProperties"].is_object() => {
            return format!("{replaced}{{{}}}", holds(&field["additionalProperties"], types, wanted));
        }
        _ => "*",
    };
    word.to_owned()
}

/// The kinds of CRDs in the same words. Types that hold the same are one.
fn custom(crds: &[Value]) -> String {
    let mut types = Custom::default();
    let mut kinds = Vec::new();
    for crd in crds.iter().filter(|crd| crd["kind"] == "CustomResourceDefinition") {
        let [group, kind] = ["/spec/group", "/spec/names/kind"].map(|at| crd.pointer(at).unwrap().as_str().unwrap());
        let scope = if crd["spec"]["scope"] == "Cluster" { "cluster" } else { "namespaced" };
        for version in crd["spec"]["versions"].as_array().unwrap().iter().filter(|version| version["served"] == true) {
            let mut schema = version["schema"]["openAPIV3Schema"].clone();
            schema["properties"]["metadata"] = json!({ "meta": true });
            schema["properties"]["status"] = json!({});
            let version = version["name"].as_str().unwrap();
            let holds = types.holds(&schema, &format!("{group}/{version}.{kind}"));
            kinds.push(format!("kind {group}/{version} {kind} {scope} {holds}\n"));
        }
    }
    kinds.sort();
    let mut named: Vec<_> = types.0.into_iter().map(|(fields, name)| format!("type {name}\n{fields}")).collect();
    named.sort();
    kinds.concat() + &named.concat()
}

/// Types by their fields.
#[derive(Default)]
struct Custom(BTreeMap<String, String>);

impl Custom {
    fn holds(&mut self, schema: &Value, name: &str) -> String {
        if schema["meta"] == true {
            return "meta.v1.ObjectMeta".to_owned();
        }
        if schema["x-kubernetes-int-or-string"] == true {
            return "x".to_owned();
        }
        if let Some(words) = schema["enum"].as_array().filter(|_| schema["type"] == "string") {
            return format!("({})", words.iter().filter_map(Value::as_str).collect::<Vec<_>>().join("|"));
        }
        let below = |key: &str| format!("{name}.{key}");
        match schema["type"].as_str() {
            Some("string") if schema["format"] == "byte" => "y".to_owned(),
            Some("string") => "s".to_owned(),
            Some("integer") => "i".to_owned(),
            Some("number") => "n".to_owned(),
            Some("boolean") => "b".to_owned(),
            Some("array") => format!("[{}]", self.holds(&schema["items"], &below("item"))),
            Some("object") if schema["additionalProperties"].is_object() => {
                format!("{{{}}}", self.holds(&schema["additionalProperties"], &below("value")))
            }
            Some("object") if schema["x-kubernetes-preserve-unknown-fields"] != true => {
                let Some(properties) = schema["properties"].as_object() else { return "*".to_owned() };
                let required: Vec<&Value> = schema["required"].as_array().into_iter().flatten().collect();
                let mut fields = String::new();
                for (key, field) in properties {
                    let mark = if required.iter().any(|required| *required == key) { "!" } else { "" };
                    _ = writeln!(fields, " {key} {mark}{}", self.holds(field, &below(key)));
                }
                self.0.entry(fields).or_insert_with(|| name.to_owned()).clone()
            }
            _ => "*".to_owned(),
        }
    }
}
