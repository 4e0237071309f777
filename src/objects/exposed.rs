//! Exposed values: which fields of an object a person may change at install time, and in which form.

use serde_json::Value;

/// One step from an object's root to a field. List elements are found by what they are, never by index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    Key(String),
    /// The element of a list of maps whose `name` is this.
    Named(String),
    /// The element of a list of strings that starts with this, such as `--acme-http01-solver-image=`.
    Starting(String),
}

/// How the field is written in the template: the closed grammar.
#[derive(Clone, Debug, PartialEq)]
pub enum Form {
    /// 1: `{{ V | quote }}`.
    String { pattern: Option<String> },
    /// 2: `{{ V | int64 }}`.
    Integer { minimum: i64, maximum: i64 },
    /// 3: `{{ V }}`.
    Boolean,
    /// 4: `{{- V | toYaml | nindent N }}`; the JSON schema (draft-07, closed) of the subtree.
    Subtree { schema: Value },
    /// 5: PREFIX, registry, repository and tag in one text; the value is a map of the three.
    Image { prefix: String },
    /// 6: `imagePullSecrets`, absent in the object, default `[]`.
    PullSecrets,
    /// 8: the name of a Job, which ends in a digest of its image. `image` is the values key of that image
    /// (the key of a value of form 5 without prefix); `stem` is `SERVICE-once-GGGGGGGG-`.
    JobName { stem: String, image: Vec<String> },
}

/// One exposed value. Its default is what the object holds at `at`.
#[derive(Clone, Debug, PartialEq)]
pub struct Exposed {
    /// The key in the subchart's values, such as `["env", "LOG_LEVEL"]`.
    pub key: Vec<String>,
    pub at: Vec<Step>,
    pub form: Form,
    /// What it is, for `values.yaml` and the schema: whole sentences without a line break.
    pub documentation: String,
}

impl Exposed {
    pub fn new(key: &[&str], at: Vec<Step>, form: Form, documentation: &str) -> Self {
        Self {
            key: key.iter().map(|part| (*part).to_owned()).collect(),
            at,
            form,
            documentation: documentation.to_owned(),
        }
    }
}

/// Steps from text: `spec/template/spec/containers/[web]/image`; `[NAME]` is the element of that name, `[--a=*]` the
/// text that starts so.
pub fn steps(path: &str) -> Vec<Step> {
    path.split('/')
        .map(|part| match part.strip_prefix('[').and_then(|part| part.strip_suffix(']')) {
            Some(name) => match name.strip_suffix('*') {
                Some(start) => Step::Starting(start.to_owned()),
                None => Step::Named(name.to_owned()),
            },
            None => Step::Key(part.to_owned()),
        })
        .collect()
}

impl Step {
    /// Whether it leads to this element of a list.
    pub fn is_element(&self, item: &Value) -> bool {
        match self {
            Self::Key(_) => false,
            Self::Named(name) => item.get("name").and_then(Value::as_str) == Some(name),
            Self::Starting(start) => item.as_str().is_some_and(|text| text.starts_with(start)),
        }
    }
}

/// The field one step below a value.
pub fn find<'a>(value: &'a Value, step: &Step) -> Option<&'a Value> {
    match step {
        Step::Key(key) => value.get(key),
        _ => value.as_array()?.iter().find(|item| step.is_element(item)),
    }
}

/// The same, to change it.
pub fn find_mut<'a>(value: &'a mut Value, step: &Step) -> Option<&'a mut Value> {
    match step {
        Step::Key(key) => value.get_mut(key),
        _ => value.as_array_mut()?.iter_mut().find(|item| step.is_element(item)),
    }
}
