//! Values and a schema in, violations out: each with the field, a message for people and a hint.

use std::sync::LazyLock;

use jsonschema::Draft;
use jsonschema::ValidationError;
use jsonschema::Validator;
use jsonschema::error::ValidationErrorKind;
use serde_json::Value;

use crate::diagnostic::Code;
use crate::diagnostic::FieldPath;
use crate::schema::derive;
use crate::schema::message;
use crate::values::FORMATS;

/// A schema that is ready to check values.
pub struct Schema {
    root: Value,
    validator: Validator,
}

/// The schema of a whole cluster.
pub static CLUSTER: LazyLock<Schema> = LazyLock::new(|| Schema::of(derive::cluster()));

/// The schema of one file of several.
pub static OVERLAY: LazyLock<Schema> = LazyLock::new(|| Schema::of(derive::overlay()));

/// One thing that the schema forbids.
#[derive(Clone, Debug, PartialEq)]
pub struct Violation {
    pub code: Code,
    pub path: FieldPath,
    /// Whether the key is wrong, not the value.
    pub at_key: bool,
    /// The key that is missing in the map at `path`.
    pub missing: Option<String>,
    pub message: String,
    pub hint: Option<String>,
}

impl Schema {
    fn of(root: Value) -> Self {
        let mut options = jsonschema::options().with_draft(Draft::Draft7).should_validate_formats(true);
        for format in FORMATS {
            options = options.with_format(format.name, format.check);
        }
        // The schema comes from our own types: a test compiles it.
        #[allow(clippy::expect_used, reason = "a schema of our own that does not compile fails every test")]
        let validator = options.build(&root).expect("the derived schema is valid");
        Self { root, validator }
    }

    pub fn json(&self) -> &Value {
        &self.root
    }

    /// Everything that the schema forbids, at most one violation for each place.
    pub fn violations(&self, values: &Value) -> Vec<Violation> {
        let mut found = Vec::new();
        for error in self.validator.iter_errors(values) {
            self.explain(&error, values, &mut found);
        }
        found.sort_by(|a: &Violation, b: &Violation| (&a.path, a.at_key, rank(a)).cmp(&(&b.path, b.at_key, rank(b))));
        found.dedup_by(|next, first| {
            next.path == first.path && next.at_key == first.at_key && (next.missing == first.missing || first.missing.is_none())
        });
        found
    }

    fn explain(&self, error: &ValidationError<'_>, values: &Value, found: &mut Vec<Violation>) {
        let path = path_of(error, values);
        match error.kind() {
            ValidationErrorKind::AdditionalProperties { unexpected } => {
                let known = self.keys_beside(error);
                for key in unexpected {
                    found.push(message::unknown_key(path.key(key), key, &known));
                }
            }
            ValidationErrorKind::PropertyNames { error: inner } => {
                let key = inner.instance().as_str().unwrap_or_default().to_owned();
                let expected = FORMATS
                    .iter()
                    .find(|format| match inner.kind() {
                        ValidationErrorKind::Pattern { pattern } => format.pattern == pattern,
                        ValidationErrorKind::Format { format: name } => format.name == name,
                        _ => false,
                    })
                    .map(|format| format.expected);
                found.push(message::wrong_name(path.key(&key), &key, expected));
            }
            ValidationErrorKind::Required { property } => {
                found.push(message::missing_key(path, property.as_str().unwrap_or_default()));
            }
            ValidationErrorKind::AnyOf { context }
            | ValidationErrorKind::OneOfNotValid { context }
            | ValidationErrorKind::OneOfMultipleValid { context } => {
                self.explain_union(error, path, context, values, found);
            }
            _ => found.push(message::wrong_value(path, error, self.parent(error))),
        }
    }

