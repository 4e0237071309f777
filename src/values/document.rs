//! The merged values with the place of every field: what the schema checks, the model decodes and findings point into.

use crate::diagnostic::FieldPath;
use crate::diagnostic::Place;
use crate::diagnostic::Segment;
use crate::source::Span;
use crate::values::merge;
use crate::values::service::NOT_IN_DEFAULTS;
use crate::yaml::Entry;
use crate::yaml::Node;
use crate::yaml::Value;

/// One cluster: every file merged, short forms expanded, `defaults` laid under each service.
#[derive(Clone, Debug)]
pub struct Document {
    root: Node,
    /// Fields that were taken out because they are wrong; what refers to them is not reported.
    removed: Vec<FieldPath>,
}

impl Document {
    /// Merges files whose short forms are expanded, in the order in which they were given.
    pub fn merged(files: Vec<Node>) -> Self {
        let mut files = files.into_iter();
        let mut root = files.next().unwrap_or_else(empty);
        files.for_each(|file| merge::merge(&mut root, file));
        lay_defaults(&mut root);
        merge::drop_nulls(&mut root, &[]);
        if let Some(entries) = root.map_mut() {
            entries.retain(|entry| !entry.key.starts_with("x-"));
        }
        Self { root, removed: Vec::new() }
    }

    pub fn root(&self) -> &Node {
        &self.root
    }

    pub fn to_json(&self) -> serde_json::Value {
        self.root.to_json()
    }

    pub fn removed(&self) -> &[FieldPath] {
        &self.removed
    }

    /// Notes that a file's field was taken out before the merge.
    pub fn note_removed(&mut self, path: FieldPath) {
        self.removed.push(path);
    }

    /// Takes a field out, because it is wrong. Gives whether it was there.
    pub fn remove(&mut self, path: &FieldPath) -> bool {
        let removed = remove(&mut self.root, path);
        if removed {
            self.removed.push(path.clone());
        }
        removed
    }

    /// Puts a stand-in where a key of the whole is missing, so that the rest can be checked.
    pub fn supply(&mut self, key: &str) {
        let span = self.root.span;
        let value = match key {
            "apiVersion" => Value::String("helm-ha.dev/v1".to_owned()),
            "version" => Value::String("0.0.0".to_owned()),
            "nodes" => Value::Map(Vec::new()),
            _ => Value::String("unnamed".to_owned()),
        };
        if let Some(entries) = self.root.map_mut() {
            entries.push(Entry { key: key.to_owned(), key_span: span, node: Node { span, defined: None, value } });
        }
        self.removed.push(FieldPath::default().key(key));
    }

    pub fn at(&self, path: &FieldPath) -> Option<&Node> {
        at(&self.root, path)
    }

    pub(crate) fn at_mut(&mut self, path: &FieldPath) -> Option<&mut Node> {
        at_mut(&mut self.root, path)
    }

    /// The bytes of a place: a field that is not there is its nearest ancestor's key.
    pub fn locate(&self, place: &Place) -> Option<Span> {
        match place {
            Place::Span(span) => Some(*span),
            Place::Whole => None,
            Place::Field(path) => self.span(path, Part::Value),
            Place::Key(path) => self.span(path, Part::Key),
        }
    }

    fn span(&self, path: &FieldPath, part: Part) -> Option<Span> {
        let mut node = &self.root;
        let mut key = None;
        for segment in path.segments() {
            let next = match segment {
                Segment::Key(name) => node.entry(name).map(|entry| (Some(entry.key_span), &entry.node)),
                Segment::Index(index) => item(node, *index).map(|item| (Some(item.span), item)),
            };
            match next {
                Some((span, below)) => (key, node) = (span, below),
                None => return key.or(Some(node.span)),
            }
        }
        match (part, &node.value) {
            (Part::Key, _) | (Part::Value, Value::Map(_) | Value::List(_)) => key.or(Some(node.span)),
            (Part::Value, _) => Some(node.span),
        }
    }
}

#[derive(Clone, Copy)]
enum Part {
    Key,
    Value,
}

/// The node of a path in a file.
pub fn at<'a>(root: &'a Node, path: &FieldPath) -> Option<&'a Node> {
    path.segments().iter().try_fold(root, |node, segment| match segment {
        Segment::Key(key) => node.get(key),
        Segment::Index(index) => item(node, *index),
    })
}

fn at_mut<'a>(root: &'a mut Node, path: &FieldPath) -> Option<&'a mut Node> {
    path.segments().iter().try_fold(root, |node, segment| match (segment, &mut node.value) {
        (Segment::Key(key), Value::Map(entries)) => {
            entries.iter_mut().find(|entry| entry.key == *key).map(|entry| &mut entry.node)
        }
        (Segment::Index(index), Value::List(items)) => items.get_mut(*index),
        _ => None,
    })
}

/// Takes the field of a path out of a file. Gives whether it was there.
pub fn remove(root: &mut Node, path: &FieldPath) -> bool {
    let mut parent = path.clone();
    let Some(last) = parent.pop() else { return false };
    let Some(node) = at_mut(root, &parent) else { return false };
    match (last, &mut node.value) {
        (Segment::Key(key), Value::Map(entries)) => {
            let before = entries.len();
            entries.retain(|entry| entry.key != key);
            entries.len() < before
        }
        (Segment::Index(index), Value::List(items)) if index < items.len() => {
            items.remove(index);
            true
        }
        _ => false,
    }
}

fn item(node: &Node, index: usize) -> Option<&Node> {
    match &node.value {
        Value::List(items) => items.get(index),
        _ => None,
    }
}

fn lay_defaults(root: &mut Node) {
    let Some(defaults) = root.get("defaults").cloned() else { return };
    let mut defaults = defaults;
    if let Some(entries) = defaults.map_mut() {
        // They are reported by the schema of `defaults`.
        entries.retain(|entry| !NOT_IN_DEFAULTS.contains(&entry.key.as_str()));
    }
    if defaults.map().is_none_or(<[_]>::is_empty) {
        return;
    }
    for entry in root.get_mut("services").and_then(Node::map_mut).into_iter().flatten() {
        if entry.node.map().is_some() {
            let service = std::mem::replace(&mut entry.node, defaults.clone());
            merge::merge_service(&mut entry.node, service);
        }
    }
}

fn empty() -> Node {
    // Nothing was written: its place is never shown, for every key of it comes from a file.
    let span = Span { source: crate::source::SourceId(0), start: 0, end: 0 };
    Node { span, defined: None, value: Value::Map(Vec::new()) }
}
