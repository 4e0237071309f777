//! What a reader of this stage gives: a YAML tree that borrows its texts, and how it differs from the JSON expected.

use std::borrow::Cow;
use std::fmt;

use serde_json::Number;
use serde_json::Value;

/// A YAML value. The keys of a map are unique and in written order.
#[derive(Clone, Debug, PartialEq)]
pub enum Node<'t> {
    Null,
    Bool(bool),
    Number(Number),
    Text(Cow<'t, str>),
    List(Vec<Node<'t>>),
    Map(Vec<(Cow<'t, str>, Node<'t>)>),
}

/// The first place where two values are not the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// A JSON pointer.
    pub at: String,
    /// JSON, or nothing where the field is absent.
    pub expected: Option<String>,
    pub found: Option<String>,
}

impl<'t> Node<'t> {
    pub fn of(json: &'t Value) -> Self {
        match json {
            Value::Null => Self::Null,
            Value::Bool(value) => Self::Bool(*value),
            Value::Number(number) => Self::Number(number.clone()),
            Value::String(text) => Self::Text(text.into()),
            Value::Array(items) => Self::List(items.iter().map(Self::of).collect()),
            Value::Object(map) => Self::Map(map.iter().map(|(key, value)| (Cow::from(key), Self::of(value))).collect()),
        }
    }

    pub fn to_json(&self) -> Value {
        match self {
            Self::Null => Value::Null,
            Self::Bool(value) => (*value).into(),
            Self::Number(number) => number.clone().into(),
            Self::Text(text) => text.as_ref().into(),
            Self::List(items) => items.iter().map(Self::to_json).collect(),
            Self::Map(fields) => {
                Value::Object(fields.iter().map(|(key, value)| (key.as_ref().to_owned(), value.to_json())).collect())
            }
        }
    }

    pub fn get(&self, key: &str) -> Option<&Self> {
        self.fields().iter().find(|(name, _)| name == key).map(|(_, value)| value)
    }

    /// The fields of a map; none of anything else.
    pub fn fields(&self) -> &[(Cow<'t, str>, Self)] {
        if let Self::Map(fields) = self { fields } else { &[] }
    }

    pub fn text(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    /// Where this differs from what was expected: lists in order, types exactly, absent is not null.
    pub fn difference(&self, expected: &Value) -> Option<Difference> {
        let different = || Some(Difference::new(Some(expected), Some(self)));
        match (self, expected) {
            (Self::Null, Value::Null) => None,
            (Self::Bool(found), Value::Bool(expected)) if found == expected => None,
            (Self::Number(found), Value::Number(expected)) if found == expected => None,
            (Self::Text(found), Value::String(expected)) if found == expected => None,
            (Self::List(found), Value::Array(expected)) => {
                let missing = || {
                    let at = found.len().min(expected.len());
                    let pair = (expected.get(at), found.get(at));
                    (found.len() != expected.len()).then(|| Difference::new(pair.0, pair.1).below(&at.to_string()))
                };
                let pairs = found.iter().zip(expected).enumerate();
                pairs
                    .filter_map(|(at, (found, expected))| Some(found.difference(expected)?.below(&at.to_string())))
                    .next()
                    .or_else(missing)
            }
            (Self::Map(found), Value::Object(expected)) => {
                let mut in_order = expected.iter();
                for (key, value) in found {
                    // Both mostly have the same order, which saves the search.
                    let expected = match in_order.next() {
                        Some((name, expected)) if name == key => Some(expected),
                        _ => expected.get(key.as_ref()),
                    };
                    let Some(expected) = expected else {
                        return Some(Difference::new(None, Some(value)).below(key));
                    };
                    if let Some(difference) = value.difference(expected) {
                        return Some(difference.below(key));
                    }
                }
                // Keys are unique: with as many fields on both sides, none is missing.
                let missing = || expected.iter().find(|(key, _)| self.get(key).is_none());
                let (key, value) = (found.len() != expected.len()).then(missing)??;
                Some(Difference::new(Some(value), None).below(key))
            }
            _ => different(),
        }
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let or_nothing = |text: &Option<String>| text.as_ref().map_or("nothing".to_owned(), |text| format!("`{text}`"));
        write!(f, "at `{}`: expected {}, found {}", self.at, or_nothing(&self.expected), or_nothing(&self.found))
    }
}

impl Difference {
    fn new(expected: Option<&Value>, found: Option<&Node>) -> Self {
        Self {
            at: String::new(),
            expected: expected.map(Value::to_string),
            found: found.map(|found| found.to_json().to_string()),
        }
    }

    fn below(self, key: &str) -> Self {
        let at = format!("/{}{}", key.replace('~', "~0").replace('/', "~1"), self.at);
        Self { at, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn check(found: Value, expected: Value, expect: Option<(&str, Option<&str>, Option<&str>)>) {
        let difference = Node::of(&found).difference(&expected);
        let flat = difference.as_ref().map(|it| (it.at.as_str(), it.expected.as_deref(), it.found.as_deref()));
        assert_eq!(flat, expect, "{found} {expected}");
    }

    #[test]
    fn differences_name_their_place() {
        check(json!({ "a": 1, "b": [true] }), json!({ "b": [true], "a": 1 }), None);
        check(json!({ "a": 1 }), json!({ "a": 1.0 }), Some(("/a", Some("1.0"), Some("1"))));
        check(json!({ "a": "1" }), json!({ "a": 1 }), Some(("/a", Some("1"), Some("\"1\""))));
        check(json!({ "a/b": null }), json!({}), Some(("/a~1b", None, Some("null"))));
        check(json!({}), json!({ "a": null }), Some(("/a", Some("null"), None)));
        check(json!({ "a": [1, 2] }), json!({ "a": [2, 1] }), Some(("/a/0", Some("2"), Some("1"))));
        check(json!([1]), json!([1, 2]), Some(("/1", Some("2"), None)));
        check(json!([1, 2]), json!([1]), Some(("/1", None, Some("2"))));
        check(json!([]), json!({}), Some(("", Some("{}"), Some("[]"))));
    }
}
