//! An object, a patch and their type in, the object with the patch merged into it out.
//!
//! This is the API server's strategic merge (`apimachinery/pkg/util/strategicpatch/patch.go`): maps merge, `null` takes
//! away, lists with a merge key merge by it, other lists are replaced; `$patch: replace` and `$patch: delete`,
//! `$retainKeys` and `$deleteFromPrimitiveList/FIELD` say otherwise. What is of no known type merges as JSON does (RFC 7396).

use serde_json::Map;
use serde_json::Value;

use crate::kubernetes::types::Merge;
use crate::kubernetes::types::Type;
use crate::kubernetes::types::Types;

const PATCH: &str = "$patch";
const RETAIN: &str = "$retainKeys";
const DELETE: &str = "$deleteFromPrimitiveList/";

/// Merges a patch into an object of this type.
pub fn merge(original: &mut Value, patch: &Value, holds: Type) {
    match (original, patch) {
        (Value::Object(original), Value::Object(patch)) => merge_map(original, patch, holds),
        (original, patch) => *original = without_directives(patch).unwrap_or_default(),
    }
}

fn merge_map(original: &mut Map<String, Value>, patch: &Map<String, Value>, holds: Type) {
    let types = Types::get();
    match patch.get(PATCH).and_then(Value::as_str) {
        Some("replace") => {
            *original = patch
                .iter()
                .filter(|(key, _)| *key != PATCH)
                .map(|(key, value)| (key.clone(), value.clone()))
                .collect();
            return;
        }
        Some("delete") => return original.clear(),
        _ => {}
    }
    if let Some(kept) = patch.get(RETAIN).and_then(Value::as_array) {
        original.retain(|key, _| kept.iter().any(|kept| kept == key));
    }
    for (key, value) in patch {
        if let (Some(field), Value::Array(gone)) = (key.strip_prefix(DELETE), value) {
            if let Some(Value::Array(items)) = original.get_mut(field) {
                items.retain(|item| !gone.contains(item));
            }
            continue;
        }
        if key.starts_with('$') {
            continue;
        }
        let replaced = match holds {
            Type::Fields(name) => {
                types.fields(name).and_then(|fields| fields.get(key.as_str())).is_some_and(|it| it.replaced)
            }
            _ => false,
        };
        match (original.get_mut(key), value) {
            (_, Value::Null) => _ = original.shift_remove(key),
            (Some(Value::Object(below)), Value::Object(value)) if !replaced => {
                merge_map(below, value, holds.below(types, key));
            }
            (Some(Value::Array(items)), Value::Array(value)) => {
                let holds = holds.below(types, key);
                let merged = merge_list(std::mem::take(items), value, holds);
                *items = merged;
            }
            _ => match without_directives(value) {
                Some(value) => _ = original.insert(key.clone(), value),
                None => _ = original.shift_remove(key),
            },
        }
    }
}

fn merge_list(original: Vec<Value>, patch: &[Value], holds: Type) -> Vec<Value> {
    match holds {
        Type::List(item, Merge::Key(key)) => merge_by_key(original, patch, key, Type::of(item)),
        Type::List(_, Merge::Set) => {
            let mut merged = original.clone();
            for value in patch.iter().filter(|value| !original.contains(value)) {
                merged.push(value.clone());
            }
            ordered(merged, patch, &original, |one, other| one == other)
        }
        _ => patch.iter().filter_map(without_directives).collect(),
    }
}

fn merge_by_key(mut original: Vec<Value>, patch: &[Value], key: &str, holds: Type) -> Vec<Value> {
    let is_same = |one: &Value, other: &Value| one.get(key).is_some() && one.get(key) == other.get(key);
    let said = |item: &Value, word: &str| item.get(PATCH).is_some_and(|found| found == word);
    let plain: Vec<&Value> = patch.iter().filter(|item| item.get(PATCH).is_none()).collect();
    if patch.iter().any(|item| said(item, "replace")) {
        return plain.into_iter().cloned().collect();
    }
    for gone in patch.iter().filter(|item| said(item, "delete")) {
        original.retain(|item| !is_same(item, gone));
    }
    let mut merged = original.clone();
    for item in &plain {
        match merged.iter_mut().find(|known| is_same(known, item)) {
            Some(known) => merge(known, item, holds),
            None => merged.extend(without_directives(item)),
        }
    }
    let plain: Vec<Value> = plain.into_iter().cloned().collect();
    ordered(merged, &plain, &original, is_same)
}

