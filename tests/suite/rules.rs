//! Every rule has a fixture that it alone refuses, on the lines and in the words that the fixture says; good ones pass.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::path::PathBuf;

use helm_ha::diagnostic::Diagnostic;
use helm_ha::diagnostic::Place;
use helm_ha::diagnostic::Severity;
use helm_ha::lock::Locked;
use helm_ha::lock::Upgrade;
use helm_ha::pipeline;
use helm_ha::pipeline::Checked;
use helm_ha::pipeline::LockTexts;
use helm_ha::rules;
use helm_ha::rules::Check;
use helm_ha::rules::Frozen;
use helm_ha::rules::Locks;
use helm_ha::rules::RULES;
use helm_ha::rules::Rule;
use helm_ha::source::SourceId;
use helm_ha::source::Sources;
use helm_ha::values::Document;
use helm_ha::values::attachments::Kind;
use helm_ha::values::attachments::Wanted;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// A finding as a fixture says it, in a line of its file: `# error: CODE: MESSAGE`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Line {
    /// `FILE:LINE`, the line counted from 1.
    place: String,
    text: String,
}

/// The findings that a fixture may expect: all errors and warnings, and advice of the codes that it names.
fn found(sources: &Sources, named: impl Fn(&str) -> bool) -> Vec<Line> {
    found_by(RULES, sources, named)
}

/// The same, by these rules alone.
fn found_by(rules: &[&Rule], sources: &Sources, named: impl Fn(&str) -> bool) -> Vec<Line> {
    let (all, own, others) = with_locks(sources);
    let texts = LockTexts { sources: &all, own, others };
    let Checked { document, cluster, locked, mut findings } = pipeline::check_by(rules, sources, &texts, &attach);
    if let Some(cluster) = cluster.filter(|_| findings.iter().all(|finding| finding.severity != Severity::Error)) {
        let built = match pipeline::build(&cluster, None) {
            Ok(built) => built,
            // What a rule would have refused may not fit together.
            Err(bug) => return vec![Line { place: "the chart".to_owned(), text: format!("error: bug: {bug}") }],
        };
        let next = &built.plan.lock.next;
        let nothing = Locked::nothing(&next.name, &next.namespace);
        let frozen = sources.iter().any(|(_, source)| source.text.contains("# --frozen"));
        let locks = Locks {
            cluster: &cluster,
            old: locked.as_ref().unwrap_or(&nothing),
            next,
            upgrade: Upgrade::Refused,
            frozen: if frozen { Frozen::Yes } else { Frozen::No },
        };
        rules::check_lock(rules, &locks, &mut findings);
        rules::check_chart(rules, &cluster, &built.charts, built.record, &mut findings);
    }
    let findings = findings.into_iter().filter(|finding| finding.severity != Severity::Advice || named(finding.code));
    let mut lines: Vec<Line> = findings.map(|finding| line(&all, &document, &finding)).collect();
    lines.sort();
    lines
}

/// Values with the locks in the folder of the fixture: that of the last file, else those of other names.
fn with_locks(sources: &Sources) -> (Sources, Option<SourceId>, Vec<SourceId>) {
    let (mut all, mut own, mut others) = (sources.clone(), None, Vec::new());
    let last = Path::new(&sources.iter().last().unwrap().1.name).with_extension("lock");
    let folder = Path::new(ROOT).join(last.parent().unwrap());
    for entry in fs::read_dir(folder).into_iter().flatten().filter(|_| last.starts_with("tests/fixtures")) {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|end| end == "lock") {
            let name = path.strip_prefix(ROOT).unwrap();
            let id = all.add(name.to_str().unwrap(), fs::read_to_string(&path).unwrap());
            if name == last { own = Some(id) } else { others.push(id) }
        }
    }
    if own.is_some() {
        others.clear();
    }
    (all, own, others)
}

