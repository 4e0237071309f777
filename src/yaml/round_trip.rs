//! Tests: what is written is read back as it was, as YAML and as a rendered template; no text makes the reader stumble.

use proptest::prelude::*;
use serde_json::Value;
use serde_json::json;

use crate::source::Sources;
use crate::yaml::Read;
use crate::yaml::Tree;
use crate::yaml::read;
use crate::yaml::write_json;
use crate::yaml::write_template;

fn parse(text: &str) -> Read {
    let mut sources = Sources::default();
    let id = sources.add("a.yaml", text);
    read(&sources, id)
}

/// What Go's template engine makes of text whose only action is `{{ "{{" }}`.
fn render(template: &str) -> String {
    let rendered = template.replace(r#"{{ "{{" }}"#, "\u{1}");
    assert!(!rendered.contains("{{"), "{template}");
    rendered.replace('\u{1}', "{{").replace("<no value>", "").trim().to_owned()
}

fn comes_back(value: &Value) {
    let value = json!({"value": value, "list": [value, [value]]});
    let template = write_template(&Tree::from(&value));
    for text in [write_json(&value), render(&template)] {
        assert!(text.lines().all(|line| !line.starts_with("---")), "{text}");
        let found = parse(&text);
        assert_eq!(found.findings, [], "{text}");
        assert_eq!(found.node.map(|node| node.to_json()), Some(value.clone()), "{text}");
    }
}

#[test]
fn ambiguous_strings_come_back() {
    let strings = include_str!("../../tests/yaml/strings.txt").lines();
    let strings: Vec<String> = strings.map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(strings.len() > 300);
    for text in &strings {
        comes_back(&json!({(text.as_str()): text}));
    }
}

fn nasty_text() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        prop::sample::select(vec![
            " ",
            "\n",
            "\t",
            "\r",
            "#",
            ": ",
            ":",
            "- ",
            "-",
            "? ",
            "{{",
            "{",
            "}}",
            "\"",
            "'",
            "\\",
            "|",
            ">",
            "*",
            "&",
            "!",
            "%",
            "@",
            "`",
            "---",
            "...",
            "~",
            "null",
            "yes",
            "0",
            "1",
            "_",
            ".",
            "e",
            "x",
            "+",
            "a",
            "ü",
            "😀",
            "\u{85}",
            "\u{2028}",
            "\u{feff}",
            "\u{7f}",
            "\u{0}",
            "\u{ffff}",
            "<no value>",
            "<<",
            "=",
            ",",
            "[",
            "]",
        ])
        .prop_map(str::to_owned),
        any::<char>().prop_map(String::from),
    ];
    prop::collection::vec(part, 0..8).prop_map(|parts| parts.concat())
}

fn json_value() -> impl Strategy<Value = Value> {
    let number = any::<f64>().prop_filter("JSON has no other", |number| number.is_finite());
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        number.prop_map(Value::from),
        nasty_text().prop_map(Value::from),
        nasty_text().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::vec((nasty_text(), inner), 0..5).prop_map(|entries| entries.into_iter().collect()),
        ]
    })
}

proptest! {
    #[test]
    fn any_value_comes_back(value in json_value()) {
        comes_back(&value);
    }
}

const SEEDS: [&str; 5] = [
    "a: &x {b: 1, <<: *y}\nc: *x\n",
    "# c\na:\n  - b: 'c'\n    d: |\n      e\n\n      f\n  - \"g\\n\"\n  -\n    - >-\n     h\n",
    "{\"a\": [1, 2.5e3, null, true], \"b\": {\"c\": \"\\u00e4\"}}\n",
    "on: yes\nx: !!str 0755\n? long\n: value\n*.host: *.y\n",
    "---\na: b\n  c\nd:\n- e\n-\n\tf: g\n...\n",
];

/// A small generator of numbers (xorshift), for mutations that are the same on every run.
fn next(state: &mut u64) -> usize {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    (*state >> 16) as usize
}

#[test]
#[ignore = "takes some seconds"]
fn mutated_texts_neither_panic_nor_hang() {
    let pieces: Vec<char> = "\n\n  \t:-?{}[],#&*!|>'\"%@`\\<~.0ayü\u{85}\u{feff}\r\0".chars().collect();
    let mut state = 0x9e37_79b9_7f4a_7c15;
    for _ in 0..100_000 {
        let mut text: Vec<char> = SEEDS[next(&mut state) % SEEDS.len()].chars().collect();
        for _ in 0..1 + next(&mut state) % 12 {
            let at = next(&mut state) % (text.len() + 1);
            let length = next(&mut state) % 6;
            match next(&mut state) % 4 {
                0 => drop(text.drain(at..(at + length).min(text.len()))),
                1 => text.insert(at, pieces[next(&mut state) % pieces.len()]),
                2 => text.extend_from_within(at..(at + 4 * length).min(text.len())),
                _ => text.splice(at..at, SEEDS[next(&mut state) % SEEDS.len()].chars().take(4 * length)).for_each(drop),
            }
        }
        let text: String = text.into_iter().collect();
        let found = parse(&text);
        assert!(found.node.is_some() || !found.findings.is_empty(), "{text:?}");
        if let (Some(node), []) = (found.node, found.findings.as_slice()) {
            comes_back(&node.to_json());
        }
    }
}
