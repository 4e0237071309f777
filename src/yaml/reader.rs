//! A text of YAML or JSON in, its tree with the place of every key and value out, or what is wrong with it.
//!
//! Read as Helm reads it (`go.yaml.in/yaml/v2`), with keys that Helm would change as findings, one document only, a
//! map's own keys before merged ones wherever its `<<` stands, and bounds on time and memory.

use std::ops::Range;

use serde_yaml::granit_parser::Event;
use serde_yaml::granit_parser::Parser;
use serde_yaml::granit_parser::ScalarStyle;
use serde_yaml::granit_parser::Tag;
use serde_yaml::granit_parser::options;

use crate::diagnostic::Diagnostic;
use crate::diagnostic::Place;
use crate::source::SourceId;
use crate::source::Sources;
use crate::yaml::Node;
use crate::yaml::Value;
use crate::yaml::builder::Builder;
use crate::yaml::builder::Content;
use crate::yaml::builder::Fatal;
use crate::yaml::builder::MAX_DEPTH;
use crate::yaml::scalar::Plain;
use crate::yaml::scalar::resolve;
use crate::yaml::syntax;

/// What was read. Without a node the text cannot be understood; with one, only what a finding names is left out.
#[derive(Clone, Debug, PartialEq)]
pub struct Read {
    /// Always a map; an empty text is an empty one.
    pub node: Option<Node>,
    pub findings: Vec<Diagnostic>,
}

const MAX_BYTES: usize = 16 << 20;

/// The text of a file: UTF-8, without a byte order mark. Otherwise the place of the first byte that is no UTF-8.
pub fn decode(bytes: Vec<u8>) -> Result<String, usize> {
    let mut text = String::from_utf8(bytes).map_err(|error| error.utf8_error().valid_up_to())?;
    if text.starts_with('\u{feff}') {
        text.drain(..'\u{feff}'.len_utf8());
    }
    Ok(text)
}

/// Reads one text of `sources`.
pub fn read(sources: &Sources, source: SourceId) -> Read {
    let text = sources.get(source).map_or("", |source| source.text.as_str());
    let mut builder = Builder::new(text, source);
    let node = match events(&mut builder).and_then(|()| builder.root()) {
        Ok(node) => Some(node),
        Err(finding) => {
            if !is_told(text, builder.findings.last(), &finding) {
                builder.report(*finding);
            }
            None
        }
    };
    Read { node, findings: builder.findings }
}

fn events(builder: &mut Builder) -> Result<(), Fatal> {
    let text = builder.text;
    if text.len() > MAX_BYTES {
        return Err(builder.too_large(0..0, "the text is larger than 16 MiB"));
    }
    let options = options! {
        emit_unresolved_aliases: true,
        emit_anchor_events: true,
        disallow_directives: true,
        // As in Helm: a text behind `|` that the end of the file cuts off has no line end.
        block_scalar_eof_without_line_feed: true,
        flow_nesting_limit: MAX_DEPTH,
        block_nesting_limit: MAX_DEPTH,
    };
    let mut documents = 0;
    for step in Parser::new_from_str_with_options(text, options) {
        let (event, span) = step.map_err(|error| {
            let finding = syntax::finding(&error, text, builder.source);
            match builder.open_bracket() {
                Some(place) => finding.label(place, "this bracket is open"),
                None => finding,
            }
        })?;
        let place = span.byte_range().unwrap_or_default();
        match event {
            Event::DocumentStart(..) => {
                documents += 1;
                if documents > 1 {
                    let finding = builder.syntax(place, "expected one document in one file, found a second one");
                    builder.report(finding.hint("remove the `---`, or use two files"));
                    break;
                }
            }
            Event::Scalar(text, style, anchor, tag) => {
                let is_text = is_tagged(builder, tag.as_deref(), "str", &place);
                let value = match style {
                    // The parser writes `~` for a value that is not there.
                    ScalarStyle::Plain if place.is_empty() && is_text => Value::String(String::new()),
                    ScalarStyle::Plain if place.is_empty() => Value::Null,
                    ScalarStyle::Plain if !is_text => plain(&text),
                    _ => Value::String(text.into_owned()),
                };
                let place = match span.tag_span().and_then(|tag| tag.byte_range()) {
                    Some(tag) => tag.start..place.end.max(tag.end),
                    None if matches!(style, ScalarStyle::Literal | ScalarStyle::Folded) => builder.with_header(place),
                    None => place,
                };
                builder.scalar(place, anchor, value)?;
            }
            Event::SequenceStart(_, anchor, tag) => {
                is_tagged(builder, tag.as_deref(), "seq", &place);
                let place = builder.with_dash(place);
                builder.open(place, anchor, Content::List(Vec::new()))?;
            }
            Event::MappingStart(_, anchor, tag) => {
                is_tagged(builder, tag.as_deref(), "map", &place);
                builder.open(place, anchor, Content::Map { entries: Vec::new(), key: None, merge: None })?;
            }
            Event::SequenceEnd | Event::MappingEnd => builder.close(place)?,
            Event::Alias(anchor) => builder.alias(place, anchor)?,
            Event::UnresolvedAlias(_) => builder.unknown_alias(place)?,
            Event::Anchor(_, name) => builder.name(&name),
            _ => {}
        }
    }
    Ok(())
}