/// The API server's order (`normalizeElementOrder`): what the patch names comes in the patch's order, the rest in the
/// original's, and of the two next ones the patch's comes first unless both were there and the other stood before it.
fn ordered(
    merged: Vec<Value>,
    patch: &[Value],
    original: &[Value],
    is_same: impl Fn(&Value, &Value) -> bool,
) -> Vec<Value> {
    let place = |list: &[Value], item: &Value| list.iter().position(|other| is_same(item, other));
    let (mut named, rest): (Vec<Value>, Vec<Value>) = merged.into_iter().partition(|item| place(patch, item).is_some());
    named.sort_by_key(|item| place(patch, item));
    let (mut named, mut rest) = (named.into_iter().peekable(), rest.into_iter().peekable());
    let mut all = Vec::new();
    loop {
        let rest_first = match (rest.peek(), named.peek()) {
            (None, None) => return all,
            (Some(_), None) => true,
            (None, Some(_)) => false,
            (Some(left), Some(right)) => match (place(original, left), place(original, right)) {
                (Some(left), Some(right)) => left < right,
                _ => false,
            },
        };
        all.extend(if rest_first { rest.next() } else { named.next() });
    }
}

/// What a value of a patch is where nothing was: `None` when all it says is to delete.
fn without_directives(value: &Value) -> Option<Value> {
    match value {
        Value::Null => None,
        Value::Object(map) => {
            if map.get(PATCH).is_some_and(|word| word == "delete") {
                return None;
            }
            let fields = map.iter().filter(|(key, _)| !key.starts_with('$'));
            Some(Value::Object(
                fields.filter_map(|(key, value)| Some((key.clone(), without_directives(value)?))).collect(),
            ))
        }
        Value::Array(items) => Some(items.iter().filter_map(without_directives).collect()),
        value => Some(value.clone()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(original: Value, patch: &Value, expect: &Value) {
        let mut merged = original;
        merge(&mut merged, patch, Types::get().kind("v1", "Pod").unwrap().holds().below(Types::get(), "spec"));
        assert_eq!(merged, *expect);
    }

    #[test]
    fn what_is_of_no_known_type_merges_as_json() {
        let mut merged = json!({ "a": { "b": 1, "c": [1] }, "d": 2 });
        merge(&mut merged, &json!({ "a": { "c": [2], "e": null }, "d": null }), Type::Any);
        assert_eq!(merged, json!({ "a": { "b": 1, "c": [2] } }));
    }

    #[test]
    fn lists_merge_by_their_key() {
        let spec = || json!({ "containers": [{ "name": "a", "image": "a:1", "args": ["x"] }, { "name": "b" }] });
        let expect =
            json!({ "containers": [{ "name": "c" }, { "name": "a", "image": "a:2", "args": ["y"] }, { "name": "b" }] });
        let patch = json!({ "containers": [{ "name": "c" }, { "name": "a", "image": "a:2", "args": ["y"] }] });
        check(spec(), &patch, &expect);
        check(
            spec(),
            &json!({ "containers": [{ "name": "a", "$patch": "delete" }] }),
            &json!({ "containers": [{ "name": "b" }] }),
        );
        let replace = json!({ "containers": [{ "$patch": "replace" }, { "name": "z" }] });
        check(spec(), &replace, &json!({ "containers": [{ "name": "z" }] }));
        check(spec(), &json!({ "containers": null }), &json!({}));
        check(
            json!({ "nodeSelector": { "a": "b" } }),
            &json!({ "nodeSelector": { "$patch": "replace", "c": "d" } }),
            &json!({ "nodeSelector": { "c": "d" } }),
        );
        let volume = json!({ "volumes": [{ "name": "v", "emptyDir": {} }] });
        let retain =
            json!({ "volumes": [{ "name": "v", "$retainKeys": ["name", "hostPath"], "hostPath": { "path": "/a" } }] });
        check(volume, &retain, &json!({ "volumes": [{ "name": "v", "hostPath": { "path": "/a" } }] }));
    }
}
