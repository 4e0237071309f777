//! Texts -> the checked document: each file against the overlay schema, merged, the whole against the cluster schema.
//! What is wrong is reported and taken out, so that the rest is checked as well.

use std::collections::BTreeSet;

use crate::diagnostic::Diagnostic;
use crate::diagnostic::FieldPath;
use crate::diagnostic::Place;
use crate::diagnostic::Segment;
use crate::schema::validate::CLUSTER;
use crate::schema::validate::OVERLAY;
use crate::schema::validate::Violation;
use crate::source::Sources;
use crate::source::Span;
use crate::values::Document;
use crate::values::document;
use crate::values::short_forms;
use crate::yaml;
use crate::yaml::Node;
use crate::yaml::Value;

/// How often the whole is checked again after what was wrong has been taken out.
const ROUNDS: usize = 12;
/// What is more in one file is counted only, and nothing of that file is taken in.
const MISTAKES: usize = 1000;

/// Reads every text of `sources`, in their order.
pub fn read(sources: &Sources, findings: &mut Vec<Diagnostic>) -> Document {
    let mut files = Vec::new();
    let mut removed = BTreeSet::new();
    for (id, _) in sources.iter() {
        let read = yaml::read(sources, id);
        findings.extend(read.findings);
        let Some(mut file) = read.node else { continue };
        traps(sources, &file, findings);
        let violations = OVERLAY.violations(&file.to_json());
        let more = violations.len().saturating_sub(MISTAKES);
        for violation in violations.into_iter().take(MISTAKES) {
            let span = span_in(&file, &violation);
            findings.push(finding(&violation, Place::Span(span)));
            let mut parent = violation.path.clone();
            parent.pop();
            // What was meant is not missing.
            removed.extend(violation.meant.iter().map(|key| parent.key(key)));
            removed.insert(violation.path);
        }
        if more > 0 {
            let place = Place::Span(Span { end: file.span.start, ..file.span });
            findings.push(
                Diagnostic::error("wrong-value", place, format!("{more} more mistakes are in this file"))
                    .hint("is it a values file?"),
            );
            continue;
        }
        for path in removed.iter().rev() {
            document::remove(&mut file, path);
        }
        short_forms::expand(&mut file, sources);
        files.push(file);
    }
    let broken = files.len() < sources.iter().count();
    let mut document = Document::merged(files);
    removed.into_iter().for_each(|path| document.note_removed(path));
    check_whole(&mut document, broken, findings);
    document
}

/// `broken`: a file could not be read at all, so that what is missing may stand in it.
fn check_whole(document: &mut Document, broken: bool, findings: &mut Vec<Diagnostic>) {
    for _ in 0..ROUNDS {
        let violations = CLUSTER.violations(&document.to_json());
        if violations.is_empty() {
            return;
        }
        for violation in &violations {
            let consequence = match &violation.missing {
                Some(key) => broken || document.removed().contains(&violation.path.key(key)),
                None => {
                    violation.code == "wrong-variant" && document.removed().iter().any(|path| is_below(path, violation))
                }
            };
            let place = match violation.at_key {
                true => Place::Key(violation.path.clone()),
                false => Place::Field(violation.path.clone()),
            };
            if !consequence {
                findings.push(finding(violation, place_now(document, place)));
            }
        }
        // The deepest first, and the last of a list first, so that the other paths stay right.
        for violation in violations.iter().rev() {
            match (&violation.missing, violation.path.segments()) {
                (Some(key), []) => document.supply(key),
                _ => _ = document.remove(&violation.path),
            }
        }
    }
}

fn is_below(path: &FieldPath, violation: &Violation) -> bool {
    path.starts_with(&violation.path) && path.segments().len() == violation.path.segments().len() + 1
}

/// The place as bytes, for the field is about to be taken out.
fn place_now(document: &Document, place: Place) -> Place {
    document.locate(&place).map_or(place, Place::Span)
}

fn finding(violation: &Violation, place: Place) -> Diagnostic {
    let finding = Diagnostic::error(violation.code, place, violation.message.clone());
    match &violation.hint {
        Some(hint) => finding.hint(hint.clone()),
        None => finding,
    }
}

fn span_in(file: &Node, violation: &Violation) -> Span {
    let mut parent = violation.path.clone();
    let last = parent.pop();
    match (document::at(file, &parent), last) {
        (Some(node), Some(Segment::Key(key))) => match node.entry(&key) {
            Some(entry) if violation.at_key || entry.node.map().is_some() => entry.key_span,
            Some(entry) => entry.node.span,
            None => node.span,
        },
        (Some(_), Some(Segment::Index(_))) => document::at(file, &violation.path).map_or(file.span, |node| node.span),
        _ => file.span,
    }
}

/// Scalars that readers of YAML 1.1 and 1.2 understand differently; `env` keeps the text that was written.
fn traps(sources: &Sources, node: &Node, findings: &mut Vec<Diagnostic>) {
    match &node.value {
        Value::Map(entries) => {
            let entries = entries.iter().filter(|entry| entry.key != "env" && !entry.key.starts_with("x-"));
            entries.for_each(|entry| traps(sources, &entry.node, findings));
        }
        Value::List(items) => items.iter().for_each(|item| traps(sources, item, findings)),
        _ => findings.extend(yaml::trap(sources, node)),
    }
}
