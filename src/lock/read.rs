//! The text of a lock in, its entries with their places out, or what is wrong with it.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;

use crate::diagnostic::Diagnostic;
use crate::diagnostic::Place;
use crate::diagnostic::suggestion;
use crate::lock::Lock;
use crate::source::SourceId;
use crate::source::Sources;
use crate::source::Span;
use crate::yaml;
use crate::yaml::Entry;
use crate::yaml::Node;

/// What a lock of this program says first. A later format has a higher number.
pub const FORMAT: &str = "v1";
const KNOWN: u32 = 1;
const SECTIONS: &[&str] = &[
    "lock",
    "name",
    "namespace",
    "addons",
    "ceph",
    "classes",
    "exports",
    "fixed",
    "volumes",
    "claims",
    "locals",
    "images",
    "kept",
];
const RESTORE: &str =
    "take the last good version: `git checkout FILE`; a merge that cannot be told keeps the lines of both sides";

/// A lock, and where each of its entries stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Locked {
    pub lock: Lock,
    places: BTreeMap<String, Span>,
}

impl Locked {
    /// Of a cluster that has none yet.
    pub fn nothing(name: &str, namespace: &str) -> Self {
        Self { lock: Lock::empty(name, namespace), places: BTreeMap::new() }
    }

    /// Where an entry such as `volumes.media` stands.
    pub fn place(&self, entry: &str) -> Option<Place> {
        self.places.get(entry).copied().map(Place::Span)
    }
}

/// Reads one text of `sources`.
pub fn read(sources: &Sources, source: SourceId) -> Result<Locked, Vec<Diagnostic>> {
    let read = yaml::read(sources, source);
    let Some(root) = read.node.filter(|_| read.findings.is_empty()) else {
        let as_ours = |finding: Diagnostic| Diagnostic { code: DAMAGED, ..finding }.hint(RESTORE);
        return Err(read.findings.into_iter().map(as_ours).collect());
    };
    version(&root)?;
    let mut reader = Reader { places: BTreeMap::new(), findings: Vec::new() };
    let mut lock = Lock::default();
    for entry in root.map().unwrap_or_default() {
        match entry.key.as_str() {
            "lock" => {}
            "name" => lock.name = reader.one("name", entry).unwrap_or_default(),
            "namespace" => lock.namespace = reader.one("namespace", entry).unwrap_or_default(),
            "addons" => lock.addons = reader.section(entry),
            "ceph" => lock.ceph = reader.section(entry),
            "classes" => lock.classes = reader.section(entry),
            "exports" => lock.exports = reader.section(entry),
            "fixed" => lock.fixed = reader.section(entry),
            "volumes" => lock.volumes = reader.section(entry),
            "claims" => lock.claims = reader.section(entry),
            "locals" => lock.locals = reader.section(entry),
            "images" => lock.images = reader.section(entry),
            "kept" => lock.kept = reader.section(entry),
            other => {
                let finding = damaged(entry.key_span, format!("`{other}` is no part of a lock"));
                let hint = suggestion(other, SECTIONS.iter().copied()).unwrap_or_else(|| RESTORE.to_owned());
                reader.findings.push(finding.hint(hint));
            }
        }
    }
    for key in ["name", "namespace"] {
        if root.get(key).is_none() {
            reader.findings.push(damaged(root.span, format!("`{key}` is missing")));
        }
    }
    if reader.findings.is_empty() { Ok(Locked { lock, places: reader.places }) } else { Err(reader.findings) }
}

const DAMAGED: &str = "lock-damaged";

fn damaged(span: Span, message: String) -> Diagnostic {
    Diagnostic::error(DAMAGED, Place::Span(span), message).hint(RESTORE)
}

fn version(root: &Node) -> Result<(), Vec<Diagnostic>> {
    let Some(entry) = root.entry("lock") else {
        return Err(vec![damaged(root.span, format!("expected `lock: {FORMAT}`, found none"))]);
    };
    let text = entry.node.to_json();
    let number = text.as_str().and_then(|text| text.strip_prefix('v')).and_then(|number| number.parse::<u32>().ok());
    match number {
        Some(number) if number == KNOWN => Ok(()),
        Some(number) if number > KNOWN => Err(vec![
            Diagnostic::error(
                "lock-newer",
                Place::Span(entry.node.span),
                format!("this lock is of format {number}, and this program knows {KNOWN}"),
            )
            .hint("use the version of helm ha that wrote it, or a later one"),
        ]),
        _ => Err(vec![damaged(
            entry.node.span,
            format!("expected `{FORMAT}`, found `{}`", text.to_string().trim_matches('"')),
        )]),
    }
}

