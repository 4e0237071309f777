//! A string in, the scalar that every reader of YAML 1.1 and 1.2 understands as that string out.

use std::fmt::Write;

/// What the written text is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// Read as YAML.
    Yaml,
    /// A Helm template, read as YAML after it is rendered.
    Template,
}

/// How a string is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    Plain,
    /// Behind the header `|-`, `|` or `|+`, one line each.
    Literal(&'static str),
    Quoted,
}

/// Renders to `{{`.
const BRACES: &str = r#"{{ "{{" }}"#;
/// Helm removes these words from whatever it has rendered.
const NO_VALUE: &str = "<no value>";

/// The most readable style that is safe for a value; a key is never literal.
pub fn style(text: &str, target: Target) -> Style {
    if target == Target::Template && text.contains(NO_VALUE) {
        Style::Quoted
    } else if is_plain(text) {
        Style::Plain
    } else {
        literal(text, target).map_or(Style::Quoted, Style::Literal)
    }
}

/// Appends a text as it is, save that in a template each `{{` is written as an action.
pub fn push_raw(out: &mut String, text: &str, target: Target) {
    push_parts(out, text, target, |out, part| out.push_str(part));
}

/// Appends a text in double quotes, escaped as in JSON save that `\x` and `\U` are used.
pub fn push_quoted(out: &mut String, text: &str, target: Target) {
    out.push('"');
    push_parts(out, text, target, |out, part| push_escaped(out, part, target));
    out.push('"');
}

fn push_parts(out: &mut String, text: &str, target: Target, mut push: impl FnMut(&mut String, &str)) {
    if target == Target::Yaml {
        return push(out, text);
    }
    for (position, part) in text.split("{{").enumerate() {
        if position > 0 {
            out.push_str(BRACES);
        }
        push(out, part);
    }
}

fn push_escaped(out: &mut String, text: &str, target: Target) {
    let mut rest = text;
    while let Some(at) = rest.bytes().position(|byte| !matches!(byte, b' '..=b'~') || b"\"\\<".contains(&byte)) {
        let (before, from) = rest.split_at(at);
        let Some(c) = from.chars().next() else { break };
        out.push_str(before);
        rest = from.get(c.len_utf8()..).unwrap_or_default();
        // Writing to a string cannot fail.
        let _ = match c {
            '"' => out.write_str("\\\""),
            '\\' => out.write_str("\\\\"),
            '\n' => out.write_str("\\n"),
            '\r' => out.write_str("\\r"),
            '\t' => out.write_str("\\t"),
            '<' if target == Target::Template && from.starts_with(NO_VALUE) => out.write_str("\\x3c"),
            c if is_printable(c) => out.write_char(c),
            '\0'..='\u{ff}' => write!(out, "\\x{:02x}", u32::from(c)),
            '\0'..='\u{ffff}' => write!(out, "\\u{:04x}", u32::from(c)),
            _ => write!(out, "\\U{:08x}", u32::from(c)),
        };
    }
    out.push_str(rest);
}

/// Whether a character may stand in a text as it is: every reader takes it, and people see it.
/// Not so control characters, line ends of YAML 1.1, marks of direction and of no width, and non-characters.
pub fn is_printable(c: char) -> bool {
    match c {
        ' '..='~' => true,
        '\0'..='\u{9f}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' => false,
        '\u{2060}'..='\u{206f}' | '\u{fdd0}'..='\u{fdef}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' => false,
        '\u{e0000}'..='\u{e0fff}' => false,
        c => u32::from(c) & 0xfffe != 0xfffe,
    }
}

/// Whether a text needs no quotes, neither as a value nor as a key. When in doubt it does.
fn is_plain(text: &str) -> bool {
    let starts_well = match text.chars().next() {
        Some('0'..='9') => !is_numeric(text),
        Some(first) => first.is_alphabetic() || first == '/',
        None => false,
    };
    if !starts_well || text.ends_with([' ', ':']) || is_word(text) {
        return false;
    }
    !text.as_bytes().windows(2).any(|pair| matches!(pair, b" #" | b": "))
        && is_all(text, |c| is_printable(c) && (c == ' ' || !c.is_whitespace()))
}

/// Whether all characters fit, as printable ASCII always does: that is seen many times faster.
fn is_all(text: &str, fits: impl Fn(char) -> bool) -> bool {
    text.bytes().all(|byte| matches!(byte, b' '..=b'~')) || text.chars().all(fits)
}

