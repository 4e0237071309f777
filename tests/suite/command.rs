//! The real program: exactly what each verb says, where, and with which exit code, in `command/*.txt`.

use std::path::Path;

use serde_json::Value;

use crate::program::Folder;
use crate::program::snapshot;

/// Runs the program in the folder for each line and compares everything with `command/NAME.txt`.
fn check(name: &str, folder: &Folder, lines: &[&str]) {
    let mut text = String::new();
    for line in lines {
        let arguments: Vec<&str> = line.split(' ').skip(2).collect();
        let said = folder.run(&arguments, &[], b"");
        text += &format!("$ {line}\n{said}\n");
    }
    snapshot(&format!("command/{name}.txt"), &text);
}

const BASE: &str = "\
apiVersion: helm-ha.dev/v1
name: home
version: 1.0.0
nodes:
  server1: { address: 192.168.1.11/24, role: server }
  server2: { address: 192.168.1.12/24, role: server }
  server3: { address: 192.168.1.13/24, role: server }
services:
  web:
    image: docker.io/example/web:1.0.0
    ports: { http: 8080 }
    labels: { on: monday }
  photos:
    image: docker.io/example/photos
";
const STAGING: &str = "\
services:
  web:
    replcas: 2
  git:
    image: docker.io/gitea/gitea:1.24.0-rootless
    mounts: { /data: { volume: repositories } }
";
const GOOD: &str = "\
apiVersion: helm-ha.dev/v1
name: home
version: 1.0.0
nodes:
  server1: { address: 192.168.1.11/24, role: server }
  server2: { address: 192.168.1.12/24, role: server }
  server3: { address: 192.168.1.13/24, role: server }
services:
  web: { image: docker.io/example/web:1.0.0, ports: { http: 8080 } }
";

/// A trap of YAML, a misspelled key, an image without a tag and an unknown volume: these four, and all of them at once.
#[test]
fn findings_over_two_files() {
    let folder = Folder::new(&[("base.yaml", BASE), ("staging.yaml", STAGING)]);
    check(
        "findings",
        &folder,
        &[
            "helm ha lint -f base.yaml -f staging.yaml",
            "helm ha lint base.yaml staging.yaml --output json",
            "helm ha generate base.yaml staging.yaml",
            "helm ha generate base.yaml staging.yaml --output json",
            "helm ha plan base.yaml,staging.yaml",
        ],
    );
    assert_eq!(folder.files("").keys().filter(|name| name.ends_with(".tgz")).count(), 0, "nothing is written");
    let json = folder.run(&["lint", "base.yaml", "staging.yaml", "--output", "json"], &[], b"").stdout;
    let json: Value = serde_json::from_str(&json).unwrap();
    let mut found: Vec<String> = json["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| format!("{} {}:{}", finding["code"], finding["file"], finding["line"]).replace('"', ""))
        .collect();
    found.sort();
    let expected = [
        "image-without-tag base.yaml:14",
        "unknown-key staging.yaml:3",
        "unknown-volume staging.yaml:6",
        "yaml-trap base.yaml:12",
    ];
    assert_eq!(found, expected);
}

#[test]
fn generate_tells_what_a_person_needs_next() {
    let folder = Folder::new(&[]);
    check(
        "generate",
        &folder,
        &[
            "helm ha generate examples/homelab.yaml",
            "helm ha generate examples/homelab.yaml --check",
            "helm ha generate examples/homelab.yaml --version 1.0.1 --check",
            "helm ha generate examples/minimal.yaml -d charts --version 2.0.0-rc.1 --output json",
            "helm ha generate examples/minimal.yaml -d charts --unpacked",
            "helm ha generate examples/minimal.yaml -d charts --unpacked --check",
            "helm ha verify homelab-1.0.0.tgz",
            "helm ha verify homelab-1.0.0.tgz examples/homelab.yaml --output json",
            "helm ha verify homelab-1.0.0.tgz examples/minimal.yaml",
            "helm ha verify examples/minimal.yaml",
        ],
    );
    let unpacked = folder.files("charts/minimal");
    assert!(unpacked.contains_key("Chart.yaml") && unpacked.contains_key("values.yaml"), "{:?}", unpacked.keys());
}

#[test]
fn lists_and_explanations() {
    let own = "tests/fixtures/ok/own-objects.yaml";
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(own)).unwrap();
    let folder = Folder::new(&[(own, &text)]);
    check(
        "lists",
        &folder,
        &[
            "helm ha lint examples/minimal.yaml",
            "helm ha plan examples/minimal.yaml",
            "helm ha secrets examples/homelab.yaml",
            "helm ha secrets examples/homelab.yaml --output json",
            "helm ha images examples/homelab.yaml",
            "helm ha images tests/fixtures/ok/own-objects.yaml --why",
            "helm ha images tests/fixtures/ok/own-objects.yaml --why --output json",
            "helm ha dns examples/homelab.yaml",
            "helm ha dns examples/homelab.yaml --output json",
            "helm ha explain services.mounts.claim",
            "helm ha explain image-latest",
            "helm ha explain no-such-thing",
            "helm ha version",
            "helm ha version --output json",
        ],
    );
    let schema = folder.run(&["schema"], &[], b"");
    let overlay = folder.run(&["schema", "--overlay"], &[], b"");
    assert_eq!((schema.code, overlay.code), (Some(0), Some(0)));
    assert_eq!(schema.stdout, include_str!("../../schemas/cluster.schema.json"));
    assert_eq!(overlay.stdout, include_str!("../../schemas/overlay.schema.json"));
}

