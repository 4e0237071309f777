//! What other readers of JSON schemas make of ours: `check-jsonschema` for CI, the language server in an editor.

mod language_server;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;
use serde_json::json;

use crate::made;
use crate::oracle;
use crate::oracle::oracle;
use language_server::LanguageServer;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");
/// The codes of what the schema forbids; all others are rules or YAML.
const CODES: [&str; 6] = ["missing-key", "unknown-key", "wrong-name", "wrong-type", "wrong-value", "wrong-variant"];

fn path(relative: &str) -> String {
    Path::new(ROOT).join(relative).display().to_string()
}

#[test]
fn the_schema_accepts_examples_and_rejects_what_is_misspelled() {
    let Some(check) = oracle("check-jsonschema") else { return };
    let cluster = path("schemas/cluster.schema.json");
    let bad: Vec<String> = CODES.map(|code| path(&format!("tests/fixtures/bad/{code}.yaml"))).into();
    let good = ["minimal", "homelab", "everything"].map(|name| path(&format!("examples/{name}.yaml")));
    for schema in [&cluster, &path("schemas/overlay.schema.json")] {
        let answer = check.run(&[&["--schemafile".to_owned(), schema.clone()], &good[..]].concat(), "");
        assert!(answer.succeeded, "{schema}: {}{}", answer.stdout, answer.stderr);
    }
    let arguments = ["--output-format", "json", "--schemafile", &cluster].map(str::to_owned);
    let answer = check.run(&[&arguments[..], &bad].concat(), "");
    assert!(!answer.succeeded);
    let report: Value = serde_json::from_str(&answer.stdout).unwrap();
    let errors = report["errors"].as_array().unwrap();
    let refused: BTreeSet<&str> = errors.iter().map(|error| error["filename"].as_str().unwrap()).collect();
    assert_eq!(refused, bad.iter().map(String::as_str).collect(), "{report:#}");
    assert_eq!(report["parse_errors"], Value::Array(Vec::new()));
}

#[test]
fn an_editor_completes_and_explains_values() {
    let Some(program) = oracle("yaml-language-server") else { return };
    let text = fs::read_to_string(path("examples/homelab.yaml")).unwrap();
    let mut server = LanguageServer::start(&program, &path("examples/homelab.yaml"), &text);
    let service = "  web:\n    image: docker.io/example/web:1\n";
    let completions: [(&str, &str, &[&str], &str); 12] = [
        ("domain:", "", &["auth"], "Logins by name"),
        ("  version: v1", "  ", &["clusterCidr", "serviceCidr", "clusterDns"], "Network of the pods"),
        ("nodes:", "  other:\n    ", &["address", "role", "devices"], "Address on the LAN with its prefix length"),
        ("nodes:", "  other:\n    role: ", &["server", "agent"], "Control plane, etcd and services"),
        ("  pools:", "    other:\n      ", &["addresses", "interfaces"], "A range `FIRST-LAST`"),
        ("gateways:", "  wan:\n    ", &["address", "default", "pool"], "The virtual IP"),
        ("        email:", "        ", &["http01"], "port 80 of the gateway"),
        ("volumes:", "  more:\n    ", &["size", "class", "existing"], "It can grow, never shrink"),
        ("services:", &format!("{service}    "), &["replicas", "perNode", "schedule", "mounts"], "Kind of workload"),
        ("services:", &format!("{service}    kind: "), &["Deployment", "StatefulSet", "DaemonSet"], ""),
        (
            "services:",
            &format!("{service}    mounts:\n      /data:\n        "),
            &["volume", "claim", "nfs", "scratch"],
            "One of `volumes`",
        ),
        (
            "services:",
            &format!("{service}    routes:\n      web:\n        "),
            &["port", "via", "auth"],
            "Port of the service",
        ),
    ];
    for (after, typed, labels, documentation) in completions {
        let line = text.lines().position(|line| line.starts_with(after)).unwrap();
        let items = server.complete(line + 1, typed);
        let found: Vec<&str> = items.iter().filter_map(|item| item["label"].as_str()).collect();
        let missing: Vec<_> = labels.iter().filter(|label| !found.contains(label)).collect();
        assert!(missing.is_empty(), "after `{after}`, `{typed}`: no {missing:?} in {found:?}");
        let explained = items.iter().any(|item| item.to_string().contains(documentation));
        assert!(explained, "after `{after}`, `{typed}`: {items:?}");
    }
    for (line, word, documentation) in [
        ("name: homelab", "name", "Name of the umbrella chart and of the release"),
        ("namespace:", "namespace", "where the services live"),
        ("  version: v1", "version", "Version on the nodes"),
        ("  k3s-server2:", "role", "Control plane, etcd and services"),
        ("  shared:", "shared", "ReadWriteMany"),
        ("  ceph: {", "replicas", "Copies of every piece of data"),
        ("    lan: { addr", "interfaces", "Network interfaces that announce the addresses"),
        ("    perNode:", "perNode", "One instance pinned to each of these nodes"),
        ("    mounts: { /nexus", "volume", "One of"),
        ("    routes: { photos", "via", "The ways to a route"),
        ("    schedule:", "schedule", "When it runs"),
        ("    probe:", "http", "Path that answers 2xx or 3xx"),
    ] {
        let at = text.lines().position(|found| found.starts_with(line)).unwrap();
        let column = text.lines().nth(at).unwrap().find(word).unwrap();
        let said = server.hover(at, column + 1);
        assert!(said.contains(documentation), "`{word}` in `{line}`: {said}");
    }
    let of_the_key = |problem: &Value| problem["message"].as_str().is_some_and(|said| said.contains("misspelled"));
    server.underlines(&format!("{text}misspelled: 1\n"), |problems| problems.iter().any(of_the_key));
    server.underlines(&text, <[Value]>::is_empty);
}