/// Reads beside the fixture, or makes what it calls `./noise-BYTES` or `./dots-BYTES`.
pub fn attach(name: &str, wanted: &Wanted) -> Result<Vec<(String, Vec<u8>)>, String> {
    for (start, make) in [("./noise-", noise as fn(usize) -> Vec<u8>), ("./dots-", |size| vec![b'.'; size])] {
        if let Some(size) = wanted.relative.strip_prefix(start) {
            return Ok(vec![("made.txt".to_owned(), make(size.parse().unwrap()))]);
        }
    }
    let path = Path::new(ROOT).join(name).parent().unwrap().join(&wanted.relative);
    let mut paths = vec![path.clone()];
    if wanted.kind == Kind::Folder {
        paths = fs::read_dir(&path).map_err(|error| error.to_string())?.map(|entry| entry.unwrap().path()).collect();
        paths.sort();
    }
    let read = |path: &PathBuf| {
        let bytes = fs::read(path).map_err(|_| format!("cannot read `{}`", wanted.relative))?;
        Ok((path.file_name().unwrap().to_str().unwrap().to_owned(), bytes))
    };
    paths.iter().map(read).collect()
}

/// So many bytes of text that hardly gets smaller when it is packed.
fn noise(size: usize) -> Vec<u8> {
    let mut state = 1_u64;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        b' ' + (state >> 33) as u8 % 94
    };
    (0..size).map(|_| next()).collect()
}

fn line(sources: &Sources, document: &Document, finding: &Diagnostic) -> Line {
    let span = document.locate(&finding.place).filter(|_| finding.place != Place::Whole);
    let place = match span {
        Some(span) => {
            let name = &sources.get(span.source).unwrap().name;
            format!("{name}:{}", sources.line_column(span).unwrap().line)
        }
        // What is about the whole input stands in the first line.
        None => format!("{}:1", sources.iter().next().unwrap().1.name),
    };
    let severity = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Advice => "advice",
    };
    Line { place, text: format!("{severity}: {}: {}", finding.code, finding.message) }
}

fn expected(sources: &Sources) -> Vec<Line> {
    let mut lines = Vec::new();
    for (_, source) in sources.iter() {
        for (number, text) in source.text.lines().enumerate() {
            let comments = text.split("# ").skip(1).map(str::trim_end);
            let ours = comments.filter(|text| ["error: ", "warning: ", "advice: "].iter().any(|s| text.starts_with(s)));
            lines.extend(
                ours.map(|comment| Line { place: format!("{}:{}", source.name, number + 1), text: comment.to_owned() }),
            );
        }
    }
    lines.sort();
    lines
}

fn code(line: &Line) -> &str {
    line.text.split(": ").nth(1).unwrap()
}

/// The files of a fixture, and the name of the fixture.
pub fn fixtures(folder: &str) -> Vec<(String, Sources)> {
    // Git keeps no empty folder.
    let entries = fs::read_dir(Path::new(ROOT).join("tests/fixtures").join(folder)).into_iter().flatten();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths.iter().map(|path| (path.file_stem().unwrap().to_str().unwrap().to_owned(), sources(path))).collect()
}

pub fn sources(path: &Path) -> Sources {
    let mut files = vec![path.to_owned()];
    if path.is_dir() {
        files = fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()).collect();
        files.retain(|file| file.extension().is_some_and(|end| end == "yaml"));
        files.sort();
    }
    let mut sources = Sources::default();
    for file in files {
        let name = file.strip_prefix(ROOT).unwrap().to_str().unwrap().to_owned();
        sources.add(name, fs::read_to_string(&file).unwrap());
    }
    sources
}

fn compare(wrong: &mut String, found: &[Line], expected: &[Line]) {
    let (found, expected): (BTreeSet<_>, BTreeSet<_>) = (found.iter().collect(), expected.iter().collect());
    for line in found.difference(&expected) {
        _ = writeln!(wrong, "{}: not expected: {}", line.place, line.text);
    }
    for line in expected.difference(&found) {
        _ = writeln!(wrong, "{}: not found: {}", line.place, line.text);
    }
}

