//! The exposed values of one chart in, the fields of its `values.yaml` out.

use serde_json::Value;
use serde_json::json;

use crate::generate::Fault;
use crate::objects::Exposed;
use crate::objects::Form;
use crate::oci::ImageReference;
use crate::yaml::Content;
use crate::yaml::Field;
use crate::yaml::Tree;

/// Whole numbers up to here survive as YAML numbers, which Helm reads as 64-bit floats.
const LARGEST_INTEGER: i64 = 1 << 53;

/// One exposed value with the default that stood in the object.
#[derive(Clone, Debug, PartialEq)]
pub struct Exposure<'a> {
    pub exposed: &'a Exposed,
    pub default: Value,
}

/// The values of a chart by key, in the order in which they were exposed.
#[derive(Clone, Debug, PartialEq)]
pub enum Values<'a> {
    Map(Vec<(&'a str, Values<'a>)>),
    Leaf(Exposure<'a>),
}

impl<'a> Exposure<'a> {
    /// The exposed value whose field holds `found`.
    pub fn of(exposed: &'a Exposed, found: &Value) -> Result<Self, Fault> {
        let default =
            default(&exposed.form, found).map_err(|expected| Fault::Field { key: exposed.key.join("."), expected })?;
        Ok(Self { exposed, default })
    }

    /// Whether two fields may share a key: one default and one form, apart from an image's prefix.
    fn agrees(&self, other: &Self) -> bool {
        let forms = match (&self.exposed.form, &other.exposed.form) {
            (Form::Image { .. }, Form::Image { .. }) => true,
            (one, other) => one == other,
        };
        forms && self.default == other.default
    }
}

/// The default in `values.yaml`, or what was expected.
fn default(form: &Form, found: &Value) -> Result<Value, &'static str> {
    match form {
        // Helm removes these words from what it has rendered.
        Form::String { .. } if found.as_str().is_some_and(|text| !text.contains("<no value>")) => {}
        Form::Boolean if found.is_boolean() => {}
        Form::Integer { minimum, maximum } => {
            let range = (-LARGEST_INTEGER).max(*minimum)..=LARGEST_INTEGER.min(*maximum);
            if !found.as_i64().is_some_and(|number| range.contains(&number)) {
                return Err("an integer within its bounds");
            }
        }
        Form::Subtree { .. } if found.is_object() || found.is_array() => survives(found)?,
        Form::PullSecrets => {}
        Form::Image { prefix } => return image(prefix, found).ok_or("its prefix and an image with registry and tag"),
        _ => return Err("a value of its form"),
    }
    Ok(found.clone())
}

fn image(prefix: &str, found: &Value) -> Option<Value> {
    let text = found.as_str()?.strip_prefix(prefix)?;
    let image: ImageReference = text.parse().ok()?;
    let complete = image.to_string() == text;
    complete.then(|| json!({ "registry": image.registry, "repository": image.repository, "tag": image.tag }))
}

/// Whether `toYaml` gives this back: no nulls, no control characters, no numbers that a 64-bit float would change.
fn survives(value: &Value) -> Result<(), &'static str> {
    let printable = |c: char| {
        matches!(c, '\n' | '\t') || !(c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{fffe}' | '\u{ffff}'))
    };
    match value {
        Value::Null => Err("no nulls"),
        Value::Bool(_) => Ok(()),
        Value::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(whole), _) if (-LARGEST_INTEGER..=LARGEST_INTEGER).contains(&whole) => Ok(()),
            (None, Some(float)) if float.fract() != 0.0 => Ok(()),
            _ => Err("no numbers beyond 2^53 and no fractions of 0"),
        },
        Value::String(text) if text.chars().all(printable) && !text.contains("<no value>") => Ok(()),
        Value::String(_) => Err("no control characters and no `<no value>`"),
        Value::Array(items) => items.iter().try_for_each(survives),
        Value::Object(map) => map.iter().try_for_each(|(key, value)| {
            survives(value)?;
            if key.chars().all(printable) { Ok(()) } else { Err("no control characters") }
        }),
    }
}

impl<'a> Values<'a> {
    pub fn new() -> Self {
        Self::Map(Vec::new())
    }

    /// Adds a value; the same key may be exposed at several fields when default and schema are equal.
    pub fn insert(&mut self, exposure: Exposure<'a>) -> Result<(), Fault> {
        let key = exposure.exposed.key.as_slice();
        match key.first().map(String::as_str) {
            None | Some("global" | "enabled") => Err(Fault::Key(key.join("."))),
            Some(_) => self.insert_at(key, exposure),
        }
    }

