//! Values and a schema in, violations out: each with the field, a message for people and a hint.

use std::collections::BTreeSet;
use std::sync::OnceLock;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;

use jsonschema::Draft;
use jsonschema::Registry;
use jsonschema::RegistryBuilder;
use jsonschema::ValidationError;
use jsonschema::Validator;
use jsonschema::error::ValidationErrorKind;
use serde_json::Value;
use serde_json::json;

use crate::assets;
use crate::diagnostic::Code;
use crate::diagnostic::FieldPath;
use crate::schema::derive;
use crate::schema::message;
use crate::values::FORMATS;

/// A schema, which checks values.
pub struct Schema {
    text: &'static str,
    root: OnceLock<Value>,
    /// Of all keys; compiled for those who check many values.
    whole: OnceLock<Validator>,
    checked: AtomicUsize,
}

/// The schema of a whole cluster.
pub static CLUSTER: Schema = Schema::of(CLUSTER_TEXT);

/// The schema of one file of several.
pub static OVERLAY: Schema = Schema::of(OVERLAY_TEXT);

/// Compiling the whole takes longer than all else for a home, and most files use a tenth of the keys: so many values are
/// held against a validator of the keys that are in them.
const FEW: usize = 4;

/// The committed schemas, which a test holds equal to the derived ones: reading them is faster than deriving them.
pub const CLUSTER_TEXT: &str = assets::text("schemas/cluster.schema.json");
pub const OVERLAY_TEXT: &str = assets::text("schemas/overlay.schema.json");

/// Where the validator finds the schema.
const ADDRESS: &str = "json-schema:///values";

/// One thing that the schema forbids.
#[derive(Clone, Debug, PartialEq)]
pub struct Violation {
    pub code: Code,
    pub path: FieldPath,
    /// Whether the key is wrong, not the value.
    pub at_key: bool,
    /// The key that is missing in the map at `path`.
    pub missing: Option<String>,
    /// The key that an unknown one was most likely meant to be.
    pub meant: Option<String>,
    pub message: String,
    pub hint: Option<String>,
}

impl Schema {
    const fn of(text: &'static str) -> Self {
        Self { text, root: OnceLock::new(), whole: OnceLock::new(), checked: AtomicUsize::new(0) }
    }

    pub fn json(&self) -> &Value {
        self.root.get_or_init(|| read(self.text))
    }

