//! One YAML or JSON document as a tree whose every key and value knows where it was written.

use crate::source::Sources;
use crate::source::Span;

/// A value with its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// Where it is used: the place that a finding names. Of a scalar: from its tag or opening quote or `|` to its
    /// end, without a comment; of a map or list: from its first key, `-` or bracket to its last; of nothing: empty.
    pub span: Span,
    /// Where it was written, when an alias or a merge key brought it here.
    pub defined: Option<Span>,
    pub value: Value,
}

/// What a node holds. Plain scalars are resolved as Helm's reader resolves them (YAML 1.1: `yes`, `0755`),
/// except `.inf` and `.nan`, which stay text: Helm refuses them.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    Null,
    Bool(bool),
    Number(serde_json::Number),
    String(String),
    List(Vec<Node>),
    Map(Vec<Entry>),
}

/// One key of a map, in written order; keys are unique.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    pub key: String,
    /// Where it is used, as in [`Node`]; of a key behind an alias this is the alias.
    pub key_span: Span,
    pub node: Node,
}

impl Node {
    pub fn map(&self) -> Option<&[Entry]> {
        match &self.value {
            Value::Map(entries) => Some(entries),
            _ => None,
        }
    }

    pub fn map_mut(&mut self) -> Option<&mut Vec<Entry>> {
        match &mut self.value {
            Value::Map(entries) => Some(entries),
            _ => None,
        }
    }

    pub fn get(&self, key: &str) -> Option<&Node> {
        self.entry(key).map(|entry| &entry.node)
    }

    pub fn get_mut(&mut self, key: &str) -> Option<&mut Node> {
        self.map_mut()?.iter_mut().find(|entry| entry.key == key).map(|entry| &mut entry.node)
    }

    pub fn entry(&self, key: &str) -> Option<&Entry> {
        self.map()?.iter().find(|entry| entry.key == key)
    }

    /// The text of a scalar as it was written: `1.10` and `0755` keep their form, quoted text is without its quotes.
    /// `None` for null, lists and maps.
    pub fn text<'a>(&'a self, sources: &'a Sources) -> Option<&'a str> {
        match &self.value {
            Value::String(text) => Some(text),
            Value::Bool(_) | Value::Number(_) => Some(sources.slice(self.written())),
            Value::Null | Value::List(_) | Value::Map(_) => None,
        }
    }

    /// Where it stands in a text, through aliases and merge keys.
    pub fn written(&self) -> Span {
        self.defined.unwrap_or(self.span)
    }

    /// The same without places.
    pub fn to_json(&self) -> serde_json::Value {
        match &self.value {
            Value::Null => serde_json::Value::Null,
            Value::Bool(value) => (*value).into(),
            Value::Number(number) => number.clone().into(),
            Value::String(text) => text.clone().into(),
            Value::List(items) => items.iter().map(Node::to_json).collect(),
            Value::Map(entries) => serde_json::Value::Object(
                entries.iter().map(|entry| (entry.key.clone(), entry.node.to_json())).collect(),
            ),
        }
    }
}