/// Whether an error only follows from an unquoted `*` before it on its line.
fn is_told(text: &str, last: Option<&Diagnostic>, finding: &Diagnostic) -> bool {
    match (last, &finding.place) {
        (Some(Diagnostic { code: "yaml-alias", place: Place::Span(alias), .. }), Place::Span(span)) => {
            text.get(alias.start..span.start).is_some_and(|between| !between.contains('\n'))
        }
        _ => false,
    }
}

fn plain(text: &str) -> Value {
    match resolve(text) {
        Plain::Null => Value::Null,
        Plain::Bool(value) => Value::Bool(value),
        Plain::Number(number) => Value::Number(number),
        Plain::NotFinite | Plain::Text => Value::String(text.to_owned()),
    }
}

/// Whether a node has its own kind's tag, such as `!!str`, which makes text of a scalar. Any other is a finding.
fn is_tagged(builder: &mut Builder, tag: Option<&Tag>, own: &str, place: &Range<usize>) -> bool {
    let Some(tag) = tag else { return false };
    let name = tag.original();
    let is_own = name == "!" || tag.core_suffix() == Some(own);
    if !is_own {
        let message = format!("the tag `{}` is not supported", syntax::shown(&name));
        let hint = "remove it; text that begins with `!` must be in quotes";
        let finding = builder.syntax(place.clone(), &message).hint(hint);
        builder.report(finding);
    }
    is_own
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::source::Span;

    fn parse(text: &str) -> (Sources, Read) {
        let mut sources = Sources::default();
        let id = sources.add("a.yaml", text);
        let read = read(&sources, id);
        (sources, read)
    }

    /// `LINE:COLUMN TEXT CODE` of each finding.
    fn findings(text: &str) -> Vec<String> {
        let (sources, read) = parse(text);
        let line = |finding: &Diagnostic| {
            assert!(finding.hint.is_some(), "{text:?} {finding:?}");
            let Place::Span(span) = finding.place else { return String::new() };
            let at = sources.line_column(span).unwrap();
            format!("{}:{} {} {}", at.line, at.column, sources.slice(span).escape_debug(), finding.code)
        };
        read.findings.iter().map(line).collect()
    }

    fn check(text: &str, expect: serde_json::Value) {
        let (_, read) = parse(text);
        assert_eq!(read.findings, [], "{text:?}");
        assert_eq!(read.node.unwrap().to_json(), expect, "{text:?}");
    }

    #[test]
    fn yaml_and_json_are_read() {
        check("", json!({}));
        check("# nothing\n---\n", json!({}));
        check("--- # a file\na: 1\n...\n", json!({"a": 1}));
        check("~", json!({}));
        check("\u{feff}a: b\r\nc: d\r\n", json!({"a": "b", "c": "d"}));
        check(
            "a: yes\nb: 0755\nc: 1.10\nd: .inf\ne:\nf: 'no'\n",
            json!({"a": true, "b": 493, "c": 1.1, "d": ".inf", "e": null, "f": "no"}),
        );
        check("a:\n- b\n-\n  - c: d\n    e: f\n", json!({"a": ["b", [{"c": "d", "e": "f"}]]}));
        check(
            "a: |\n  x\n   y\n\nb: >-\n  x\n  y\nc: |2-\n    z\nd: |\n  end",
            json!({"a": "x\n y\n", "b": "x y", "c": "  z", "d": "end"}),
        );
        check("a: one\n  two\nb: \"1\\\n  2\"\n", json!({"a": "one two", "b": "12"}));
        check(
            "{\"a\": \"\\ud83d\\ude00\\/\",\n\t\"b\": [1, -2.5e3, true, null, {}],\n\t\"c\": []\n}",
            json!({"a": "😀/", "b": [1, -2500.0, true, null, {}], "c": []}),
        );
        check(
            "a: !!str 5\nb: !!str\nc: ! yes\nd: !!map {}\ne: !!str on\n",
            json!({"a": "5", "b": "", "c": "yes", "d": {}, "e": "on"}),
        );
        check(
            "80: a\n\"on\": b\n'<<': c\n? d\n: e\n\"*.host\": f\n",
            json!({"80": "a", "on": "b", "<<": "c", "d": "e", "*.host": "f"}),
        );
    }

    #[test]
    fn anchors_and_merge_keys_work_as_people_use_them() {
        check("a: &x 1\nb: *x\n*x : c\n", json!({"a": 1, "b": 1, "1": "c"}));
        check(
            "a: &x {b: 1, c: 2}\nd: {b: 3, <<: *x, e: 4}\n",
            json!({"a": {"b": 1, "c": 2}, "d": {"b": 3, "c": 2, "e": 4}}),
        );
        check(
            "a: &x {b: 1}\nc: &y {b: 2, d: 3}\ne:\n  <<: [*x, *y, {f: 4}]\n  d: 5\n",
            json!({"a": {"b": 1}, "c": {"b": 2, "d": 3}, "e": {"b": 1, "f": 4, "d": 5}}),
        );
        check("a: &x 1\nb: &x 2\nc: *x\n", json!({"a": 1, "b": 2, "c": 2}));
        check(
            "a: &x {b: &y [1]}\nc: &z {<<: *x}\nd: {<<: *z}\n",
            json!({"a": {"b": [1]}, "c": {"b": [1]}, "d": {"b": [1]}}),
        );
        check("a: &x {}\nb: {<<: *x}\nc: {<<: []}\n", json!({"a": {}, "b": {}, "c": {}}));
        let (_, read) = parse("x: &x {b: 1, c: 2, d: 3}\ny: {a: 0, <<: *x, c: 4, e: 5}\n");
        let keys: Vec<String> =
            read.node.unwrap().get("y").unwrap().map().unwrap().iter().map(|entry| entry.key.clone()).collect();
        assert_eq!(keys, ["a", "b", "d", "c", "e"]);
    }

    #[test]
    fn every_key_and_value_has_its_place() {
        let text = "a: 1.10 # c\n'b': \"x\\n\"\nc: &k !!str 0755\nd: &m\n  e: [f, {g: h}]\n  i:\n  - j\nk: | # > c\n\n  t|\n  u\n\nl: *k\nm: {<<: *m}\nN1:\no: p\n  q\n";
        let (sources, read) = parse(text);
        assert_eq!(read.findings, []);
        let root = read.node.unwrap();
        let place = |span: Span| (sources.line_column(span).unwrap().line, sources.slice(span));
        let check = |path: &str, key: (usize, &str), value: (usize, &str), written: Option<(usize, &str)>| {
            let entry = path
                .split('.')
                .fold(None, |at: Option<&crate::yaml::Entry>, key| at.map_or(&root, |at| &at.node).entry(key));
            let entry = entry.unwrap();
            assert_eq!((place(entry.key_span), place(entry.node.span)), (key, value), "{path}");
            assert_eq!(entry.node.defined.map(place), written, "{path}");
        };
        check("a", (1, "a"), (1, "1.10"), None);
        check("b", (2, "'b'"), (2, "\"x\\n\""), None);
        check("c", (3, "c"), (3, "!!str 0755"), None);
        check("d", (4, "d"), (5, "e: [f, {g: h}]\n  i:\n  - j"), None);
        check("d.e", (5, "e"), (5, "[f, {g: h}]"), None);
        check("d.i", (6, "i"), (7, "- j"), None);
        check("k", (8, "k"), (8, "| # > c\n\n  t|\n  u"), None);
        check("l", (13, "l"), (13, "*k"), Some((3, "!!str 0755")));
        check("m", (14, "m"), (14, "{<<: *m}"), None);
        check("m.e", (14, "*m"), (14, "*m"), Some((5, "[f, {g: h}]")));
        check("N1", (15, "N1"), (15, ""), None);
        check("o", (16, "o"), (16, "p\n  q"), None);
        let texts: Vec<_> =
            ["a", "b", "c", "d", "k", "l", "N1"].iter().map(|key| root.get(key).unwrap().text(&sources)).collect();
        assert_eq!(texts, [Some("1.10"), Some("x\n"), Some("0755"), None, Some("\nt|\nu\n"), Some("0755"), None]);
    }

    #[test]
    fn what_is_wrong_is_found_where_it_is() {
        let check = |text: &str, expect: &[&str]| assert_eq!(findings(text), expect, "{text:?}");
        check(
            "a: 1\nb: 2\na: 3\nb: 4\na: 5\n",
            &["3:1 a yaml-duplicate-key", "5:1 a yaml-duplicate-key", "4:1 b yaml-duplicate-key"],
        );
        check("a: &x {}\nb:\n  <<: *x\n  <<: *x\n", &["4:3 << yaml-duplicate-key"]);
        check("on: 1\nb: {0755: 2, ~: 3}\n", &["1:1 on yaml-trap", "2:5 0755 yaml-trap", "2:14 ~ yaml-trap"]);
        check("*.a.com: 1\n", &["1:1 *.a.com: yaml-alias"]);
        check("a: 1\n*.a.com: 1\n", &["2:1 *.a.com: yaml-alias"]);
        check("a:\n  *.a.com : 1\n  b: *c\n", &["2:3 *.a.com yaml-alias", "3:6 *c yaml-alias"]);
        check("a: */5 * * * *\n", &["1:4 */5 yaml-alias"]);
        check("a: * * *\n", &["1:4 * yaml-alias"]);
        check("a:\n  - *.x\n  - *.y\n", &["2:5 *.x yaml-alias", "3:5 *.y yaml-alias"]);
        check("a: &x\n  b: *x\n", &["2:6 *x yaml-alias"]);
        check("a: {<<: 1}\nb: {<<: [{}, x]}\n", &["1:9 1 yaml-syntax", "2:14 x yaml-syntax"]);
        check("- a\n", &["1:1  yaml-syntax"]);
        check("text", &["1:1  yaml-syntax"]);
        check("a: 1\n---\nb: 2\n", &["2:1 --- yaml-syntax"]);
        check("a:\n\t- b\n", &["2:1 \\t yaml-syntax"]);
        check("a: 1\n\tb: 2\n", &["2:1 \\t yaml-syntax"]);
        check("a:\n  b: 1\n c: 2\n", &["3:2 c yaml-syntax"]);
        check("a: 1\n b: 2\n", &["2:3 : yaml-syntax"]);
        check("a: b: c\n", &["1:5 : yaml-syntax"]);
        check("a: {{ b }}\n", &["1:5 { b } yaml-syntax"]);
        check("a: [1, 2\nb: 3\n", &["2:2 : yaml-syntax"]);
        check("a: [1}\n", &["1:4 [ yaml-syntax"]);
        check("a: \"x\n", &["1:4 \\\" yaml-syntax"]);
        check("a: 'it's'\n", &["1:8 s yaml-syntax"]);
        check("a: @b\n", &["1:4 @ yaml-syntax"]);
        check("a: \u{7}b\n", &["1:4 \\u{7} yaml-syntax"]);
        check("a\n", &["1:1  yaml-syntax"]);
        check("a: b\nc\nd: e\n", &["2:1 c yaml-syntax"]);
        check("%YAML 1.2\n---\na: 1\n", &["1:1 % yaml-syntax"]);
        check("a: !b c\n", &["1:7 c yaml-syntax"]);
        check(": a\n", &["1:1  yaml-syntax"]);
        check("a: \"\\d\"\n", &["1:4 \\\" yaml-syntax"]);
    }

    #[test]
    fn bounds_hold() {
        let check = |text: &str| {
            assert!(findings(text).iter().any(|line| line.ends_with("yaml-too-large")), "{:?}", findings(text))
        };
        check(&"[".repeat(200_000));
        check(&format!("a: {}{}", "[".repeat(64), "]".repeat(64)));
        check(&(0..70).map(|level| format!("{}a:\n", " ".repeat(level))).collect::<String>());
        check(&format!("a: &x {}1{}\nb: {}*x{}", "[".repeat(40), "]".repeat(40), "[".repeat(40), "]".repeat(40)));
        check(&format!("a: [{}]", "1,".repeat(2_100_000)));
        check(&" ".repeat((16 << 20) + 1));
        let mut laughs = "a0: &a0 [lol]\n".to_owned();
        for level in 1..30 {
            laughs += &format!("a{level}: &a{level} [{}]\n", format!("*a{},", level - 1).repeat(9));
        }
        check(&laughs);
        check(&format!("a: &a {}\nb: [{}]\n", "x".repeat(1_000_000), "*a,".repeat(1000)));
        let levels = |count: usize| format!("a: {}1{}", "[".repeat(count), "]".repeat(count));
        assert_eq!(findings(&levels(63)), Vec::<String>::new());
        assert_eq!(findings(&"a: {x: x, x: x}\n".repeat(10_000)).len(), 1000);
    }

    #[test]
    fn bytes_become_text() {
        assert_eq!(decode(b"\xef\xbb\xbfa: 1".to_vec()), Ok("a: 1".to_owned()));
        assert_eq!(decode(b"a: \xff".to_vec()), Err(3));
        assert_eq!(decode(b"\xff\xfea\0".to_vec()), Err(0));
    }
}