    fn insert_at(&mut self, key: &'a [String], exposure: Exposure<'a>) -> Result<(), Fault> {
        match (self, key.split_first()) {
            (Self::Map(fields), Some((first, rest))) => {
                if let Some((_, field)) = fields.iter_mut().find(|(name, _)| name == first) {
                    return field.insert_at(rest, exposure);
                }
                let leaf = Self::Leaf(exposure);
                fields.push((first, rest.iter().rev().fold(leaf, |inner, name| Self::Map(vec![(name, inner)]))));
                Ok(())
            }
            (Self::Leaf(there), None) if there.agrees(&exposure) => Ok(()),
            (Self::Leaf(_), None) => Err(Fault::KeyDiffers(exposure.exposed.key.join("."))),
            _ => Err(Fault::Key(exposure.exposed.key.join("."))),
        }
    }

    pub fn fields(&self) -> &[(&'a str, Self)] {
        if let Self::Map(fields) = self { fields } else { &[] }
    }

    /// The fields of `values.yaml`, each value with its documentation above it.
    pub fn yaml(&self) -> Vec<Field<'_>> {
        let fields = self.fields().iter().map(|(key, value)| {
            let (comment, tree) = match value {
                Self::Map(_) => ("", Tree::Map(value.yaml())),
                Self::Leaf(leaf) => (leaf.exposed.documentation.as_str(), Tree::from(&leaf.default)),
            };
            Field { comment: comment.into(), key: (*key).into(), content: Content::Value(tree) }
        });
        fields.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::yaml::write;

    fn check(exposed: &[(&[&str], Form, Value)], expect: Result<&str, Fault>) {
        let exposed: Vec<_> = exposed
            .iter()
            .map(|(key, form, found)| {
                (Exposed::new(key, Vec::new(), form.clone(), &format!("About {}.", key.join("."))), found)
            })
            .collect();
        let mut values = Values::new();
        let mut insert = |(exposed, found)| values.insert(Exposure::of(exposed, found)?);
        let inserted = exposed.iter().try_for_each(|(exposed, found)| insert((exposed, *found)));
        assert_eq!(inserted.map(|()| write(&Tree::Map(values.yaml()))).as_deref(), expect.as_ref().map(|text| *text));
    }

    fn integer() -> Form {
        Form::Integer { minimum: 0, maximum: 9 }
    }

    #[test]
    fn values_stand_below_their_documentation() {
        check(&[], Ok("{}\n"));
        let image = || Form::Image { prefix: String::new() };
        let prefixed = Form::Image { prefix: "--x=".to_owned() };
        let exposed: &[(&[&str], Form, Value)] = &[
            (&["image"], image(), json!("docker.io/a/b:1.10")),
            (&["env", "A"], Form::String { pattern: None }, json!("on")),
            (&["replicas"], integer(), json!(2)),
            (&["env", "b.c"], Form::Boolean, json!(true)),
            (&["image"], prefixed, json!("--x=docker.io/a/b:1.10")),
        ];
        let expect = "# About image.\nimage:\n  registry: docker.io\n  repository: a/b\n  tag: \"1.10\"\nenv:\n  # About env.A.\n  A: \
                      \"on\"\n  # About env.b.c.\n  b.c: true\n# About replicas.\nreplicas: 2\n";
        check(exposed, Ok(expect));
    }

    #[test]
    fn keys_do_not_contradict() {
        let one = |key: &'static [&'static str]| (key, integer(), json!(1));
        check(&[one(&[])], Err(Fault::Key(String::new())));
        check(&[one(&["global", "x"])], Err(Fault::Key("global.x".into())));
        check(&[one(&["enabled"])], Err(Fault::Key("enabled".into())));
        check(&[one(&["a"]), one(&["a", "b"])], Err(Fault::Key("a.b".into())));
        check(&[one(&["a", "b"]), one(&["a"])], Err(Fault::Key("a".into())));
        check(&[one(&["a"]), (&["a"], integer(), json!(2))], Err(Fault::KeyDiffers("a".into())));
        check(
            &[one(&["a"]), (&["a"], Form::Integer { minimum: 1, maximum: 9 }, json!(1))],
            Err(Fault::KeyDiffers("a".into())),
        );
    }

    #[test]
    fn subtrees_hold_only_what_survives() {
        let check = |value: Value, expect: Result<(), &str>| assert_eq!(survives(&value), expect, "{value}");
        check(json!({ "a": [1, -0.5, "x\ny", true, {}] }), Ok(()));
        check(json!([null]), Err("no nulls"));
        for number in [json!(1.0), json!(1_u64 << 60), json!(i64::MIN)] {
            check(number, Err("no numbers beyond 2^53 and no fractions of 0"));
        }
        for text in ["\u{7f}", "\u{85}", "\0", "\u{2028}", "<no value>"] {
            check(json!(text), Err("no control characters and no `<no value>`"));
            check(json!({ text: 1 }), if text.starts_with('<') { Ok(()) } else { Err("no control characters") });
        }
    }
}
