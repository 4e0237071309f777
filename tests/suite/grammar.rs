//! Both Helms render every form of the template grammar to exactly the objects, and so does our own reader.

use std::path::Path;

use helm_ha::helm::ChartTree;
use helm_ha::helm::pack;
use helm_ha::objects::ChartObjects;
use helm_ha::verify::render;
use helm_ha::verify::verify;
use serde_json::Value;
use serde_json::json;

use crate::oracle::Answer;
use crate::oracle::Oracle;
use crate::oracle::helms;
use crate::sample;
use crate::sample::NAME;
use crate::sample::NAMESPACE;

/// An archive on disk and what it was made from.
struct Packed {
    folder: tempfile::TempDir,
    charts: Vec<ChartObjects>,
    crds: Vec<u8>,
    tree: ChartTree,
}

fn packed() -> Packed {
    pack_charts(sample::charts())
}

fn pack_charts(charts: Vec<ChartObjects>) -> Packed {
    let crds = sample::crds();
    let tree = sample::tree(&charts, &crds);
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("x.tgz"), pack(&tree, 0).unwrap()).unwrap();
    Packed { folder, charts, crds, tree }
}

impl Packed {
    fn archive(&self) -> String {
        self.folder.path().join("x.tgz").display().to_string()
    }

    fn template(&self, helm: &Oracle, arguments: &[&str]) -> Answer {
        let archive = self.archive();
        helm.run(&[&["template", NAME, &archive, "-n", NAMESPACE, "--kube-version", "1.36.0"], arguments].concat(), "")
    }

    /// What Helm makes of a person's values.
    fn with_values(&self, helm: &Oracle, values: &Value) -> Answer {
        let file = self.folder.path().join("values.json");
        // What JSON may hold as it is and YAML reads as a line end is escaped.
        let escape = |c: char| match c {
            '\u{7f}'..='\u{9f}' | '\u{2028}' | '\u{2029}' | '\u{feff}' => format!("\\u{:04x}", u32::from(c)),
            _ => c.to_string(),
        };
        std::fs::write(&file, values.to_string().chars().map(escape).collect::<String>()).unwrap();
        self.template(helm, &["-f", path(&file)])
    }

    fn planned(&self) -> Vec<Value> {
        self.charts.iter().flat_map(|chart| &chart.objects).map(|item| item.object.json().clone()).collect()
    }

    /// Whether `verify` accepts this tree instead.
    fn verifies(&self, tree: &ChartTree) -> Result<(), String> {
        let nested = [("crds-0.1.0", self.crds.as_slice())];
        let archive = pack(tree, 0).unwrap();
        verify(archive, &sample::expected(&self.charts, &nested)).map(drop).map_err(|error| error.to_string())
    }
}