struct Reader {
    places: BTreeMap<String, Span>,
    findings: Vec<Diagnostic>,
}

impl Reader {
    fn one<T: DeserializeOwned>(&mut self, name: &str, entry: &Entry) -> Option<T> {
        self.places.insert(name.to_owned(), entry.key_span);
        let read = serde_json::from_value(entry.node.to_json());
        read.map_err(|error| self.findings.push(damaged(entry.key_span, format!("`{name}`: {error}")))).ok()
    }

    fn section<T: DeserializeOwned>(&mut self, section: &Entry) -> BTreeMap<String, T> {
        let Some(entries) = section.node.map() else {
            self.findings.push(damaged(section.key_span, format!("expected entries below `{}`", section.key)));
            return BTreeMap::new();
        };
        let read = entries.iter().filter_map(|entry| {
            let value = self.one(&format!("{}.{}", section.key, entry.key), entry)?;
            Some((entry.key.clone(), value))
        });
        read.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lock::write;

    fn read_text(text: &str) -> Result<Locked, String> {
        let mut sources = Sources::default();
        let id = sources.add("a.lock", text);
        read(&sources, id).map_err(|findings| {
            let line = |finding: &Diagnostic| {
                let Place::Span(span) = finding.place else { panic!("{finding:?}") };
                format!("{}: {}: {}", sources.line_column(span).unwrap().line, finding.code, finding.message)
            };
            findings.iter().map(line).collect::<Vec<_>>().join("\n")
        })
    }

    #[test]
    fn what_is_written_is_read() {
        let text = "# What must not change by accident. `helm ha generate` adds to it, `helm ha lock` shows it. Commit it.\n\
                    lock: v1\nname: home\nnamespace: \"on\"\n\
                    addons:\n  rook: v1.20.6\n\
                    ceph:\n  dataDirHostPath: /vols/rook\n\
                    claims:\n  git/cache: { claim: git-cache, class: cephfs, group: 2000, size: 1Gi }\n\
                    classes:\n  fast: { mode: ReadWriteOnce, storageClass: \"a,b: c\" }\n\
                    locals:\n  db-a-vols: { node: a, path: /vols, service: db, size: \"1e3\" }\n\
                    volumes:\n  theirs: { claim: theirs, group: 7 }\n";
        let locked = read_text(text).unwrap();
        assert_eq!(write(&locked.lock), text);
        assert!(locked.place("claims.git/cache").is_some() && locked.place("claims.git").is_none());
    }

    #[test]
    fn what_is_wrong_is_said_with_its_line() {
        let check = |text: &str, expect: &str| {
            let text = format!("lock: v1\nname: home\nnamespace: home\n{text}");
            assert_eq!(read_text(&text).unwrap_err(), expect, "{text}");
        };
        check("volume: {}\n", "4: lock-damaged: `volume` is no part of a lock");
        check("volumes: 1\n", "4: lock-damaged: expected entries below `volumes`");
        check(
            "volumes:\n  a: { claim: a, group: x }\n",
            "5: lock-damaged: `volumes.a`: invalid type: string \"x\", expected u32",
        );
        check("volumes:\n  a: { claim: a }\n", "5: lock-damaged: `volumes.a`: missing field `group`");
        assert_eq!(
            read_text("lock: v2\n").unwrap_err(),
            "1: lock-newer: this lock is of format 2, and this program knows 1"
        );
        assert_eq!(read_text("name: home\n").unwrap_err(), "1: lock-damaged: expected `lock: v1`, found none");
        let conflict = "lock: v1\n<<<<<<< HEAD\nname: a\n=======\nname: b\n>>>>>>> x\n";
        assert!(read_text(conflict).unwrap_err().contains(": lock-damaged: "));
    }
}
