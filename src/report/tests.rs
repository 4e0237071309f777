//! Findings and the very text and JSON that they become.

use proptest::prelude::*;

use super::*;
use crate::diagnostic::FieldPath;

fn span(sources: &Sources, name: &str, wanted: &str) -> Span {
    let (id, source) = sources.iter().find(|(_, source)| source.name == name).unwrap();
    let start = source.text.find(wanted).unwrap();
    Span { source: id, start, end: start + wanted.len() }
}

fn plain(sources: &Sources, findings: &[Diagnostic], advice: Advice) -> String {
    let style = Style { colours: false, width: Some(80) };
    let text = Report::new(sources, findings, &|_| None, advice).human(style);
    text.lines().map(|line| line.trim_end().to_owned() + "\n").collect()
}

#[test]
fn findings_are_sorted_with_place_label_and_hint() {
    let mut sources = Sources::default();
    sources.add("base.yaml", "services:\n  web:\n    ports: { prot: 80 }\n");
    sources.add("staging.yaml", "gateways:\n  lan: 10.0.0.1\nname: x\n");
    let at = |name, wanted| Place::Span(span(&sources, name, wanted));
    let findings = [
        Diagnostic::error(
            "record-too-large",
            Place::Whole,
            "the release record is 1.2 MiB, at most 1 MiB was expected",
        )
        .hint("split the services over two clusters"),
        Diagnostic::advice("slow-failover", at("staging.yaml", "name"), "a node's death is noticed late"),
        Diagnostic::warning("late", at("base.yaml", "prot"), "late"),
        Diagnostic::error("unknown-key", at("base.yaml", "prot"), "unknown key `prot`").hint("did you mean `port`?"),
        Diagnostic::error("address-taken", Place::Field(FieldPath::of(["gateways", "lan"])), "`10.0.0.1` is a node's")
            .label(at("base.yaml", "web"), "used by this service")
            .label(at("staging.yaml", "10.0.0.1"), "the gateway")
            .label(Place::Key(FieldPath::of(["nodes", "a"])), "the node"),
    ];
    assert_eq!(
        plain(&sources, &findings, Advice::Counted),
        "\
error[unknown-key]: unknown key `prot`
 --> base.yaml:3:14
  |
3 |     ports: { prot: 80 }
  |              ^^^^
  |
  = help: did you mean `port`?

warning[late]: late
 --> base.yaml:3:14
  |
3 |     ports: { prot: 80 }
  |              ^^^^

error[address-taken]: `10.0.0.1` is a node's
 --> base.yaml:2:3
  |
2 |   web:
  |   --- used by this service
  |
 ::: staging.yaml:2:8
  |
2 |   lan: 10.0.0.1
  |        -------- the gateway
  |
  = note: at `gateways.lan`
  = note: the node (`nodes.a`)

error[record-too-large]: the release record is 1.2 MiB, at most 1 MiB was expected
 |
 = help: split the services over two clusters

3 errors, 1 warning, 1 piece of advice (`helm ha lint` shows it)
"
    );
    assert!(plain(&sources, &findings, Advice::Listed).contains("advice[slow-failover]: a node's death"));
}

#[test]
fn what_an_anchor_brings_to_several_places_is_one_finding() {
    let mut sources = Sources::default();
    let id = sources.add("a.yaml", "a: &x { prot: 1 }\n");
    let locate = |_: &Place| Some(Span { source: id, start: 8, end: 12 });
    let findings = ["b", "c"]
        .map(|key| Diagnostic::error("unknown-key", Place::Key(FieldPath::of([key, "prot"])), "unknown key `prot`"));
    let report = Report::new(&sources, &findings, &locate, Advice::Listed);
    assert_eq!(report.summary(), Summary { errors: 1, warnings: 0, advice: 0 });
    assert_eq!(Report::new(&sources, &[], &locate, Advice::Counted).human(Style::default()), "");
}