fn path(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// The same objects in any order: Helm sorts them by kind.
fn check(found: Vec<Value>, expected: Vec<Value>, context: &str) {
    let sorted = |mut objects: Vec<Value>| {
        let key = |object: &Value| (object["kind"].to_string(), object["metadata"]["name"].to_string());
        objects.sort_by_key(key);
        objects
    };
    let (found, expected) = (sorted(found), sorted(expected));
    let names = |objects: &[Value]| objects.iter().map(|it| it["metadata"]["name"].clone()).collect::<Vec<_>>();
    assert_eq!(names(&found), names(&expected), "{context}");
    for (found, expected) in found.iter().zip(&expected) {
        assert_eq!(found, expected, "{context}");
    }
}

fn rendered(tree: &ChartTree, values: Option<&Value>) -> Vec<Value> {
    render(tree, values).unwrap().into_iter().map(|(_, object)| object.json().clone()).collect()
}

#[test]
fn defaults_give_the_objects_in_our_reader() {
    let packed = packed();
    assert_eq!(packed.verifies(&packed.tree), Ok(()));
    check(rendered(&packed.tree, None), packed.planned(), "own reader");
}

#[test]
fn defaults_give_the_objects_in_both_helms() {
    let Some((helms, yaml)) = helms() else { return };
    let packed = packed();
    for helm in &helms {
        let answer = packed.template(helm, &[]);
        assert!(answer.succeeded && answer.stderr.is_empty(), "{}: {}", helm.name, answer.stderr);
        check(yaml.documents(&answer.stdout), packed.planned(), helm.name);
    }
}

#[test]
fn both_helms_lint_without_a_warning() {
    let Some((helms, _)) = helms() else { return };
    let packed = packed();
    for helm in &helms {
        let answer = helm.run(&["lint", "--strict", &packed.archive(), "-n", NAMESPACE, "--with-subcharts"], "");
        let text = answer.stdout + &answer.stderr;
        assert!(answer.succeeded && !text.contains("WARN") && !text.contains("Fail:"), "{}: {text}", helm.name);
    }
}

#[test]
fn changed_values_give_the_same_objects_in_all_three() {
    let packed = packed();
    let defaults = packed.planned();
    let tools = helms();
    for values in sample::changes() {
        let ours = rendered(&packed.tree, Some(&values));
        assert!(ours != defaults, "changes nothing: {values}");
        let Some((helms, yaml)) = &tools else { continue };
        for helm in helms {
            let answer = packed.with_values(helm, &values);
            assert!(answer.succeeded, "{} {values}: {}", helm.name, answer.stderr);
            check(yaml.documents(&answer.stdout), ours.clone(), &format!("{} {values}", helm.name));
        }
    }
}

#[test]
fn no_other_registry_is_left_behind_a_mirror() {
    let packed = packed();
    let objects = rendered(&packed.tree, Some(&json!({ "global": { "imageRegistry": "r.test" } })));
    let text = Value::from(objects).to_string();
    for registry in ["docker.io", "quay.io", "ghcr.io", "localhost:5000", "docker.elastic.co", "registry.k8s.io"] {
        assert!(!text.contains(registry), "{registry} in {text}");
    }
}

#[test]
fn wrong_values_are_refused_by_the_schema() {
    let Some((helms, _)) = helms() else { return };
    let packed = packed();
    let cases = [
        (json!({ "photos": { "replicas": "2" } }), "/replicas"),
        (json!({ "photos": { "replicas": 11 } }), "/replicas"),
        (json!({ "photos": { "replicas": -1 } }), "/replicas"),
        (json!({ "photos": { "replicas": null } }), "replicas"),
        (json!({ "photos": { "replcas": 1 } }), "replcas"),
        (json!({ "photos": { "image": "nginx:1" } }), "image"),
        (json!({ "photos": { "image": { "tag": 20_240_101 } } }), "/image/tag"),
        (json!({ "photos": { "image": { "tag": "a b" } } }), "/image/tag"),
        (json!({ "photos": { "image": { "digest": "sha256:00" } } }), "digest"),
        (json!({ "photos": { "env": { "LOG_LEVEL": "loud" } } }), "/env/LOG_LEVEL"),
        (json!({ "photos": { "env": { "OTHER": "x" } } }), "OTHER"),
        (json!({ "photos": { "resources": { "requests": { "cpu": 1 } } } }), "/resources/requests/cpu"),
        (json!({ "photos": { "hostNetwork": "yes" } }), "/hostNetwork"),
        (json!({ "photos": { "imagePullSecrets": ["a"] } }), "/imagePullSecrets/0"),
        (json!({ "photos": { "imagePullSecrets": null } }), "imagePullSecrets"),
        (json!({ "photos": { "enabled": "false" } }), "/enabled"),
        (json!({ "photo": { "enabled": false } }), "photo"),
        (json!({ "texts": { "enabled": false } }), "enabled"),
        (json!({ "global": { "imageRegistry": "https://r.test" } }), "/global/imageRegistry"),
        (json!({ "global": { "registry": "r.test" } }), "registry"),
    ];
    let flags = [
        ("photos.replicas=two", "/replicas"),
        ("photos.image.tag=20240101", "/image/tag"),
        ("photos.enabled=off", "/enabled"),
        ("global.imageRegistri=r.test", "imageRegistri"),
    ];
    let refuses = |answer: Answer, place: &str| {
        let said = answer.stderr.contains("values don't meet the specifications of the schema");
        assert!(!answer.succeeded && said && answer.stderr.contains(place), "{place}: {}", answer.stderr);
    };
    for helm in &helms {
        flags.iter().for_each(|(flag, place)| refuses(packed.template(helm, &["--set", flag]), place));
        cases.iter().for_each(|(values, place)| refuses(packed.with_values(helm, values), place));
    }
}

#[test]
fn another_release_is_refused_by_the_guard() {
    let Some((helms, _)) = helms() else { return };
    let packed = packed();
    let archive = packed.archive();
    let command =
        format!("helm upgrade --install {NAME} {NAME}-{}.tgz -n {NAMESPACE} --create-namespace", sample::VERSION);
    for helm in &helms {
        for (release, namespace, passes) in [
            (NAME, NAMESPACE, true),
            ("test-release", NAMESPACE, true),
            ("other", NAMESPACE, false),
            (NAME, "default", false),
        ] {
            let answer = helm.run(&["template", release, &archive, "-n", namespace, "--kube-version", "1.36.0"], "");
            assert_eq!(answer.succeeded, passes, "{} {release} {namespace}: {}", helm.name, answer.stderr);
            assert!(passes || answer.stderr.contains(&command) && answer.stdout.is_empty(), "{}", answer.stderr);
        }
        let answer = helm.run(&["template", NAME, &archive, "-n", NAMESPACE, "--kube-version", "1.33.9"], "");
        assert!(!answer.succeeded && answer.stderr.contains(">=1.34.0-0"), "{}", answer.stderr);
    }
}

#[test]
fn a_nested_archive_brings_its_crds() {
    let Some((helms, yaml)) = helms() else { return };
    let packed = packed();
    for helm in &helms {
        let answer = helm.run(&["show", "crds", &packed.archive()], "");
        let expected = yaml.documents(sample::CRD);
        assert_eq!(yaml.documents(&answer.stdout), expected, "{}: {}", helm.name, answer.stderr);
    }
}

#[test]
fn values_are_shown_with_their_documentation() {
    let Some((helms, _)) = helms() else { return };
    let packed = packed();
    for helm in &helms {
        let answer = helm.run(&["show", "values", &packed.archive()], "");
        for line in [
            "  # The image of the service.",
            "  # What it may use.",
            "photos:",
            "  # Whether it is installed.",
            "  enabled: true",
        ] {
            assert!(
                answer.stdout.lines().any(|found| found == line),
                "{}: no `{line}` in\n{}",
                helm.name,
                answer.stdout
            );
        }
    }
}

/// Every byte of the templates of one chart is changed, and every 29th of all: no such archive is accepted.
#[test]
fn one_changed_byte_is_seen() {
    for (charts, step) in [(sample::charts().drain(..1).collect(), 1), (sample::charts(), 29)] {
        let packed = pack_charts(charts);
        assert_eq!(packed.verifies(&packed.tree), Ok(()));
        for (path, bytes) in packed.tree.files().filter(|(path, _)| path.contains("/templates/")) {
            for at in (0..bytes.len()).step_by(step) {
                let mut changed = bytes.to_vec();
                changed[at] = if bytes[at] == b'a' { b'b' } else { b'a' };
                let mut tree = packed.tree.clone();
                tree.insert(path, changed);
                let line = String::from_utf8_lossy(&bytes[..at]).lines().count();
                assert!(packed.verifies(&tree).is_err(), "{path}, byte {at}, line {line}");
            }
        }
    }
}

/// One change in each kind of line: Helm gives other objects, or none.
#[test]
fn one_changed_byte_is_seen_in_what_helm_renders() {
    let Some((helms, yaml)) = helms() else { return };
    let packed = packed();
    let kinds = [
        ("charts/photos/templates/deployment.yaml", "| int64", "| int65"),
        ("charts/photos/templates/deployment.yaml", ".Values.env.LOG_LEVEL", ".Values.env.LOG_LEVEK"),
        ("charts/photos/templates/deployment.yaml", "toYaml", "toYamk"),
        ("charts/photos/templates/deployment.yaml", ".Values.hostNetwork", ".Values.hostnetwork"),
        ("charts/photos/templates/deployment.yaml", "%s/%s:%s", "%s/%s.%s"),
        ("charts/photos/templates/deployment.yaml", "{{ \"{{\" }}", "{{ \"{[\" }}"),
        ("charts/photos/templates/job-once.yaml", "trunc 8", "trunc 7"),
        ("charts/photos/templates/job-once.yaml", "Job", "Jov"),
        ("charts/search/templates/stateful-set.yaml", "\"cluster.name\"", "\"cluster.nam0\""),
    ];
    for (path, from, to) in kinds {
        let text = String::from_utf8(packed.tree.get(path).unwrap().to_vec()).unwrap();
        assert!(text.contains(from), "{path} holds no `{from}`:\n{text}");
        let mut tree = packed.tree.clone();
        tree.insert(path, text.replacen(from, to, 1));
        assert!(packed.verifies(&tree).is_err(), "{from} {to}");
        std::fs::write(packed.folder.path().join("x.tgz"), pack(&tree, 0).unwrap()).unwrap();
        for helm in &helms {
            let answer = packed.template(helm, &[]);
            let objects = if answer.succeeded { yaml.documents(&answer.stdout) } else { Vec::new() };
            let same = packed.planned().iter().all(|object| objects.contains(object));
            assert!(!same, "{} does not see `{from}` become `{to}`", helm.name);
        }
    }
}