/// Words that are truth values, null or numbers to some reader, in whatever case.
fn is_word(text: &str) -> bool {
    const WORDS: [&str; 11] = ["y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan", "inf"];
    text.len() <= 5 && WORDS.iter().any(|word| word.eq_ignore_ascii_case(text))
}

/// Whether a text that begins with a digit could be a number, of base 60 too, or a time to some reader.
fn is_numeric(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_hexdigit() || b"xXoOtTzZ_+-.,: ".contains(&byte))
}

/// The header for a text of several lines that a literal block represents exactly, without an indentation indicator
/// and without white space at the end of a line, which people do not see and editors remove.
fn literal(text: &str, target: Target) -> Option<&'static str> {
    let body = text.trim_end_matches('\n');
    let header = match text.len() - body.len() {
        0 => "|-",
        1 => "|",
        // Helm trims what it has rendered.
        _ if target == Target::Template => return None,
        _ => "|+",
    };
    let is_block = text.contains('\n')
        && body.trim_start_matches('\n').starts_with(|first: char| first != ' ' && first != '\t')
        && body.split('\n').all(|line| !line.ends_with([' ', '\t']))
        && is_all(text, |c| is_printable(c) || matches!(c, '\n' | '\t'));
    is_block.then_some(header)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_are_written_in_the_most_readable_safe_style() {
        let check = |text: &str, expect: Style| assert_eq!(style(text, Target::Yaml), expect, "{text:?}");
        for text in
            ["a", "nginx:1.28", "/data", "500m", "2Gi", "30s", "a b", "Überblick", "http://a.b/c?d=e#f", "10.0.0.0/8"]
        {
            check(text, Style::Plain);
        }
        for text in
            ["yesterday", "none", "a: b".trim_end_matches(": b"), "x{{y}}", "it's", "a \"b\"", "v1", "e3", "a#b", "a:b"]
        {
            check(text, Style::Plain);
        }
        for text in [
            "",
            " ",
            "y",
            "NO",
            "On",
            "off",
            "True",
            "null",
            "~",
            "nan",
            "1",
            "1.2.3",
            "0755",
            "1_000",
            "12:30",
            "2001-01-01",
        ] {
            check(text, Style::Quoted);
        }
        for text in [
            "a: b", "a:", "a #b", "a ", " a", "- a", "-a", "---", "...", "*a", "&a", "!a", "|", ">", "%a", "@a", "`a`",
            "{{ a }}",
        ] {
            check(text, Style::Quoted);
        }
        for text in [
            "a\tb",
            "a\u{7f}",
            "a\u{85}b",
            "a\u{a0}b",
            "a\u{2028}b",
            "a\u{202e}b",
            "\u{feff}a",
            "a\u{ffff}",
            "=",
            "<<",
            ".5",
            "1e3",
            "0x1F",
        ] {
            check(text, Style::Quoted);
        }
        check("a\nb", Style::Literal("|-"));
        check("a\n b\n", Style::Literal("|"));
        check("\na\n\n\tb\n", Style::Literal("|"));
        check("#!/bin/sh\n---\n", Style::Literal("|"));
        check("a\n\n", Style::Literal("|+"));
        for text in [
            "\n",
            "\n\n",
            " a\nb",
            "\ta\nb",
            "\n a\n",
            "a \nb",
            "a\n \nb",
            "a\r\nb",
            "a\u{0}\nb",
            "a\u{85}\n",
            "a\nb\t",
        ] {
            check(text, Style::Quoted);
        }
        assert_eq!(style("a\n\n", Target::Template), Style::Quoted);
        assert_eq!(style("a <no value> b", Target::Template), Style::Quoted);
        assert_eq!(style("a <no value> b", Target::Yaml), Style::Plain);
    }

    #[test]
    fn quoted_text_is_escaped() {
        let check = |text: &str, target: Target, expect: &str| {
            let mut out = String::new();
            push_quoted(&mut out, text, target);
            assert_eq!(out, expect);
        };
        check("a\"\\/\n\r\t\0\u{1b}\u{7f}\u{85}", Target::Yaml, r#""a\"\\/\n\r\t\x00\x1b\x7f\x85""#);
        check("\u{2028}\u{feff}ü😀\u{1ffff}", Target::Yaml, r#""\u2028\ufeffü😀\U0001ffff""#);
        check("{{ <no value>", Target::Yaml, r#""{{ <no value>""#);
        check("\"{{{{{ x }}", Target::Template, r#""\"{{ "{{" }}{{ "{{" }}{ x }}""#);
        check("<<no value>", Target::Template, r#""<\x3cno value>""#);
    }
}
