//! The text of a plain or double-quoted scalar in, its value out. Strict: what two readers of YAML could take for
//! different things is an error.

use std::borrow::Cow;

use crate::verify::node::Node;

/// How a template writes the two braces that stand in a text.
const LITERAL: &str = "{{ \"{{\" }}";

/// The value of a plain scalar. Numbers are those of JSON; a text that a YAML 1.1 reader takes for something else
/// is an error.
pub fn plain(text: &str, template: bool) -> Result<Node<'_>, String> {
    match text {
        "null" => return Ok(Node::Null),
        "true" => return Ok(Node::Bool(true)),
        "false" => return Ok(Node::Bool(false)),
        _ => {}
    }
    let numeric = text.starts_with(|first: char| first.is_ascii_digit() || first == '-');
    if numeric && let Ok(number) = text.parse() {
        return Ok(Node::Number(number));
    }
    plain_text(text, template).map(Node::Text)
}

/// The text of a plain scalar that nothing takes for anything but a text: what a key must be.
pub fn plain_text(text: &str, template: bool) -> Result<Cow<'_, str>, String> {
    let text = without_literals(text, template)?;
    if is_word(&text) || is_text(&text) && !is_ambiguous(&text) {
        return Ok(text);
    }
    Err(format!("`{text}` without quotes is no text for every reader of YAML"))
}

/// Letters, digits, `-`, `_`, `.` and `/` behind a letter, and none of the words that YAML 1.1 reads as something else.
fn is_word(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'/'))
        && !is_yaml_word(text)
}

fn is_yaml_word(text: &str) -> bool {
    const WORDS: [&str; 9] = ["y", "n", "yes", "no", "on", "off", "true", "false", "null"];
    text.len() <= 5 && WORDS.iter().any(|word| text.eq_ignore_ascii_case(word))
}

/// Whether a plain scalar may look like this: it begins with a letter, digit or `/` (YAML 1.1, section 9.1.3).
fn is_text(text: &str) -> bool {
    let pair = |bytes: &[u8]| matches!(bytes, b": " | b" #");
    text.starts_with(|first: char| first.is_alphanumeric() || first == '/')
        && !text.ends_with([' ', ':'])
        && !text.as_bytes().windows(2).any(pair)
        && !has_unsafe(text)
}

/// Whether some reader takes it for a bool, null, number or date.
fn is_ambiguous(text: &str) -> bool {
    let number = |byte: u8| byte.is_ascii_hexdigit() || b"_.:+-xXoOtTzZ ".contains(&byte);
    is_yaml_word(text) || text.starts_with(|first: char| first.is_numeric()) && text.bytes().all(number)
}

/// Whether the text holds a character that must be escaped.
pub fn has_unsafe(text: &str) -> bool {
    !text.bytes().all(|byte| (b' '..=b'~').contains(&byte)) && text.chars().any(is_unsafe)
}

/// Characters that a reader of YAML refuses or takes for a line end when they are not escaped.
fn is_unsafe(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}')
}

/// The text of a double-quoted scalar and what stands behind its closing quote.
pub fn quoted(text: &str, template: bool) -> Result<(Cow<'_, str>, &str), String> {
    let inner = text.strip_prefix('"').ok_or("expected `\"`")?;
    let is_special = |byte: u8| matches!(byte, b'"' | b'\\') || template && byte == b'{';
    let mut whole = Cow::Borrowed("");
    let mut rest = inner;
    loop {
        let at = rest.bytes().position(is_special).ok_or("expected `\"` at the end of the text")?;
        let (before, from) = rest.split_at_checked(at).unwrap_or((rest, ""));
        if has_unsafe(before) {
            return Err(format!("expected no control character in `{before}`"));
        }
        if whole.is_empty() {
            whole = before.into()
        } else {
            whole.to_mut().push_str(before)
        }
        if let Some(behind) = from.strip_prefix('"') {
            return Ok((whole, behind));
        }
        if let Some(escaped) = from.strip_prefix('\\') {
            let (c, behind) = escape(escaped)?;
            whole.to_mut().push(c);
            rest = behind;
        } else if let Some(behind) = from.strip_prefix(LITERAL) {
            whole.to_mut().push_str("{{");
            rest = behind;
        } else if from.starts_with('{') && !from.starts_with("{{") {
            whole.to_mut().push('{');
            rest = from.get(1..).unwrap_or_default();
        } else {
            return Err(format!("expected no action in a text, found `{from}`"));
        }
    }
}

