//! A built-in add-on is what the project's own chart renders for the same settings, field by field.
//!
//! `tests/upstream/CHART/` belongs to our subchart CHART. A setting is two files: `SETTING.ours.yaml`, a values file, and
//! `SETTING.upstream.yaml`, which maps the project's charts (`tests/oracles/charts/modules`) to the namespace and values that
//! Helm renders them with. What may differ is in `differences.yaml`: one kind, one name, one path, and why. A difference that
//! is not there fails, and so does an entry that does not differ in every one of its settings (all unless it names some).

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::path::PathBuf;

use serde::Deserialize;
use serde_json::Map;
use serde_json::Value;

use crate::made;
use crate::oracle::Oracle;
use crate::oracle::file;
use crate::oracle::oracle;
use crate::rules;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/upstream");

/// Labels and annotations that say who made an object and whether it stays: taken off both sides.
const METADATA: [&str; 10] = [
    "app.kubernetes.io/created-by",
    "app.kubernetes.io/instance",
    "app.kubernetes.io/managed-by",
    "app.kubernetes.io/name",
    "app.kubernetes.io/part-of",
    "app.kubernetes.io/version",
    "helm.sh/chart",
    "helm.sh/resource-policy",
    "kustomize.toolkit.fluxcd.io/prune",
    "argocd.argoproj.io/sync-options",
];

/// A project's chart as a setting has it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Rendered {
    namespace: String,
    values: Value,
}

/// What may differ, in every setting or in some.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    kind: String,
    name: String,
    /// Keys and `[NAME]` of named list elements, else the index; empty for an object that only one side has.
    #[serde(default)]
    path: String,
    #[serde(default)]
    settings: Vec<String>,
    reason: String,
}

/// Object, path in it, and what each side has there.
type Differences = BTreeMap<(String, String, String), [Option<Value>; 2]>;

