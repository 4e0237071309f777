//! The values of the umbrella, of a subchart and of a person in, what the subchart's templates see out: as Helm coalesces.
//!
//! Maps merge deeply, anything else replaces, `null` of a person removes a default; the person wins over the umbrella,
//! the umbrella over the subchart, and the umbrella's `global` over the subchart's (Helm `pkg/chart/common/util/coalesce.go`).

use std::borrow::Cow;

use crate::verify::node::Node;

/// `over` on top of `under`. A `null` stays: it must still remove the default of the chart below.
pub fn merge<'v>(over: &Node<'v>, under: &Node<'v>) -> Node<'v> {
    let (Node::Map(upper), Node::Map(lower)) = (over, under) else { return over.clone() };
    let mut fields: Vec<(Cow<'v, str>, Node<'v>)> = Vec::with_capacity(lower.len().max(upper.len()));
    for (key, value) in lower {
        fields.push((key.clone(), over.get(key).map_or_else(|| value.clone(), |upper| merge(upper, value))));
    }
    fields.extend(upper.iter().filter(|(key, _)| under.get(key).is_none()).cloned());
    Node::Map(fields)
}

/// What the templates of the subchart `name` see.
pub fn of_subchart<'v>(umbrella: &Node<'v>, name: &str, own: &Node<'v>) -> Node<'v> {
    let empty = Node::Map(Vec::new());
    let mut values = merge(umbrella.get(name).unwrap_or(&empty), own);
    let global = merge(umbrella.get("global").unwrap_or(&empty), values.get("global").unwrap_or(&empty));
    if let Node::Map(fields) = &mut values {
        fields.retain(|(key, _)| key != "global");
        fields.push(("global".into(), global));
    }
    drop_nulls(&mut values);
    values
}

fn drop_nulls(node: &mut Node) {
    if let Node::Map(fields) = node {
        fields.retain(|(_, value)| *value != Node::Null);
        fields.iter_mut().for_each(|(_, value)| drop_nulls(value));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;
    use serde_json::json;

    fn check(over: Value, under: Value, expect: Value) {
        assert_eq!(merge(&Node::of(&over), &Node::of(&under)).to_json(), expect, "{over} over {under}");
    }

    #[test]
    fn values_merge_as_helm_merges() {
        check(json!({ "a": 1 }), json!({ "a": 2, "b": 3 }), json!({ "a": 1, "b": 3 }));
        check(json!({ "a": { "b": 1 } }), json!({ "a": { "c": 2 } }), json!({ "a": { "c": 2, "b": 1 } }));
        check(json!({ "a": [1] }), json!({ "a": [2, 3] }), json!({ "a": [1] }));
        check(json!({ "a": null, "n": null }), json!({ "a": { "c": 2 } }), json!({ "a": null, "n": null }));
        check(json!({ "a": "x" }), json!({ "a": { "c": 2 } }), json!({ "a": "x" }));
    }

    #[test]
    fn a_subchart_sees_its_section_and_the_globals() {
        let umbrella =
            json!({ "global": { "a": 1 }, "photos": { "x": 1, "w": null, "global": { "b": 2 } }, "feed": { "y": 2 } });
        let own = json!({ "x": 2, "w": 1, "z": 3, "global": { "a": 3 } });
        let found = of_subchart(&Node::of(&umbrella), "photos", &Node::of(&own)).to_json();
        assert_eq!(found, json!({ "x": 1, "z": 3, "global": { "a": 1, "b": 2 } }));
    }
}
