//! What the writer takes: a YAML tree in which a field may carry a comment or stand as finished lines.

use std::borrow::Cow;

use serde_json::Value;

/// A value to write in block style. What is written as it stands is borrowed.
#[derive(Clone, Debug, PartialEq)]
pub enum Tree<'a> {
    /// Anything without comments or finished lines; strings are quoted where a YAML 1.1 reader needs it.
    Json(Cow<'a, Value>),
    List(Vec<Tree<'a>>),
    Map(Vec<Field<'a>>),
    /// Text that is written as it is behind `key: ` or `- `, such as `{{ .Values.replicas | int64 }}`.
    Verbatim(String),
}

/// One field of a map.
#[derive(Clone, Debug, PartialEq)]
pub struct Field<'a> {
    /// Written above the key, one `# ` line each; empty for none.
    pub comment: Cow<'a, str>,
    pub key: Cow<'a, str>,
    pub content: Content<'a>,
}

/// What stands where the field stands.
#[derive(Clone, Debug, PartialEq)]
pub enum Content<'a> {
    /// `key: value`.
    Value(Tree<'a>),
    /// `key:` followed by text as it is on the same line: `key: {{- ... }}`; the word `INDENT` with a space on both
    /// sides is replaced by the indent of the key + 2.
    Behind(String),
    /// Whole lines instead of `key: value`, each indented as the key is; `INDENT` as above.
    Lines(Vec<String>),
}

impl From<Value> for Tree<'_> {
    fn from(value: Value) -> Self {
        Self::Json(Cow::Owned(value))
    }
}

impl<'a> From<&'a Value> for Tree<'a> {
    fn from(value: &'a Value) -> Self {
        Self::Json(Cow::Borrowed(value))
    }
}
