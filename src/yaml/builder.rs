//! Scalars, brackets and aliases in their order in, the tree out: keys, merges and bounds are checked here.

use std::collections::BTreeSet;
use std::ops::Range;

use crate::diagnostic::Diagnostic;
use crate::diagnostic::Place;
use crate::source::SourceId;
use crate::source::Span;
use crate::yaml::Entry;
use crate::yaml::Node;
use crate::yaml::Value;
use crate::yaml::alias::Anchors;
use crate::yaml::alias::Refused;
use crate::yaml::alias::merge;
use crate::yaml::syntax;
use crate::yaml::syntax::shown;
use crate::yaml::trap::key_trap;

/// Levels of maps and lists.
pub const MAX_DEPTH: usize = 64;
/// Maps, lists and scalars of one text before aliases are followed: some 250 MB.
const MAX_NODES: usize = 2_000_000;
const MAX_FINDINGS: usize = 1000;

/// An error that ends the reading.
pub type Fatal = Box<Diagnostic>;

/// The tree so far.
pub struct Builder<'a> {
    pub text: &'a str,
    pub source: SourceId,
    pub findings: Vec<Diagnostic>,
    /// The names of the first anchors, for suggestions.
    names: Vec<String>,
    anchors: Anchors,
    open: Vec<Frame>,
    root: Option<Node>,
    nodes: usize,
    /// Nodes and text so far, copies included, as [`Anchors`] weighs them.
    size: usize,
    /// Where the last scalar, alias or bracket ended.
    end: usize,
}

/// A map or list that is not closed yet.
struct Frame {
    start: usize,
    anchor: usize,
    /// [`Builder::size`] before it.
    size: usize,
    /// The levels in it so far.
    height: usize,
    content: Content,
}

pub enum Content {
    List(Vec<Node>),
    /// `key` waits for its value; `merge` is the value of `<<` and how many entries stand before it.
    Map {
        entries: Vec<Entry>,
        key: Option<Key>,
        merge: Option<(usize, Node)>,
    },
}

pub enum Key {
    Text(String, Span),
    Merge(Span),
    /// It was reported; its value is dropped.
    Wrong,
}

impl<'a> Builder<'a> {
    pub fn new(text: &'a str, source: SourceId) -> Self {
        Self {
            text,
            source,
            findings: Vec::new(),
            names: Vec::new(),
            anchors: Anchors::default(),
            open: Vec::new(),
            root: None,
            nodes: 0,
            size: 0,
            end: 0,
        }
    }

    pub fn scalar(&mut self, place: Range<usize>, anchor: usize, value: Value) -> Result<(), Fatal> {
        self.end = place.end;
        self.size += place.len() / 32;
        let node = Node { span: self.span(&place), defined: None, value };
        self.keep(anchor, &node, 1 + place.len() / 32, 0)?;
        self.add(Some(node), 0)
    }

    pub fn open(&mut self, place: Range<usize>, anchor: usize, content: Content) -> Result<(), Fatal> {
        if self.open.len() == MAX_DEPTH {
            return Err(self.too_large(place, "maps and lists are nested more than 64 levels deep"));
        }
        self.end = place.end;
        self.open.push(Frame { start: place.start, anchor, size: self.size, height: 0, content });
        Ok(())
    }

    /// Ends the innermost map or list at its bracket, or, in block style, where its last value ended.
    pub fn close(&mut self, bracket: Range<usize>) -> Result<(), Fatal> {
        let Some(frame) = self.open.pop() else { return Ok(()) };
        if !bracket.is_empty() {
            self.end = bracket.end;
        }
        let value = match frame.content {
            Content::List(items) => Value::List(items),
            Content::Map { entries, merge, .. } => Value::Map(self.complete(entries, merge)),
        };
        let node = Node { span: self.span(&(frame.start..self.end.max(frame.start))), defined: None, value };
        self.keep(frame.anchor, &node, 1 + self.size - frame.size, frame.height + 1)?;
        self.add(Some(node), frame.height + 1)
    }

    pub fn alias(&mut self, place: Range<usize>, anchor: usize) -> Result<(), Fatal> {
        self.end = place.end;
        match self.anchors.copy(anchor, self.span(&place)) {
            Ok((_, _, height)) if self.open.len() + height > MAX_DEPTH => {
                Err(self.too_large(place, "maps and lists are nested more than 64 levels deep through this alias"))
            }
            Ok((node, size, height)) => {
                self.size += size;
                self.add(Some(node), height)
            }
            Err(Refused::Itself) => {
                let message = "this alias stands inside the value that it names";
                self.report(
                    Diagnostic::error("yaml-alias", Place::Span(self.span(&place)), message)
                        .hint("move what both need into an anchor of its own"),
                );
                self.add(None, 0)
            }
            Err(Refused::TooMany) => Err(self.too_many_copies(place)),
        }
    }