#[test]
fn built_in_add_ons_are_what_upstreams_charts_render() {
    let (Some(helm), Some(yaml)) = (oracle("helm3"), oracle("yaml2json")) else { return };
    println!("taken off both sides: {METADATA:?}");
    let mut wrong = Vec::new();
    for folder in folders() {
        let chart = folder.file_name().unwrap().to_str().unwrap().to_owned();
        let mut settings = BTreeMap::new();
        for setting in settings_of(&folder) {
            let upstream = upstream(&helm, &yaml, &folder.join(format!("{setting}.upstream.yaml")));
            settings.insert(setting.clone(), [ours(&folder, &chart, &setting), upstream]);
        }
        assert!(settings.len() >= 5, "{chart} has {} settings", settings.len());
        for (setting, sides) in settings.iter().filter(|(setting, _)| *setting != "defaults") {
            for (side, name) in [(0, "ours"), (1, "upstream's")] {
                let changed = differences(&settings["defaults"][side], &sides[side]).len();
                println!("{chart}, {setting}: {changed} fields of {name} are not those of the defaults");
                assert!(changed >= 10, "{chart}, {setting}: {changed} fields of {name}");
            }
        }
        let found: BTreeMap<_, _> =
            settings.iter().map(|(setting, [ours, upstream])| (setting, differences(ours, upstream))).collect();
        wrong.extend(compare(&chart, &entries(&yaml, &folder), &found));
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

fn folders() -> Vec<PathBuf> {
    let mut folders: Vec<_> = fs::read_dir(FOLDER).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.sort();
    folders
}

fn settings_of(folder: &Path) -> BTreeSet<String> {
    let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter_map(|name| name.strip_suffix(".ours.yaml").map(str::to_owned)).collect()
}

fn entries(yaml: &Oracle, folder: &Path) -> Vec<Entry> {
    let read = yaml.documents(&fs::read_to_string(folder.join("differences.yaml")).unwrap());
    serde_json::from_value(read.into_iter().next().unwrap()).unwrap()
}

fn ours(folder: &Path, chart: &str, setting: &str) -> Vec<Value> {
    let made = made::made(setting, &rules::sources(&folder.join(format!("{setting}.ours.yaml"))));
    let charts = made.built.charts.iter().filter(|made| made.name == chart);
    charts.flat_map(|chart| &chart.objects).map(|item| item.object.json().clone()).collect()
}

/// The release is named as our cluster is.
fn upstream(helm: &Oracle, yaml: &Oracle, path: &Path) -> Vec<Value> {
    let read = yaml.documents(&fs::read_to_string(path).unwrap());
    let charts: BTreeMap<String, Rendered> = serde_json::from_value(read.into_iter().next().unwrap()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let mut objects = Vec::new();
    for (name, rendered) in charts {
        let Some(archive) = file(&format!("charts/{name}.tgz")) else { continue };
        let (archive, values) = (archive.display().to_string(), folder.path().join("values.json"));
        fs::write(&values, rendered.values.to_string()).unwrap();
        let values = values.display().to_string();
        let answer = helm.run(&["template", "home", &archive, "-n", &rendered.namespace, "-f", &values], "");
        assert!(answer.succeeded, "{}: {}", path.display(), answer.stderr);
        objects.extend(yaml.documents(&answer.stdout));
    }
    objects
}

/// Fields that one side has and the other has not, or has otherwise; a whole object counts as one.
fn differences(one: &[Value], other: &[Value]) -> Differences {
    let named = |objects: &[Value]| -> BTreeMap<(String, String), Value> {
        let text = |object: &Value, pointer: &str| object.pointer(pointer).unwrap().as_str().unwrap().to_owned();
        let objects =
            objects.iter().map(|object| ((text(object, "/kind"), text(object, "/metadata/name")), comparable(object)));
        objects.collect()
    };
    let (one, other) = (named(one), named(other));
    let mut found = Differences::new();
    for id in one.keys().chain(other.keys()).collect::<BTreeSet<_>>() {
        let mut add = |path: &str, sides| _ = found.insert((id.0.clone(), id.1.clone(), path.to_owned()), sides);
        difference("", one.get(id), other.get(id), &mut add);
    }
    found
}

fn difference(path: &str, one: Option<&Value>, other: Option<&Value>, add: &mut impl FnMut(&str, [Option<Value>; 2])) {
    let below = |key: &str| if path.is_empty() { key.to_owned() } else { format!("{path}/{key}") };
    match (one, other) {
        (Some(Value::Object(a)), Some(Value::Object(b))) => {
            for key in a.keys().chain(b.keys()).collect::<BTreeSet<_>>() {
                difference(&below(&key.replace('/', "~1")), a.get(key), b.get(key), add);
            }
        }
        (Some(Value::Array(a)), Some(Value::Array(b))) => {
            let (a, b) = (elements(a), elements(b));
            for key in a.keys().chain(b.keys()).collect::<BTreeSet<_>>() {
                difference(&below(key), a.get(key).copied(), b.get(key).copied(), add);
            }
        }
        _ if one == other => {}
        _ => add(path, [one.cloned(), other.cloned()]),
    }
}

/// Containers, ports and the like by their name, which is unique among them; the rest by place.
fn elements(list: &[Value]) -> BTreeMap<String, &Value> {
    let name = |item: &Value| item.get("name").and_then(Value::as_str).map(|name| format!("[{name}]"));
    let names: BTreeSet<_> = list.iter().filter_map(name).collect();
    let unique = names.len() == list.len();
    list.iter()
        .enumerate()
        .map(|(at, item)| (name(item).filter(|_| unique).unwrap_or_else(|| format!("{at:03}")), item))
        .collect()
}

fn comparable(object: &Value) -> Value {
    let mut object = object.clone();
    for place in ["/metadata", "/spec/template/metadata"] {
        let Some(metadata) = object.pointer_mut(place).and_then(Value::as_object_mut) else { continue };
        for kind in ["labels", "annotations"] {
            if let Some(map) = metadata.get_mut(kind).and_then(Value::as_object_mut) {
                map.retain(|key, _| !METADATA.contains(&key.as_str()));
            }
            metadata.retain(|key, value| key != kind || value.as_object().is_some_and(|map| !Map::is_empty(map)));
        }
    }
    object
}

/// What is wrong: differences without an entry, and entries without a difference.
fn compare(chart: &str, entries: &[Entry], found: &BTreeMap<&String, Differences>) -> Vec<String> {
    let mut wrong = Vec::new();
    for (setting, differences) in found {
        let applies = |entry: &&Entry| entry.settings.is_empty() || entry.settings.contains(setting);
        let listed: BTreeSet<_> = entries
            .iter()
            .filter(applies)
            .map(|entry| (entry.kind.clone(), entry.name.clone(), entry.path.clone()))
            .collect();
        for ((kind, name, path), [ours, upstream]) in differences {
            if !listed.contains(&(kind.clone(), name.clone(), path.clone())) {
                let side = |value: &Option<Value>| value.as_ref().map_or("nothing".to_owned(), Value::to_string);
                let (ours, upstream) = (side(ours), side(upstream));
                wrong.push(format!(
                    "{chart}, {setting}: {kind} {name} {path}: ours {ours:.300}, upstream {upstream:.300}"
                ));
            }
        }
        let same = listed.iter().filter(|place| !differences.contains_key(*place));
        wrong.extend(same.map(|place| format!("{chart}, {setting}: no longer differs: {place:?}")));
    }
    let vague = entries.iter().filter(|entry| entry.reason.split_whitespace().count() < 4 || entry.path.contains('*'));
    wrong.extend(vague.map(|entry| format!("{chart}: {entry:?} says no place or no reason")));
    let unknown = entries.iter().flat_map(|entry| &entry.settings).filter(|setting| !found.contains_key(setting));
    wrong.extend(unknown.map(|setting| format!("{chart}: no setting `{setting}`")));
    println!("{chart}: {} settings, {} listed differences", found.len(), entries.len());
    wrong
}

/// The comparison itself: each kind of change in ours is seen.
#[test]
fn a_changed_field_is_seen() {
    let object = |spec: Value| serde_json::json!({ "kind": "A", "metadata": { "name": "a" }, "spec": spec });
    let check = |one: Value, other: Value, expect: &[&str]| {
        let found = differences(&[object(one)], &[object(other)]);
        assert_eq!(found.keys().map(|(_, _, path)| path.as_str()).collect::<Vec<_>>(), expect);
    };
    use serde_json::json;
    check(json!({ "a": 1 }), json!({ "a": 1 }), &[]);
    check(json!({ "a": 1 }), json!({ "a": "1", "b": 2 }), &["spec/a", "spec/b"]);
    check(
        json!({ "l": [{ "name": "x", "v": 1 }] }),
        json!({ "l": [{ "name": "x", "v": 2 }, { "name": "y" }] }),
        &["spec/l/[x]/v", "spec/l/[y]"],
    );
    check(json!({ "l": ["a", "b"] }), json!({ "l": ["b"] }), &["spec/l/000", "spec/l/001"]);
    assert_eq!(differences(&[object(json!({}))], &[]).len(), 1);
}