/// The character of an escape sequence and what stands behind it (those that Go's reader knows).
fn escape(text: &str) -> Result<(char, &str), String> {
    let mut chars = text.chars();
    let wrong = || format!("`\\{}` is no escape sequence", text.chars().next().unwrap_or(' '));
    let c = match chars.next().ok_or_else(wrong)? {
        '0' => '\0',
        'a' => '\u{7}',
        'b' => '\u{8}',
        't' => '\t',
        'n' => '\n',
        'v' => '\u{b}',
        'f' => '\u{c}',
        'r' => '\r',
        'e' => '\u{1b}',
        '"' => '"',
        '\\' => '\\',
        kind @ ('x' | 'u' | 'U') => {
            let length = match kind {
                'x' => 2,
                'u' => 4,
                _ => 8,
            };
            let digits = chars.as_str().get(..length).filter(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()));
            let code = u32::from_str_radix(digits.ok_or_else(wrong)?, 16).map_err(|_| wrong())?;
            return Ok((char::from_u32(code).ok_or_else(wrong)?, chars.as_str().get(length..).unwrap_or_default()));
        }
        _ => return Err(wrong()),
    };
    Ok((c, chars.as_str()))
}

/// The text with `{{` for each literal of them; any other action is an error.
pub fn without_literals(text: &str, template: bool) -> Result<Cow<'_, str>, String> {
    if !template || !text.contains("{{") {
        return Ok(text.into());
    }
    let mut whole = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, from)) = rest.find("{{").map(|at| rest.split_at(at)) {
        rest = from.strip_prefix(LITERAL).ok_or_else(|| format!("expected no action in a text, found `{from}`"))?;
        whole.push_str(before);
        whole.push_str("{{");
    }
    whole.push_str(rest);
    Ok(whole.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;
    use serde_json::json;

    fn check(text: &str, expect: impl Into<Option<Value>>) {
        let found = match text.starts_with('"') {
            true => quoted(text, true).map(|(text, rest)| json!([text, rest])),
            false => plain(text, true).map(|node| node.to_json()),
        };
        assert_eq!(found.ok(), expect.into(), "{text}");
    }

    #[test]
    fn plain_scalars_mean_one_thing() {
        for text in ["a", "a b", "a-b/c.d", "/x", "10.0.0.0/8", "1.5Gi", "100m", "a:b", "a#b", "ä", "a {b}"] {
            check(text, json!(text));
        }
        check("0", json!(0));
        check("-12", json!(-12));
        check("0.5", json!(0.5));
        check("18446744073709551615", json!(u64::MAX));
        check("null", json!(null));
        check("true", json!(true));
        check("a {{ \"{{\" }} b", json!("a {{ b"));
        check("a {{ \"{{\" }}{", json!("a {{{"));
    }

    #[test]
    fn what_readers_disagree_on_is_refused() {
        for text in [
            "y",
            "N",
            "yes",
            "Off",
            "oN",
            "True",
            "NULL",
            "~",
            "0755",
            "0x1F",
            "0o7",
            "0b1",
            "1_000",
            ".5",
            "5.",
            "+1",
            "+.inf",
            ".NaN",
            "1:30",
            "2001-01-01",
            "2001-12-14t21:59:43.10-05:00",
            "1.2.3",
            "-x",
            "--x",
            "=",
            "<<",
            "---",
            "...",
            "",
            " a",
            "a ",
            "a: b",
            "a:",
            "a #b",
            "- a",
            "-",
            "? a",
            "[a]",
            "{a}",
            "#a",
            "&a",
            "*a",
            "!a",
            "|",
            ">",
            "'a'",
            "%a",
            "@a",
            "`a",
            "a\tb",
            "a\u{85}",
            "a {{ .Values.x }}",
            "a {{",
            "{{ \"{{\" }}",
        ] {
            check(text, None);
        }
    }

    #[test]
    fn quoted_scalars() {
        check(r#""""#, json!(["", ""]));
        check(r#""a b": c"#, json!(["a b", ": c"]));
        check(r#""\"\\\n\t\x41\u00e4\U0001F600\0""#, json!(["\"\\\n\tAä😀\0", ""]));
        check(r#""a {{ "{{" }}{ } {x} \"" y"#, json!(["a {{{ } {x} \"", " y"]));
        for text in [
            "\"",
            "\"a",
            "\"\\",
            "\"\\/\"",
            "\"\\xZZ\"",
            "\"\\ud800\"",
            "\"\\u12\"",
            "\"a\tb\"",
            "\"a\u{2028}\"",
            "\"{{ .Values.x }}\"",
        ] {
            check(text, None);
        }
    }
}
