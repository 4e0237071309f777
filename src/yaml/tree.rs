//! What the writer takes: a YAML tree in which a field may carry a comment or stand as finished lines.

/// A value to write in block style.
#[derive(Clone, Debug, PartialEq)]
pub enum Tree {
    /// Anything without comments or finished lines; strings are quoted where a YAML 1.1 reader needs it.
    Json(serde_json::Value),
    List(Vec<Tree>),
    Map(Vec<Field>),
    /// Text that is written as it is behind `key: ` or `- `, such as `{{ .Values.replicas | int64 }}`.
    Verbatim(String),
}

/// One field of a map.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    /// Written above the key, one `# ` line each; empty for none.
    pub comment: String,
    pub key: String,
    pub content: Content,
}

/// What stands where the field stands.
#[derive(Clone, Debug, PartialEq)]
pub enum Content {
    /// `key: value`.
    Value(Tree),
    /// `key:` followed by text as it is on the same line: `key: {{- ... }}`; the word `INDENT` with a space on both
    /// sides is replaced by the indent of the key + 2.
    Behind(String),
    /// Whole lines instead of `key: value`, each indented as the key is; `INDENT` as above.
    Lines(Vec<String>),
}