#[test]
fn every_bad_fixture_is_refused_by_its_rule_alone() {
    let mut wrong = String::new();
    for (name, sources) in fixtures("bad") {
        let expected = expected(&with_locks(&sources).0);
        let named: BTreeSet<&str> = expected.iter().map(code).collect();
        if named.iter().copied().ne([name.as_str()]) {
            _ = writeln!(wrong, "{name}: expected comments of its code alone, found {named:?}");
        }
        compare(&mut wrong, &found(&sources, |code| named.contains(code)), &expected);
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

/// Switching a rule off turns its own fixture red, and no other: each is as it says with its rule alone, and not without
/// it. (Rules only add findings, so with one of the others switched off it is what lies between.)
#[test]
fn every_fixture_needs_its_rule_and_no_other() {
    let (mut wrong, mut counted) = (String::new(), 0);
    for (name, sources) in fixtures("bad") {
        let Some(rule) = RULES.iter().find(|rule| rule.code == name) else { continue };
        let expected: BTreeSet<Line> = expected(&with_locks(&sources).0).into_iter().collect();
        let found =
            |rules: &[&Rule]| found_by(rules, &sources, |code| code == name).into_iter().collect::<BTreeSet<_>>();
        let is_red = |rules: &[&Rule]| found(rules) != expected;
        if is_red(&[rule]) {
            _ = writeln!(wrong, "{name}: its rule alone does not find what it says");
        }
        let others: Vec<&Rule> = RULES.iter().copied().filter(|other| other.code != name).collect();
        if !is_red(&others) {
            _ = writeln!(wrong, "{name}: the same without its rule");
        }
        counted += usize::from(!matches!(rule.check, Check::Reading));
    }
    assert!(wrong.is_empty(), "\n{wrong}");
    assert!(counted >= 90, "{counted} fixtures are refused by more than the schema");
}

#[test]
fn every_good_fixture_and_example_passes() {
    let good = fixtures("ok");
    assert!(good.len() >= 30, "{} good fixtures", good.len());
    assert!(good.iter().filter(|(name, _)| name.starts_with("home-")).count() >= 10);
    let mut wrong = String::new();
    for (_, sources) in good.into_iter().chain(examples()) {
        compare(&mut wrong, &found(&sources, |_| false), &[]);
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

pub fn examples() -> Vec<(String, Sources)> {
    ["minimal", "homelab", "everything"]
        .map(|name| (name.to_owned(), sources(&Path::new(ROOT).join(format!("examples/{name}.yaml")))))
        .into()
}

#[test]
fn every_example_of_a_rule_shows_it() {
    for rule in rules::all().filter(|rule| matches!(rule.check, Check::Cluster(_))) {
        let mut text = rule.example.to_owned();
        for (key, value) in [
            ("apiVersion", "helm-ha.dev/v1"),
            ("name", "home"),
            ("version", "1.0.0"),
            ("nodes", "{ server1: { address: 192.168.1.11/24, role: server } }"),
        ] {
            if !text.lines().any(|line| line.starts_with(&format!("{key}:"))) {
                _ = write!(text, "\n{key}: {value}");
            }
        }
        let mut sources = Sources::default();
        sources.add(rule.code, text + "\n");
        let found = found(&sources, |_| true);
        assert!(found.iter().any(|line| code(line) == rule.code), "{}: {found:#?}", rule.code);
    }
}

/// A rule is `src/rules/CODE.rs` with dashes as underscores; each code has `bad/CODE.yaml` or a folder of that name.
#[test]
fn a_rule_has_a_file_and_a_fixture() {
    // What is no text cannot say in a comment what it expects.
    let codes = rules::codes().filter(|code| *code != "yaml-encoding");
    let codes: BTreeSet<String> = codes.map(str::to_owned).collect();
    let fixtures: BTreeSet<String> = fixtures("bad").into_iter().map(|(name, _)| name).collect();
    let missing: Vec<_> = codes.difference(&fixtures).collect();
    let foreign: Vec<_> = fixtures.difference(&codes).collect();
    assert!(missing.is_empty() && foreign.is_empty(), "without a fixture: {missing:?}; without a rule: {foreign:?}");
    for rule in RULES {
        let file = format!("src/rules/{}.rs", rule.code.replace('-', "_"));
        let text = fs::read_to_string(Path::new(ROOT).join(&file)).unwrap();
        assert_eq!(text.lines().next(), Some(format!("//! {}", rule.what).as_str()), "{file}");
    }
}
