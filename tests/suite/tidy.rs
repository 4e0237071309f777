//! The repository keeps its own rules: a scan of its files, without running anything.

mod imports;

use std::fs;
use std::path::Path;

use walkdir::WalkDir;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// A text of the repository.
struct TextFile {
    /// Relative to the repository, with `/`.
    path: String,
    text: String,
}

/// Every text that is ours; what git does not keep, binaries and the licence are not.
fn texts() -> Vec<TextFile> {
    let skipped = [".git", "target", "corpus", "artifacts", "node_modules", "Cargo.lock", "LICENSE"];
    let walk = WalkDir::new(ROOT).sort_by_file_name().into_iter();
    let entries = walk.filter_entry(|entry| !skipped.iter().any(|name| entry.file_name() == *name)).map(Result::unwrap);
    let files = entries.filter(|entry| entry.file_type().is_file());
    files.filter_map(|entry| Some(text_file(entry.path(), fs::read_to_string(entry.path()).ok()?))).collect()
}

fn text_file(path: &Path, text: String) -> TextFile {
    let path = path.strip_prefix(ROOT).unwrap().components().map(|part| part.as_os_str().to_str().unwrap());
    TextFile { path: path.collect::<Vec<_>>().join("/"), text }
}

/// The files of `src/` without their tests and comments.
fn sources() -> Vec<TextFile> {
    let files = texts().into_iter().filter(|file| file.path.starts_with("src/") && file.path.ends_with(".rs"));
    let ours = files.filter(|file| !file.path.ends_with("/tests.rs"));
    ours.map(|file| TextFile { text: code(&file.text), path: file.path }).collect()
}

/// The part before the tests, which come last in a file, without what is there to be read: comments and examples.
fn code(text: &str) -> String {
    let lines = text.lines().take_while(|line| *line != "#[cfg(test)]");
    let read = |line: &&str| {
        ["//", "#[schemars(example", "example: \""].iter().any(|start| line.trim_start().starts_with(start))
    };
    lines.filter(|line| !read(line)).map(|line| line.to_owned() + "\n").collect()
}

/// Fails with everything that is wrong in any file.
fn check_all(files: &[TextFile], check: impl Fn(&TextFile) -> Vec<String>) {
    let wrong: Vec<String> =
        files.iter().flat_map(|file| check(file).into_iter().map(|error| format!("{}: {error}", file.path))).collect();
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
}

fn when(wrong: bool, message: &str) -> Vec<String> {
    if wrong { vec![message.to_owned()] } else { Vec::new() }
}

#[test]
fn every_rust_file_says_on_its_first_line_what_it_is() {
    let files: Vec<TextFile> = texts().into_iter().filter(|file| file.path.ends_with(".rs")).collect();
    check_all(&files, |file| when(!file.text.starts_with("//! "), "line 1 must be `//! ` and one sentence"));
}

#[test]
fn a_long_file_says_why() {
    let files: Vec<TextFile> = texts().into_iter().filter(|file| file.path.ends_with(".rs")).collect();
    check_all(&files, |file| {
        let reason = file.text.lines().take(12).any(|line| line.starts_with("//! Long because "));
        when(file.text.lines().count() > 400 && !reason, "over 400 lines without `//! Long because ...` at the top")
    });
}

#[test]
fn nothing_unfinished_and_no_trace_of_a_workplace() {
    // In pieces, so that this file passes.
    let words = [["TO", "DO"], ["FIX", "ME"], ["X", "XX"], ["DESIGN", ".md"], ["STYLE", ".md"], ["BRIEF", ".md"]];
    let places = [["/wo", "rk/"], ["/ro", "ot/"]];
    check_all(&texts(), |file| {
        let words = words.iter().map(|parts| parts.concat()).filter(|word| {
            let inner = |c: char| c.is_alphanumeric() || c == '_';
            file.text
                .match_indices(word.as_str())
                .any(|(at, _)| !file.text[..at].ends_with(inner) && !file.text[at + word.len()..].starts_with(inner))
        });
        let places = places.iter().map(|parts| parts.concat()).filter(|place| {
            let inner = |c: char| c.is_alphanumeric() || "_-.)}/*".contains(c);
            file.text.match_indices(place.as_str()).any(|(at, _)| !file.text[..at].ends_with(inner))
        });
        words.chain(places).map(|word| format!("`{word}` must not be here")).collect()
    });
}

#[test]
fn braces_are_only_in_text_templates() {
    let files: Vec<TextFile> = texts().into_iter().filter(|file| file.path.starts_with("charts-src/")).collect();
    check_all(&files, |file| {
        let actions = ["{{-", "-}}", ".Values", ".Release"];
        let wrong = actions.iter().filter(|action| file.text.contains(**action));
        let braces = when(file.text.contains("{{") && !file.path.ends_with(".hbs"), "`{{` belongs into `*.hbs`");
        wrong.map(|action| format!("`{action}` is Helm's, not ours")).chain(braces).collect()
    });
}

#[test]
fn no_manifest_is_written_as_text() {
    check_all(&sources(), |file| {
        let ours = file.text.replace("apiVersion: helm-ha.dev/", "");
        when(ours.contains("apiVersion:"), "a Kubernetes object is built from types or stands in `charts-src/`")
    });
}

#[test]
fn images_are_named_by_the_builders_alone() {
    let registries = ["docker.io/", "ghcr.io/", "quay.io/", "gcr.io/", "registry.k8s.io/"];
    let builders = ["src/objects/", "src/plan/"];
    check_all(&sources(), |file| {
        let mut named = registries.iter().flat_map(|registry| {
            let rest = file.text.match_indices(registry).map(|(at, _)| &file.text[at + registry.len()..]);
            rest.map(|rest| rest.split(|c: char| !c.is_ascii_alphanumeric() && !"._/:@-".contains(c)).next().unwrap())
        });
        let builder = builders.iter().any(|folder| file.path.starts_with(folder));
        when(!builder && named.any(|rest| rest.contains(':')), "an image is named outside of `objects` and `plan`")
    });
}

#[test]
fn formats_know_no_products() {
    let folders = ["src/helm/", "src/oci/", "src/yaml/"];
    let ours = |file: &TextFile| folders.iter().any(|folder| file.path.starts_with(folder));
    let files: Vec<TextFile> = texts().into_iter().filter(ours).collect();
    check_all(&files, |file| {
        let text = file.text.to_lowercase();
        let found = ["ceph", "rook", "metallb", "k3s"].into_iter().filter(|word| text.contains(word));
        found.map(|word| format!("`{word}` is no word of a format")).collect()
    });
}

#[test]
fn only_the_host_opens_the_door() {
    check_all(&sources(), |file| {
        when(file.text.contains("clippy::disallowed_") && !file.path.starts_with("src/host/"), "only `host` may")
    });
}

#[test]
fn the_plugin_has_the_version_of_the_program() {
    let plugin = fs::read_to_string(Path::new(ROOT).join("plugin.yaml")).unwrap();
    assert!(plugin.contains(&format!("\nversion: {}\n", env!("CARGO_PKG_VERSION"))));
}
