//! The CRDs in `charts-src/crds/`: what the program makes of upstream's files, and upstream's API to the last keyword.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::env;
use std::fs;
use std::path::Path;

use serde_json::Value;
use serde_json::json;
use walkdir::WalkDir;

use crate::oracle::Oracle;
use crate::oracle::file;
use crate::oracle::oracle;
use crate::program::Folder;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/charts-src/crds");

/// The texts below a folder by path.
fn texts(folder: &Path) -> BTreeMap<String, String> {
    let entries = WalkDir::new(folder).into_iter().map(Result::unwrap).filter(|entry| entry.file_type().is_file());
    let text = |path: &Path| {
        let name = path.strip_prefix(folder).unwrap().display().to_string();
        (name, fs::read_to_string(path).unwrap())
    };
    entries.map(|entry| text(entry.path())).collect()
}

#[test]
fn the_files_are_what_the_program_makes() {
    let (Some(program), Some(upstream)) = (oracle("crds"), file("crds/all.yaml")) else { return };
    let made = tempfile::tempdir().unwrap();
    let folder = if env::var_os("UPDATE").is_some() { Path::new(FOLDER) } else { made.path() };
    let answer = program.run(&[folder], &fs::read_to_string(upstream).unwrap());
    assert!(answer.succeeded, "{}", answer.stderr);
    let (found, expected) = (texts(Path::new(FOLDER)), texts(folder));
    assert_eq!(found.keys().collect::<Vec<_>>(), expected.keys().collect::<Vec<_>>());
    let differs: Vec<_> = found.iter().filter(|(path, text)| expected[*path] != **text).map(|(path, _)| path).collect();
    assert!(differs.is_empty(), "{differs:?}: run `UPDATE=1 cargo test crds`");
}

#[test]
fn they_are_upstreams_api() {
    let (Some(yaml), Some(upstream)) = (oracle("yaml2json"), file("crds/all.yaml")) else { return };
    let upstream = yaml.documents(&fs::read_to_string(upstream).unwrap());
    let named = |crd: &Value| (crd["metadata"]["name"].as_str().unwrap().to_owned(), facts(crd));
    let ours = ours(&yaml);
    let groups: BTreeSet<&str> = ours.iter().filter_map(|crd| crd["spec"]["group"].as_str()).collect();
    let is_crd = |crd: &&Value| crd["kind"] == "CustomResourceDefinition";
    let of_ours = |crd: &&Value| crd["spec"]["group"].as_str().is_some_and(|group| groups.contains(group));
    let mut expected: BTreeMap<_, _> = upstream.iter().filter(is_crd).filter(of_ours).map(named).collect();
    // The bases are without it; this is what MetalLB's own chart adds for its namespace.
    let conversion = json!({ "strategy": "Webhook", "webhook": {
        "clientConfig": { "service": { "name": "metallb-webhook-service", "namespace": "metallb-system", "path": "/convert" } },
        "conversionReviewVersions": ["v1beta1", "v1beta2"] } });
    expected.get_mut("bgppeers.metallb.io").unwrap().insert(format!("conversion = {conversion}"));
    let found: BTreeMap<_, _> = ours.iter().map(named).collect();
    assert_eq!(found.len(), 41);
    assert_eq!(found.keys().collect::<Vec<_>>(), expected.keys().collect::<Vec<_>>());
    for (name, facts) in &found {
        let differs: Vec<_> = facts.symmetric_difference(&expected[name]).take(5).collect();
        assert!(differs.is_empty(), "{name}: {differs:#?}");
    }
    let all: Vec<&String> = found.values().flatten().collect();
    println!("{} facts of {} CRDs are upstream's", all.len(), found.len());
    for keyword in
        ["type", "required", "enum", "pattern", "default", "x-kubernetes-list-map-keys", "rule", "selectableFields"]
    {
        assert!(all.iter().any(|fact| fact.contains(&format!(" {keyword} = "))), "{keyword}");
    }
}

#[test]
fn an_archive_brings_those_of_the_operators_that_it_brings() {
    let Some(yaml) = oracle("yaml2json") else { return };
    let all = ours(&yaml);
    let check = |addons: &str, expected: usize| {
        let nodes = "nodes: { a: { address: 10.0.0.2/24, role: server } }";
        let values =
            format!("apiVersion: helm-ha.dev/v1\nname: home\nversion: 1.0.0\n{nodes}\naddons: {{ {addons} }}\n");
        let folder = Folder::new(&[("x.yaml", &values)]);
        let said = folder.run(&["generate", "x.yaml"], &[], b"");
        assert_eq!(said.code, Some(0), "{said}");
        let said = folder.run(&["crds", "home-1.0.0.tgz"], &[], b"");
        assert_eq!(said.code, Some(0), "{said}");
        let found = yaml.documents(&said.stdout);
        assert_eq!(found.len(), expected, "{addons}");
        assert!(found.iter().all(|crd| all.contains(crd)), "{addons}");
    };
    check("", 41);
    check("rook: { source: existing, namespace: other }", 15);
    check("cert-manager: { source: existing, namespace: other }", 35);
    check(
        "rook: { source: existing, namespace: other }, metallb: { source: existing, namespace: other }, cert-manager: { source: existing, namespace: other }",
        0,
    );
}

fn ours(yaml: &Oracle) -> Vec<Value> {
    texts(Path::new(FOLDER)).values().flat_map(|text| yaml.documents(text)).collect()
}

/// Everything that a CRD says apart from its words, one line each.
fn facts(crd: &Value) -> BTreeSet<String> {
    let mut facts = BTreeSet::new();
    for (key, value) in crd["spec"].as_object().unwrap() {
        match key.as_str() {
            "versions" => value.as_array().unwrap().iter().for_each(|version| of_version(version, &mut facts)),
            _ => _ = facts.insert(format!("{key} = {value}")),
        }
    }
    facts
}

fn of_version(version: &Value, facts: &mut BTreeSet<String>) {
    let name = version["name"].as_str().unwrap();
    for (key, value) in version.as_object().unwrap() {
        let mut value = value.clone();
        match key.as_str() {
            "schema" => of_schema(name, &value["openAPIV3Schema"], facts),
            "additionalPrinterColumns" => {
                for column in value.as_array_mut().unwrap() {
                    column.as_object_mut().unwrap().retain(|key, _| key != "description");
                }
                facts.insert(format!("{name} {key} = {value}"));
            }
            _ => _ = facts.insert(format!("{name} {key} = {value}")),
        }
    }
}

fn of_schema(place: &str, schema: &Value, facts: &mut BTreeSet<String>) {
    for (keyword, value) in schema.as_object().unwrap() {
        match (keyword.as_str(), value) {
            ("description", _) => {}
            ("properties", Value::Object(properties)) => {
                for (name, inner) in properties {
                    of_schema(&format!("{place}.{name}"), inner, facts);
                }
            }
            ("items" | "additionalProperties" | "not", Value::Object(_)) => {
                of_schema(&format!("{place}/{keyword}"), value, facts);
            }
            ("anyOf" | "oneOf" | "allOf", Value::Array(inner)) => {
                for (at, inner) in inner.iter().enumerate() {
                    of_schema(&format!("{place}/{keyword}{at}"), inner, facts);
                }
            }
            ("x-kubernetes-validations", Value::Array(rules)) => {
                for rule in rules {
                    let fields = rule.as_object().unwrap().iter().filter(|(key, _)| *key != "message");
                    facts.extend(fields.map(|(key, value)| format!("{place} {key} = {value}")));
                }
            }
            _ => _ = facts.insert(format!("{place} {keyword} = {value}")),
        }
    }
}