    /// Everything that the schema forbids, at most one violation for each place.
    pub fn violations(&self, values: &Value) -> Vec<Violation> {
        let own;
        let validator = match self.checked.fetch_add(1, Ordering::Relaxed) {
            0..FEW => {
                let mut keys = BTreeSet::new();
                collect_keys(values, &mut keys);
                own = compile(derive::for_checking(read(self.text), Some(&keys)));
                &own
            }
            _ => self.whole.get_or_init(|| compile(derive::for_checking(read(self.text), None))),
        };
        let mut found = Vec::new();
        for error in validator.iter_errors(values) {
            self.explain(&error, values, &mut found);
        }
        found.sort_by(|a: &Violation, b: &Violation| (&a.path, a.at_key, rank(a)).cmp(&(&b.path, b.at_key, rank(b))));
        found.dedup_by(|next, first| {
            next.path == first.path
                && next.at_key == first.at_key
                && (next.missing == first.missing || first.missing.is_none())
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
                let key = inner.instance().as_str().unwrap_or_default();
                found.push(message::wrong_name(path.key(key), inner, self.parent(error)));
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
        let branches: Vec<Branch> = (self.branches(error).into_iter())
            .zip(context)
            .filter(|(schema, _)| schema.get("type").is_none_or(|kind| kind != "null"))
            .map(|(schema, errors)| Branch { kind: kind_of(schema), errors })
            .collect();
        let fits: Vec<&Branch> = branches.iter().filter(|branch| !branch.is_other_type(here)).collect();
        let written = |branch: &&Branch| branch.kind.is_some_and(|kind| error.instance().get(kind).is_some());
        let meant: Vec<&Branch> = fits.iter().copied().filter(written).collect();
        let meant = match (meant.as_slice(), fits.as_slice(), branches.as_slice()) {
            ([meant], _, _) | ([], [meant], _) => Some(*meant),
            ([], [], [meant]) => Some(meant),
            _ => None,
        };
        if let Some(meant) = meant {
            return meant.errors.iter().for_each(|inner| self.explain(inner, values, found));
        }
        let unexpected = unexpected_everywhere(&fits);
        if !unexpected.is_empty() && error.instance().is_object() {
            let errors = fits.iter().flat_map(|branch| branch.errors.iter());
            let known: Vec<String> = errors.flat_map(|inner| self.keys_beside(inner)).collect();
            for key in unexpected {
                found.push(message::unknown_key(path.key(&key), &key, &known));
            }
        } else {
            let kinds: Vec<&str> = branches.iter().filter_map(|branch| branch.kind).collect();
            let errors: Vec<_> = branches.iter().flat_map(|branch| branch.errors.iter()).collect();
            found.push(message::no_variant(path, error, &errors, &kinds));
        }
    }

    /// The schemas of a union, behind their references.
    fn branches(&self, error: &ValidationError<'_>) -> Vec<&Value> {
        let union = self.json().pointer(error.schema_path().as_str()).and_then(Value::as_array);
        union
            .into_iter()
            .flatten()
            .map(|branch| {
                let reference =
                    branch.get("$ref").and_then(Value::as_str).and_then(|reference| reference.strip_prefix('#'));
                reference.and_then(|pointer| self.json().pointer(pointer)).unwrap_or(branch)
            })
            .collect()
    }

    /// The keys that the schema of an `additionalProperties` knows.
    fn keys_beside(&self, error: &ValidationError<'_>) -> Vec<String> {
        let properties = self.parent(error).and_then(|schema| schema.get("properties")).and_then(Value::as_object);
        properties.into_iter().flat_map(serde_json::Map::keys).cloned().collect()
    }

    /// The schema whose keyword failed.
    fn parent(&self, error: &ValidationError<'_>) -> Option<&Value> {
        let (parent, _) = error.schema_path().as_str().rsplit_once('/')?;
        self.json().pointer(parent)
    }
}

#[allow(clippy::expect_used, reason = "a schema of our own that is no JSON fails every test")]
fn read(text: &str) -> Value {
    serde_json::from_str(text).expect("the committed schema is JSON")
}

#[allow(clippy::expect_used, reason = "a schema of our own that does not compile fails every test")]
fn compile(schema: Value) -> Validator {
    // Behind a reference it is not held against the meta-schema again, which a test has done.
    let registry = Registry::new().add(ADDRESS, Draft::Draft7.create_resource(schema));
    let registry = registry.and_then(RegistryBuilder::prepare).expect("the derived schema has no address of its own");
    let mut options = jsonschema::options().with_draft(Draft::Draft7).should_validate_formats(true);
    for format in FORMATS {
        options = options.with_format(format.name, format.check);
    }
    let validator = options.with_registry(&registry).build(&json!({ "$ref": ADDRESS }));
    validator.expect("the derived schema is valid")
}

fn collect_keys<'a>(values: &'a Value, keys: &mut BTreeSet<&'a str>) {
    match values {
        Value::Object(map) => {
            for (key, value) in map {
                keys.insert(key);
                collect_keys(value, keys);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect_keys(item, keys)),
        _ => {}
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

/// One form of a union, with what a value lacks to have it.
struct Branch<'a> {
    /// The key that says that a map has this form.
    kind: Option<&'a str>,
    errors: &'a [ValidationError<'static>],
}

impl Branch<'_> {
    /// Whether the value itself, not something in it, is of another type.
    fn is_other_type(&self, here: &str) -> bool {
        let mut at_here = self.errors.iter().filter(|inner| inner.instance_path().as_str() == here);
        at_here.any(|inner| match inner.kind() {
            ValidationErrorKind::Type { .. } | ValidationErrorKind::Constant { .. } => true,
            ValidationErrorKind::Enum { .. } => !inner.instance().is_string(),
            _ => false,
        })
    }
}

/// The first key that a form requires; the overlay keeps it as `x-kind`.
fn kind_of(schema: &Value) -> Option<&str> {
    schema.get("x-kind").or_else(|| schema.pointer("/required/0")).and_then(Value::as_str)
}

/// The keys that no branch knows.
fn unexpected_everywhere(branches: &[&Branch]) -> Vec<String> {
    let of = |branch: &&Branch| -> Vec<String> {
        let lists = branch.errors.iter().filter_map(|inner| match inner.kind() {
            ValidationErrorKind::AdditionalProperties { unexpected } => Some(unexpected.clone()),
            _ => None,
        });
        lists.flatten().collect()
    };
    let mut lists = branches.iter().map(of);
    let first = lists.next().unwrap_or_default();
    lists.fold(first, |common, list| common.into_iter().filter(|key| list.contains(key)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Sources;
    use crate::yaml;

    /// Right ones, and with every value or every key of a depth wrong.
    #[test]
    #[allow(clippy::disallowed_methods, reason = "what the tests have is read from disk")]
    fn a_validator_of_the_keys_that_are_there_finds_what_the_whole_finds() {
        let mut found = 0;
        for name in ["minimal", "homelab", "everything"] {
            let path = format!("{}/examples/{name}.yaml", env!("CARGO_MANIFEST_DIR"));
            let mut sources = Sources::default();
            let id = sources.add("values.yaml", std::fs::read_to_string(path).unwrap());
            let values = yaml::read(&sources, id).node.unwrap().to_json();
            for depth in 0..16 {
                let wrong = match depth % 2 {
                    0 => wrong(&values, depth / 2, &|key, value| (format!("{key}x"), value.clone())),
                    _ => wrong(&values, depth / 2, &|key, _| (key.to_owned(), json!([]))),
                };
                for text in [CLUSTER_TEXT, OVERLAY_TEXT] {
                    let [few, many] = [0, FEW].map(|checked| {
                        let schema = Schema { checked: AtomicUsize::new(checked), ..Schema::of(text) };
                        schema.violations(&wrong)
                    });
                    assert_eq!(few, many, "{name}, {depth}");
                    found += few.len();
                }
            }
        }
        assert!(found > 1000, "{found}");
    }

    /// With the entries changed that are this deep.
    fn wrong(value: &Value, depth: usize, change: &impl Fn(&str, &Value) -> (String, Value)) -> Value {
        let Some(map) = value.as_object() else { return value.clone() };
        let entries = map.iter().map(|(key, value)| match depth {
            0 => change(key, value),
            _ => (key.clone(), wrong(value, depth - 1, change)),
        });
        Value::Object(entries.collect())
    }
}