    /// The errors of the branch that was most likely meant.
    fn explain_union(
        &self,
        error: &ValidationError<'_>,
        path: FieldPath,
        context: &[Vec<ValidationError<'static>>],
        values: &Value,
        found: &mut Vec<Violation>,
    ) {
        let here = error.instance_path().as_str();
        let at_here = |inner: &&ValidationError<'static>| inner.instance_path().as_str() == here;
        let wrong_type = |branch: &[ValidationError<'static>]| {
            branch.iter().filter(at_here).any(|inner| {
                matches!(inner.kind(), ValidationErrorKind::Type { .. } | ValidationErrorKind::Constant { .. })
                    || (matches!(inner.kind(), ValidationErrorKind::Enum { .. }) && !inner.instance().is_string())
            })
        };
        let branches: Vec<&Vec<ValidationError<'static>>> =
            context.iter().filter(|branch| !branch.is_empty() && !wrong_type(branch)).collect();
        if let [only] = branches.as_slice() {
            return only.iter().for_each(|inner| self.explain(inner, values, found));
        }
        let required = |branch: &[ValidationError<'static>]| {
            branch.iter().filter(at_here).find_map(|inner| match inner.kind() {
                ValidationErrorKind::Required { property } => property.as_str().map(str::to_owned),
                _ => None,
            })
        };
        let meant: Vec<_> = branches.iter().filter(|branch| required(branch).is_none()).collect();
        if let (Some(best), true) = (meant.iter().min_by_key(|branch| branch.len()), error.instance().is_object())
            && (meant.len() == 1 || !all_unexpected(&meant))
        {
            return best.iter().for_each(|inner| self.explain(inner, values, found));
        }
        let unexpected = unexpected_everywhere(&branches);
        if !unexpected.is_empty() && error.instance().is_object() {
            let known: Vec<String> = branches.iter().flat_map(|branch| branch.iter()).flat_map(|inner| self.keys_beside(inner)).collect();
            for key in unexpected {
                found.push(message::unknown_key(path.key(&key), &key, &known));
            }
        } else {
            let kinds: Vec<String> = match error.kind() {
                ValidationErrorKind::OneOfMultipleValid { .. } => self.kinds(error),
                _ => context.iter().filter_map(|branch| required(branch)).collect(),
            };
            found.push(message::no_variant(path, error, context, kinds));
        }
    }

    /// The keys that the schema of an `additionalProperties` knows.
    fn keys_beside(&self, error: &ValidationError<'_>) -> Vec<String> {
        let properties = self.parent(error).and_then(|schema| schema.get("properties")).and_then(Value::as_object);
        properties.into_iter().flat_map(serde_json::Map::keys).cloned().collect()
    }

    /// The keys of which exactly one may be there.
    fn kinds(&self, error: &ValidationError<'_>) -> Vec<String> {
        let branches = self.root.pointer(error.schema_path().as_str()).and_then(Value::as_array);
        branches.into_iter().flatten().filter_map(|branch| branch.pointer("/required/0")?.as_str().map(str::to_owned)).collect()
    }

    /// The schema whose keyword failed.
    fn parent(&self, error: &ValidationError<'_>) -> Option<&Value> {
        let (parent, _) = error.schema_path().as_str().rsplit_once('/')?;
        self.root.pointer(parent)
    }
}

fn rank(violation: &Violation) -> (bool, &str, &Option<String>) {
    (violation.code != "wrong-type", violation.code, &violation.missing)
}

fn path_of(error: &ValidationError<'_>, values: &Value) -> FieldPath {
    FieldPath::from_pointer(error.instance_path().as_str(), |path| {
        path.segments()
            .iter()
            .try_fold(values, |value, segment| match segment {
                crate::diagnostic::Segment::Key(key) => value.get(key),
                crate::diagnostic::Segment::Index(index) => value.get(index),
            })
            .is_some_and(Value::is_array)
    })
}

fn all_unexpected(branches: &[&&Vec<ValidationError<'static>>]) -> bool {
    branches.iter().all(|branch| {
        branch.iter().all(|inner| matches!(inner.kind(), ValidationErrorKind::AdditionalProperties { .. }))
    })
}

/// The keys that no branch knows.
fn unexpected_everywhere(branches: &[&Vec<ValidationError<'static>>]) -> Vec<String> {
    let of = |branch: &Vec<ValidationError<'static>>| -> Vec<String> {
        let lists = branch.iter().filter_map(|inner| match inner.kind() {
            ValidationErrorKind::AdditionalProperties { unexpected } => Some(unexpected.clone()),
            _ => None,
        });
        lists.flatten().collect()
    };
    let mut lists = branches.iter().map(|branch| of(branch));
    let first = lists.next().unwrap_or_default();
    lists.fold(first, |common, list| common.into_iter().filter(|key| list.contains(key)).collect())
}