    pub fn unknown_alias(&mut self, place: Range<usize>) -> Result<(), Fatal> {
        if self.findings.len() < MAX_FINDINGS {
            let written = self.text.get(place.clone()).unwrap_or_default();
            self.report(syntax::unknown_alias(written, Place::Span(self.span(&place)), &self.names));
        }
        self.end = place.end;
        self.add(None, 0)
    }

    /// Keeps the name of an anchor, if it is of a length that people misspell.
    pub fn name(&mut self, name: &str) {
        if self.names.len() < 100 && name.len() < 60 {
            self.names.push(name.to_owned());
        }
    }

    /// The top of the tree.
    pub fn root(&mut self) -> Result<Node, Fatal> {
        match self.root.take() {
            Some(node @ Node { value: Value::Map(_), .. }) => Ok(node),
            Some(node) if node.value != Value::Null => {
                let message = format!("expected a map at the top, found {}", kind(&node.value));
                let top = node.span.start..node.span.start;
                Err(Box::new(self.syntax(top, &message).hint("begin with a key: `KEY: VALUE`")))
            }
            _ => Ok(Node { span: self.span(&(0..0)), defined: None, value: Value::Map(Vec::new()) }),
        }
    }

    /// The innermost bracket that is not closed yet.
    pub fn open_bracket(&self) -> Option<Place> {
        let start = self.open.last()?.start;
        let is_bracket = self.text.get(start..)?.starts_with(['[', '{']);
        is_bracket.then(|| Place::Span(self.span(&(start..start + 1))))
    }

    /// The beginning of a list at its bracket or first `-`: the parser is one step ahead when the `-` is in the column
    /// of the list's key.
    pub fn with_dash(&self, place: Range<usize>) -> Range<usize> {
        let before = self.text.get(..place.start).unwrap_or_default().trim_end();
        match self.text.get(place.start..) {
            Some(rest) if !rest.starts_with(['[', '-']) && before.ends_with('-') => before.len() - 1..before.len() - 1,
            _ => place,
        }
    }

    /// The place of a text behind `|` or `>` with that sign and without the blank lines below it.
    pub fn with_header(&self, place: Range<usize>) -> Range<usize> {
        let before = self.text.get(..place.start).unwrap_or_default().trim_end();
        let line = before.rfind('\n').map_or(0, |newline| newline + 1).max(self.end);
        let header = before.get(line..).unwrap_or_default();
        let code = header.split_once(" #").map_or(header, |(code, _)| code);
        let start = code.rfind(['|', '>']).map_or(place.start, |sign| line + sign);
        let length = self.text.get(start..place.end).unwrap_or_default().trim_end().len();
        start..start + length
    }

    pub fn report(&mut self, finding: Diagnostic) {
        report(&mut self.findings, finding);
    }

    pub fn syntax(&self, place: Range<usize>, message: &str) -> Diagnostic {
        Diagnostic::error("yaml-syntax", Place::Span(self.span(&place)), message)
    }

    pub fn too_large(&self, place: Range<usize>, message: &str) -> Fatal {
        let finding = Diagnostic::error("yaml-too-large", Place::Span(self.span(&place)), message);
        Box::new(finding.hint("this is far more than a values file needs: is it the right file?"))
    }

    fn too_many_copies(&self, place: Range<usize>) -> Fatal {
        self.too_large(place, "anchors and aliases bring in too many values")
    }

    fn span(&self, place: &Range<usize>) -> Span {
        Span { source: self.source, start: place.start, end: place.end }
    }

    fn keep(&mut self, anchor: usize, node: &Node, size: usize, height: usize) -> Result<(), Fatal> {
        if anchor == 0 {
            return Ok(());
        }
        let kept = self.anchors.keep(anchor, node, size, height);
        kept.map_err(|_| self.too_many_copies(node.span.start..node.span.end))
    }