/// `helm ha init` puts the schema beside the file, because the program is not a folder that the file could name.
#[test]
fn an_editor_knows_the_file_to_start_from() {
    let Some(program) = oracle("yaml-language-server") else { return };
    let folder = tempfile::tempdir().unwrap();
    let mut init = Command::new(env!("CARGO_BIN_EXE_helm-ha"));
    let said = oracle::answer(init.current_dir(folder.path()).args(["init", "home.yaml"]), "");
    assert!(said.succeeded, "{said:?}");
    let file = folder.path().join("home.yaml");
    let text = fs::read_to_string(&file).unwrap();
    let mut server = LanguageServer::start(&program, file.to_str().unwrap(), &text);
    let name = text.lines().position(|line| line.starts_with("name:")).unwrap();
    assert!(server.hover(name, 1).contains("Name of the umbrella chart"));
    server.underlines(&text, <[Value]>::is_empty);
}

/// Every chart is closed at every level, and refers to nothing outside of itself. That Go reads the patterns is held by
/// the Helms, which compile every schema when they render a chart.
#[test]
fn the_schemas_of_charts_are_closed() {
    for made in made::cases() {
        let files = made.built.tree.files().filter(|(path, _)| path.ends_with("values.schema.json"));
        let schemas: Vec<(&str, Value)> =
            files.map(|(path, bytes)| (path, serde_json::from_slice(bytes).unwrap())).collect();
        assert_eq!(schemas.len(), made.built.charts.len() + 1, "{}", made.name);
        for (path, mut schema) in schemas {
            // The umbrella leaves the values of a subchart to the subchart, which leaves `global` to the umbrella.
            let umbrella = path == "values.schema.json";
            for (key, value) in schema["properties"].as_object_mut().into_iter().flatten() {
                let is_left = *value == json!({ "type": "object" }) && (key == "global") != umbrella;
                *value = if is_left { Value::Null } else { value.take() };
            }
            assert_eq!(schema["$schema"], "http://json-schema.org/draft-07/schema#", "{} {path}", made.name);
            assert_closed(&schema, &format!("{} {path}", made.name));
        }
    }
}

fn assert_closed(schema: &Value, place: &str) {
    if let Some(keywords) = schema.as_object() {
        let map = schema["type"] == "object" || schema.get("properties").is_some();
        assert!(
            !map || schema.get("additionalProperties").is_some_and(|more| *more != true),
            "{place} is open: {schema}"
        );
        assert!(schema.get("$ref").is_none(), "{place} refers to {}", schema["$ref"]);
        for (key, inner) in keywords.iter().filter(|(key, _)| !["default", "examples", "enum"].contains(&key.as_str()))
        {
            assert_closed(inner, &format!("{place}/{key}"));
        }
    }
    for (at, inner) in schema.as_array().into_iter().flatten().enumerate() {
        assert_closed(inner, &format!("{place}/{at}"));
    }
}