#[test]
fn a_new_file_passes() {
    let folder = Folder::new(&[]);
    check(
        "init",
        &folder,
        &[
            "helm ha init",
            "helm ha lint homelab.yaml --deny warnings",
            "helm ha init",
            "helm ha init deep/other.yaml",
            "helm ha generate deep/other.yaml -d deep",
        ],
    );
    for schema in ["homelab.yaml", ".helm-ha/cluster.schema.json", "deep/.helm-ha/overlay.schema.json"] {
        assert!(folder.path(schema).is_file(), "{schema}");
    }
}

#[test]
fn wrong_usage() {
    let folder = Folder::new(&[("good.yaml", GOOD)]);
    let lines = [
        "helm ha lint",
        "helm ha lnt good.yaml",
        "helm ha generate good.yaml --version one",
        "helm ha lint - -",
        "helm ha lint missing.yaml",
        "helm ha lint examples",
        "helm ha verify missing.tgz",
        "helm ha init good.yaml",
    ];
    check("usage", &folder, &lines);
}

#[test]
fn standard_input_and_json() {
    let folder = Folder::new(&[("good.yaml", GOOD)]);
    let json = r#"{"apiVersion": "helm-ha.dev/v1", "name": "home", "version": "1.0.0",
        "nodes": {"server1": {"address": "192.168.1.11/24", "role": "server"}, "server2": {"address": "192.168.1.12/24", "role": "server"},
        "server3": {"address": "192.168.1.13/24", "role": "server"}},
        "services": {"web": {"image": "docker.io/example/web:1.0.0", "ports": {"http": 8080}}}}"#;
    let archive = |arguments: &[&str], input: &[u8]| {
        let said = folder.run(&[arguments, &["-d", "out", "--lock", "home.lock"]].concat(), &[], input);
        assert_eq!((said.code, said.stdout.as_str()), (Some(0), ""), "{said}");
        folder.files("out")
    };
    let written = archive(&["generate", "good.yaml"], b"");
    assert_eq!(archive(&["generate", "-"], GOOD.as_bytes()), written);
    assert_eq!(archive(&["generate", "-"], json.as_bytes()), written);
    assert_eq!(archive(&["generate", "good.yaml", "-f", "-"], b""), written);
    let said = folder.run(&["generate", "-"], &[], GOOD.as_bytes());
    assert_eq!((said.code, said.stderr.contains("say `--lock FILE`")), (Some(64), true), "{said}");
    let said = folder.run(&["lint", "-", "good.yaml", "--lock", "home.lock"], &[], b"services: { web: { imag: a } }\n");
    snapshot("command/standard-input.txt", &said.to_string());
}

/// What is no values file is refused at once, in little memory, in words.
#[test]
fn hostile_files() {
    let deep = |open: &str, close: &str| format!("x-a: {}{}\n", open.repeat(200_000), close.repeat(200_000));
    let nines: String = (0..9).fold("x-0: &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]\n".to_owned(), |text, level| {
        text + &format!("x-{0}: &a{0} [{1}]\n", level + 1, vec![format!("*a{level}"); 10].join(", "))
    });
    let folder = Folder::new(&[
        ("two.yaml", &format!("{GOOD}---\n{GOOD}")),
        ("deep-flow.yaml", &deep("[", "]")),
        ("deep-map.yaml", &deep("{a: ", "}")),
        ("deep-block.yaml", &(0..5000).fold(String::new(), |text, depth| text + &format!("{}a:\n", " ".repeat(depth)))),
        ("deep-list.yaml", &format!("x-a:\n{}\n", "- ".repeat(100_000))),
        ("bomb.yaml", &nines),
        ("tabs.yaml", "services:\n\tweb: {}\n"),
        ("twice.yaml", &format!("{GOOD}name: other\n")),
        ("empty.yaml", ""),
        ("list.yaml", "- a\n"),
        ("keys.yaml", &(0..20_000).fold("services:\n".to_owned(), |text, key| text + &format!("  s{key}: 1\n"))),
    ]);
    folder.write("large.yaml", vec![b'a'; 100 << 20]);
    folder.write("binary.yaml", [GOOD.as_bytes(), b"x-a: \xff\xfe\n"].concat());
    folder.write("zero.yaml", [GOOD.as_bytes(), b"x-a: \"\0\"\n"].concat());
    let files = [
        "large",
        "binary",
        "zero",
        "two",
        "deep-flow",
        "deep-map",
        "deep-block",
        "deep-list",
        "bomb",
        "tabs",
        "twice",
        "empty",
        "list",
    ];
    let mut text = String::new();
    for file in files.iter().chain(&["keys"]) {
        let start = std::time::Instant::now();
        let name = format!("{file}.yaml");
        let said = folder.run_behind("ulimit -v 786432", &["lint", &name]);
        let took = start.elapsed();
        assert!(took.as_secs() < 30, "{name}: {took:?}");
        assert!(matches!(said.code, Some(1 | 74)) && said.stderr.len() < 100_000_000, "{name}: {:?}", said.code);
        if *file != "keys" {
            let lines: Vec<String> =
                said.to_string().lines().map(|line| line.chars().take(160).collect::<String>() + "\n").collect();
            text += &format!("$ helm ha lint {name}\n{}\n", lines.concat());
        }
    }
    snapshot("command/hostile.txt", &text);
}