    /// Puts a complete node where it belongs; `None` is one that was reported and is left out.
    fn add(&mut self, node: Option<Node>, height: usize) -> Result<(), Fatal> {
        self.nodes += 1;
        self.size += 1;
        if self.nodes > MAX_NODES {
            return Err(self.too_large(self.end..self.end, "the text holds more than 2000000 values"));
        }
        let Some(frame) = self.open.last_mut() else {
            self.root = node;
            return Ok(());
        };
        frame.height = frame.height.max(height);
        match &mut frame.content {
            Content::List(items) => items.extend(node),
            Content::Map { entries, key, merge } => match (key.take(), node) {
                (None, node) => {
                    let (next, finding) = as_key(self.text, node);
                    *key = Some(next);
                    finding.into_iter().for_each(|finding| report(&mut self.findings, finding));
                }
                (Some(Key::Merge(again)), _) if merge.is_some() => {
                    let finding = duplicate("<<", again).hint("write one with a list: `<<: [*first, *second]`");
                    report(&mut self.findings, finding);
                }
                (Some(Key::Merge(_)), Some(node)) => *merge = Some((entries.len(), node)),
                (Some(Key::Text(key, key_span)), Some(node)) => entries.push(Entry { key, key_span, node }),
                _ => {}
            },
        }
        Ok(())
    }

    /// The entries of a map: each key once, the first, and at the place of `<<` what it brings.
    fn complete(&mut self, mut entries: Vec<Entry>, merged: Option<(usize, Node)>) -> Vec<Entry> {
        let mut order: Vec<(&str, Span, usize)> =
            entries.iter().enumerate().map(|(at, entry)| (entry.key.as_str(), entry.key_span, at)).collect();
        order.sort_unstable();
        let mut again = BTreeSet::new();
        for same in order.chunk_by(|left, right| left.0 == right.0) {
            let [(key, first, _), others @ ..] = same else { continue };
            for (_, span, at) in others {
                let finding = duplicate(key, *span).label(Place::Span(*first), "it is here first");
                report(&mut self.findings, finding.hint("keep one of the two, or rename one"));
                again.insert(*at);
            }
        }
        if !again.is_empty() {
            let mut positions = 0..;
            entries.retain(|_| positions.next().is_some_and(|at| !again.contains(&at)));
        }
        if let Some((position, node)) = merged {
            let position = position - again.range(..position).count();
            if let Some(wrong) = merge(&mut entries, position, node) {
                let message = format!("expected a map or a list of maps behind `<<`, found {}", kind(&wrong.value));
                let finding = self.syntax(wrong.span.start..wrong.span.end, &message);
                self.report(finding.hint("name the anchor of a map: `<<: *defaults`"));
            }
        }
        entries
    }
}

/// A node in the place of a key, with what is wrong with it.
fn as_key(text: &str, node: Option<Node>) -> (Key, Option<Diagnostic>) {
    let Some(node) = node else { return (Key::Wrong, None) };
    let written = node.written();
    let written = text.get(written.start..written.end).unwrap_or_default();
    let key = match node.value {
        Value::List(_) | Value::Map(_) => {
            let message = format!("expected text for a key, found {}", kind(&node.value));
            let finding = Diagnostic::error("yaml-syntax", Place::Span(node.span), message);
            return (Key::Wrong, Some(finding.hint("put text with brackets in quotes, such as `\"{{ name }}\"`")));
        }
        Value::Null if written.is_empty() => {
            let finding =
                Diagnostic::error("yaml-syntax", Place::Span(node.span), "expected a key before `:`, found none");
            return (Key::Wrong, Some(finding.hint("write `KEY: VALUE`, or put text that begins with `:` in quotes")));
        }
        Value::String(_) if written == "<<" && node.defined.is_none() => return (Key::Merge(node.span), None),
        Value::String(key) => key,
        Value::Null | Value::Bool(_) | Value::Number(_) => written.to_owned(),
    };
    (Key::Text(key, node.span), key_trap(written, node.span))
}

fn duplicate(key: &str, place: Span) -> Diagnostic {
    let message = format!("the key `{}` is written a second time in this map", shown(key));
    Diagnostic::error("yaml-duplicate-key", Place::Span(place), message)
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "nothing",
        Value::Bool(_) => "a truth value",
        Value::Number(_) => "a number",
        Value::String(_) => "text",
        Value::List(_) => "a list",
        Value::Map(_) => "a map",
    }
}

fn report(findings: &mut Vec<Diagnostic>, finding: Diagnostic) {
    if findings.len() < MAX_FINDINGS {
        findings.push(finding);
    }
}
