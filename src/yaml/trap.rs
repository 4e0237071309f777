//! Scalars that readers of YAML 1.1 and of YAML 1.2 understand differently: `on`, `0755`, `1_000`, `12:30`.

use serde_json::Number;

use crate::diagnostic::Diagnostic;
use crate::diagnostic::Place;
use crate::source::Sources;
use crate::source::Span;
use crate::yaml::Node;
use crate::yaml::Value;
use crate::yaml::scalar::Plain;
use crate::yaml::scalar::resolve;

/// The finding `yaml-trap` for an unquoted value that another reader takes for something else. Whether that matters
/// depends on what the value is for, so the caller decides: an `env` value keeps its text and has no traps.
pub fn trap(sources: &Sources, node: &Node) -> Option<Diagnostic> {
    let text = sources.slice(node.written());
    let (meaning, instead) = match (&node.value, resolve(text)) {
        (Value::List(_) | Value::Map(_), _) => return None,
        (_, Plain::Bool(value)) if !text.eq_ignore_ascii_case(&value.to_string()) => {
            (format!("`{value}` to Helm and other YAML 1.1 readers, text to YAML 1.2 readers"), value.to_string())
        }
        (_, Plain::Number(number)) if !is_common(text) => {
            (format!("the number {number} to Helm, something else to other readers"), number.to_string())
        }
        (_, Plain::NotFinite) => ("no number that Helm or JSON can hold".to_owned(), String::new()),
        (_, Plain::Text) if is_sexagesimal(text) => {
            ("text to Helm, a number of base 60 to other YAML 1.1 readers".to_owned(), String::new())
        }
        _ => return None,
    };
    let hint = match instead.as_str() {
        "" => format!("write `\"{text}\"`"),
        instead => format!("write `{instead}`, or `\"{text}\"` if it is text"),
    };
    Some(Diagnostic::error("yaml-trap", Place::Span(node.span), format!("`{text}` is {meaning}")).hint(hint))
}

/// The finding `yaml-trap` for an unquoted key that Helm's reader would turn into something else than its text.
pub(super) fn key_trap(text: &str, span: Span) -> Option<Diagnostic> {
    let becomes = match resolve(text) {
        Plain::Text => return None,
        Plain::Number(number) => match helm_key(&number) {
            Some(key) if key == text => return None,
            Some(key) => format!("would become the key `{key}`"),
            None => "would be refused".to_owned(),
        },
        Plain::Bool(value) => format!("would become the truth value `{value}`"),
        Plain::Null | Plain::NotFinite => "would be refused".to_owned(),
    };
    let message = format!("the key `{text}` is not text: in Helm's YAML reader it {becomes}");
    Some(Diagnostic::error("yaml-trap", Place::Span(span), message).hint(format!("write `\"{text}\"`")))
}

/// How `sigs.k8s.io/yaml` writes a number that is a key: Go's `FormatFloat(number, 'g', -1, 32)`.
/// `None` for what it refuses.
fn helm_key(number: &Number) -> Option<String> {
    if !number.is_f64() {
        return number.as_i64().map(|value| value.to_string());
    }
    Some(helm_float(number.as_f64()?))
}

/// The text that `sigs.k8s.io/yaml` makes of a number with a fraction or exponent where text is expected: Go's
/// `FormatFloat(value, 'g', -1, 32)`, so that `1.0` is `1` and `1e10` is `1e+10`.
pub fn helm_float(value: f64) -> String {
    let value = value as f32;
    let text = format!("{value:e}");
    let parts = text.split_once('e').and_then(|(digits, exponent)| Some((digits, exponent.parse::<i32>().ok()?)));
    match parts {
        Some((digits, exponent)) if value != 0.0 && !(-4..6).contains(&exponent) => format!("{digits}e{exponent:+03}"),
        _ => value.to_string(),
    }
}

/// Whether a number is written in a way that every reader knows: no underscore, no leading zero, and no prefix but `0x`.
fn is_common(text: &str) -> bool {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let zero = digits.strip_prefix('0').unwrap_or_default();
    !text.contains('_') && !zero.starts_with(|next: char| next.is_ascii_digit() || "oObBX".contains(next))
}

/// `[-+]?[1-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?`: YAML 1.1's base 60.
fn is_sexagesimal(text: &str) -> bool {
    let mut parts = text.strip_prefix(['+', '-']).unwrap_or(text).split('.').next().unwrap_or_default().split(':');
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit() || byte == b'_');
    let rest_is_number = text.split_once('.').is_none_or(|(_, rest)| rest.is_empty() || is_number(rest));
    let first = parts.next().unwrap_or_default();
    let tail: Vec<&str> = parts.collect();
    let is_small = |part: &&str| part.len() <= 2 && part.parse::<u8>().is_ok_and(|value| value < 60);
    is_number(first)
        && first.starts_with(|c: char| c.is_ascii_digit())
        && !tail.is_empty()
        && rest_is_number
        && tail.iter().all(is_small)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::yaml::read;

    /// The meaning and the hint of the trap in a value, both shortened; empty for none.
    fn found(written: &str) -> String {
        let mut sources = Sources::default();
        let id = sources.add("a.yaml", format!("a: {written}\n"));
        let read = read(&sources, id);
        let trap = trap(&sources, read.node.as_ref().and_then(|node| node.get("a")).unwrap());
        trap.map_or_else(String::new, |trap| trap.hint.unwrap_or_default())
    }

    #[test]
    fn values_that_readers_disagree_on_are_traps() {
        let check = |written: &str, hint: &str| assert_eq!(found(written), hint, "{written}");
        check("yes", "write `true`, or `\"yes\"` if it is text");
        check("n", "write `false`, or `\"n\"` if it is text");
        check("0755", "write `493`, or `\"0755\"` if it is text");
        check("0o17", "write `15`, or `\"0o17\"` if it is text");
        check("1_000", "write `1000`, or `\"1_000\"` if it is text");
        check("0b1", "write `1`, or `\"0b1\"` if it is text");
        check("-08", "write `-8.0`, or `\"-08\"` if it is text");
        check(".inf", "write `\".inf\"`");
        check("12:30:45", "write `\"12:30:45\"`");
        check("1:30.5", "write `\"1:30.5\"`");
        for written in ["true", "False", "null", "~", "", "1", "-1.5", "1.10", "1e3", ".5", "0x1F", "0", "0.5", "1:60"]
        {
            check(written, "");
        }
        for written in ["\"yes\"", "'0755'", "!!str 0755", "|\n  yes", "yesterday", "[yes]", "{a: on}", "8080:http"] {
            check(written, "");
        }
        check("&x yes", "write `true`, or `\"yes\"` if it is text");
    }

    #[test]
    fn keys_that_helm_changes_are_traps() {
        let span = Span { source: Sources::default().add("", ""), start: 0, end: 0 };
        for text in
            ["on", "yes", "n", "0755", "1e3", "null", "~", "true", "", "1_0", "1.10", "1.0", ".5", "0x1", ".inf"]
        {
            assert!(key_trap(text, span).is_some(), "{text}");
        }
        for text in ["1234567.5", "1.123456789", "18446744073709551615", "+1", "0.00001", "1e21", "0b1"] {
            assert!(key_trap(text, span).is_some(), "{text}");
        }
        for text in ["a", "8080", "-5", "0", "1.5", "0.25", "1.2.3", "2001-01-01", "<<", "12:30", "1e400"] {
            assert!(key_trap(text, span).is_none(), "{text}");
        }
    }
}