#[test]
fn awkward_text_is_shown_at_its_place() {
    let check = |text: &str, wanted: &str, expect: &str| {
        let mut sources = Sources::default();
        sources.add("a\u{1b}.yaml", text);
        let place = Place::Span(span(&sources, "a\u{1b}.yaml", wanted));
        let shown = plain(&sources, &[Diagnostic::error("c", place, "m")], Advice::Listed);
        assert_eq!(shown.split("\n\n").next().unwrap().trim_start_matches("error[c]: m\n").trim_start(), expect);
    };
    check("a: 1\r\n\tb: x\r\n", "x", "--> a␛.yaml:2:5\n  |\n2 |     b: x\n  |        ^");
    check("世界: \u{1b}[2J x\n", "x", "--> a␛.yaml:1:10\n  |\n1 | 世界: ␛[2J x\n  |            ^");
    check("a:\n  b: 1\n  c: 2\n", "b: 1\n  c: 2", "--> a␛.yaml:2:3\n  |\n2 |   b: 1\n  |   ^^^^");
    check("", "", "--> a␛.yaml:1:1\n  |\n1 |\n  | ^");
    check(&format!("{}x\n", "é".repeat(3000)), "x", "--> a␛.yaml:1:3001");
    let long = format!("a: {}\nb\n", "v".repeat(1 << 20));
    let cut = format!("1 | a: {}...{}\n  | {}...{}", "v".repeat(22), "v".repeat(25), "^".repeat(25), "^".repeat(25));
    check(&long, long.trim_end_matches("\nb\n"), &format!("--> a␛.yaml:1:1\n  |\n{cut}"));
}

#[test]
fn json_has_every_key_and_escapes_what_terminals_obey() {
    let mut sources = Sources::default();
    let id = sources.add("a.yaml", "a: ä b\n");
    let place = Place::Span(Span { source: id, start: 6, end: 7 });
    let finding = Diagnostic::error("c", place, "m \u{9b}").label(Place::Field(FieldPath::of(["a"])), "l");
    let report = Report::new(&sources, std::slice::from_ref(&finding), &|_| None, Advice::Counted).json();
    assert!(report.contains("m \\u009b"));
    assert_eq!(
        serde_json::from_str::<serde_json::Value>(&report).unwrap(),
        serde_json::json!({
            "findings": [{
                "code": "c", "severity": "error", "message": "m \u{9b}", "path": null,
                "file": "a.yaml", "line": 1, "column": 6, "hint": null,
                "labels": [{ "message": "l", "path": "a", "file": null, "line": null, "column": null }],
            }],
            "summary": { "errors": 1, "warnings": 0, "advice": 0 },
        })
    );
}

proptest! {
    /// Whatever the reader hands over: nothing panics, and the only control character that comes out is the line break.
    #[test]
    fn any_text_and_any_span_can_be_shown(
        texts in prop::collection::vec("[a-c\u{1b}\u{9b}\u{202e}\t\r\n é世]{0,40}", 1..3),
        places in prop::collection::vec((0..4_u32, 0..50_usize, 0..50_usize), 1..4),
    ) {
        let mut sources = Sources::default();
        texts.iter().for_each(|text| { sources.add(text.clone(), text.clone()); });
        let place = |(source, start, end)| Place::Span(Span { source: crate::source::SourceId(source), start, end });
        let mut finding = Diagnostic::error("c", Place::Whole, texts[0].clone()).hint(texts[0].clone());
        for (number, at) in places.into_iter().enumerate() {
            match number {
                0 => finding.place = place(at),
                _ => finding = finding.label(place(at), texts[0].clone()),
            }
        }
        let findings = [finding];
        let report = Report::new(&sources, &findings, &|_| None, Advice::Listed);
        let text = report.human(Style { colours: false, width: Some(80) });
        prop_assert_eq!(visible(&text, &['\n']).into_owned(), text);
        prop_assert!(serde_json::from_str::<serde_json::Value>(&report.json()).is_ok());
    }
}
