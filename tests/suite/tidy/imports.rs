//! Who may import whom: the ranks of the modules of `src/`, and the outside crates that each may use.

use crate::tidy::TextFile;
use crate::tidy::check_all;
use crate::tidy::sources;

/// A module imports only modules of lower rank: the order in which values flow from the file to the archive.
const RANKS: &[(&str, u8)] = &[
    ("machine", 0),
    ("source", 0),
    ("cli", 0),
    ("assets", 0),
    ("text", 0),
    ("parallel", 0),
    ("oci", 0),
    ("diagnostic", 1),
    ("yaml", 2),
    ("values", 3),
    ("helm", 3),
    ("registry", 3),
    ("kubernetes", 3),
    ("schema", 4),
    ("model", 5),
    ("lock", 6),
    ("plan", 7),
    ("objects", 8),
    ("generate", 9),
    ("rules", 10),
    ("verify", 10),
    ("pipeline", 11),
    ("publish", 11),
    ("bundle", 11),
    ("report", 11),
    ("host", 11),
    ("commands", 12),
    ("main", 13),
];

/// Imports that the ranks would allow: decisions are the plan's, and what checks shares nothing with what writes.
const NEVER: &[(&str, &str)] = &[("objects", "model"), ("generate", "model"), ("verify", "generate")];

/// The outside crates that are not free for all. Those of `host` touch the machine.
const CRATES: &[(&str, &[&str])] = &[
    ("annotate_snippets", &["report"]),
    ("anstream", &["host"]),
    ("base64", &["registry", "helm", "host", "objects"]),
    ("clap", &["cli"]),
    ("flate2", &["helm", "bundle"]),
    ("handlebars", &["text"]),
    ("hex", &["oci", "helm", "plan", "objects", "generate", "verify", "publish"]),
    ("indicatif", &["host"]),
    ("ipnet", &["values", "model", "plan", "rules", "host"]),
    ("jsonschema", &["schema"]),
    ("k8s_openapi", &["objects"]),
    ("mimalloc", &["main"]),
    ("pgp", &["helm"]),
    ("regex", &["registry"]),
    ("rpassword", &["host"]),
    ("rustls", &["host"]),
    ("rustls_native_certs", &["host"]),
    ("schemars", &["values", "schema"]),
    ("semver", &["cli", "values", "helm", "model", "plan", "rules", "commands"]),
    ("serde_path_to_error", &["model"]),
    ("serde_yaml", &["yaml"]),
    ("sha2", &["oci", "helm", "plan", "objects", "generate", "verify", "publish"]),
    ("strsim", &["diagnostic"]),
    ("tar", &["helm", "bundle"]),
    ("tempfile", &["host"]),
    ("terminal_size", &["host"]),
    ("ureq", &["host"]),
    ("walkdir", &["host"]),
    ("zstd", &["bundle"]),
];
const FREE: &[&str] = &["indexmap", "serde", "serde_json", "thiserror"];

fn rank(module: &str) -> u8 {
    RANKS.iter().find(|(name, _)| *name == module).unwrap_or_else(|| panic!("`{module}` has no rank in {}", file!())).1
}

#[test]
fn imports_go_downwards() {
    check_all(&sources(), |file| {
        let own = file.module();
        if own == "lib" {
            return Vec::new();
        }
        let wrong = |name: &&str| *name != own && (rank(name) >= rank(own) || NEVER.contains(&(own, *name)));
        let found = file.paths_from(&["crate", "helm_ha"]);
        found.into_iter().filter(wrong).map(|name| format!("`{own}` must not import `{name}`")).collect()
    });
}

#[test]
fn outside_crates_stay_where_they_belong() {
    check_all(&sources(), |file| {
        let elsewhere = CRATES.iter().filter(|(_, folders)| !folders.contains(&file.module()));
        let wrong = elsewhere.filter(|(name, _)| file.mentions(name));
        wrong.map(|(name, _)| format!("`{}` must not use `{name}`", file.module())).collect()
    });
}

#[test]
fn every_dependency_is_in_the_table() {
    let manifest = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml")).unwrap();
    let section = manifest.split("\n[dependencies]\n").nth(1).unwrap().split("\n[").next().unwrap();
    let names = section.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once(" = "));
    for name in names.map(|(name, _)| name.replace('-', "_")) {
        let known = FREE.contains(&name.as_str()) || CRATES.iter().any(|(outside, _)| *outside == name);
        assert!(known, "`{name}` is a dependency without a line in {}", file!());
    }
}

impl TextFile {
    /// The folder of `src/` or the file right in it.
    fn module(&self) -> &str {
        let path = self.path.strip_prefix("src/").unwrap();
        path.split('/').next().unwrap().trim_end_matches(".rs")
    }

    /// The names that follow `crate::` and the like.
    fn paths_from<'a>(&'a self, roots: &[&str]) -> Vec<&'a str> {
        let code = self.text.as_str();
        roots.iter().flat_map(|root| self.places_of(root).map(|at| word(&code[at + root.len() + 2..]))).collect()
    }

    fn mentions(&self, name: &str) -> bool {
        self.places_of(name).next().is_some()
    }

    /// Where a path starts with this name.
    fn places_of<'a>(&'a self, name: &'a str) -> impl Iterator<Item = usize> + 'a {
        let inner = |at: usize| self.text[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':');
        let found = self.text.match_indices(name).map(|(at, _)| at);
        found.filter(move |at| self.text[at + name.len()..].starts_with("::") && !inner(*at))
    }
}

fn word(text: &str) -> &str {
    text.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap()
}
