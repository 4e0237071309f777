//! A plain (unquoted) scalar in, what Helm's reader makes of it out: go-yaml's YAML 1.1, `go.yaml.in/yaml/v2`.

use serde_json::Number;

/// What a plain scalar means.
#[derive(Clone, Debug, PartialEq)]
pub enum Plain {
    Null,
    Bool(bool),
    Number(Number),
    /// `.inf` and `.nan`: Helm refuses a file with one, for JSON has no such number.
    NotFinite,
    Text,
}

/// The meaning of a plain scalar. Dates and base-60 numbers are text, as they are to Helm.
pub fn resolve(text: &str) -> Plain {
    match text.as_bytes() {
        [] | [b'~'] => Plain::Null,
        [b'0'..=b'9' | b'+' | b'-' | b'.', ..] => number(text),
        [b'y' | b'Y' | b'n' | b'N' | b't' | b'T' | b'f' | b'F' | b'o' | b'O', ..] if text.len() <= 5 => word(text),
        _ => Plain::Text,
    }
}

fn word(text: &str) -> Plain {
    match text {
        "null" | "Null" | "NULL" => Plain::Null,
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => Plain::Bool(true),
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => Plain::Bool(false),
        _ => Plain::Text,
    }
}

fn number(text: &str) -> Plain {
    match text.strip_prefix(['+', '-']).unwrap_or(text) {
        ".inf" | ".Inf" | ".INF" => return Plain::NotFinite,
        ".nan" | ".NaN" | ".NAN" if text.starts_with('.') => return Plain::NotFinite,
        _ => {}
    }
    // An underscore may stand anywhere in a number; in one that begins with a dot, between two digits.
    let digits = match text.contains('_') && (!text.starts_with('.') || separates_digits(text)) {
        true => &text.replace('_', ""),
        false => text,
    };
    integer(digits).or_else(|| float(digits)).map_or(Plain::Text, Plain::Number)
}

/// Whether a digit stands on both sides of every underscore.
fn separates_digits(text: &str) -> bool {
    let mut neighbours = text.as_bytes().windows(3).filter(|bytes| matches!(bytes, [_, b'_', _]));
    !text.ends_with('_') && neighbours.all(|bytes| matches!(bytes, [b'0'..=b'9', _, b'0'..=b'9']))
}

/// Decimal, `0x`, `0o`, `0b` and, as in C, a leading zero for octal.
fn integer(digits: &str) -> Option<Number> {
    let (negative, rest) = match digits.strip_prefix(['+', '-']) {
        Some(rest) => (digits.starts_with('-'), rest),
        None => (false, digits),
    };
    let (radix, rest) = match rest.as_bytes() {
        [b'0', b'x' | b'X', ..] => (16, rest.get(2..)?),
        [b'0', b'o' | b'O', ..] => (8, rest.get(2..)?),
        [b'0', b'b' | b'B', ..] => (2, rest.get(2..)?),
        [b'0', _, ..] => (8, rest.get(1..)?),
        _ => (10, rest),
    };
    // The binary form alone takes a sign behind its prefix, `0b-1`: an oddity of go-yaml.
    let inner_sign = rest.starts_with(['+', '-']);
    if inner_sign && !digits.starts_with("0b") {
        return None;
    }
    let value = i128::from_str_radix(rest, radix).ok()?;
    let value = if negative { -value } else { value };
    u64::try_from(value).map(Number::from).or_else(|_| i64::try_from(value).map(Number::from)).ok()
}

/// `[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`, if it is finite.
fn float(digits: &str) -> Option<Number> {
    let allowed = |byte: u8| byte.is_ascii_digit() || matches!(byte, b'+' | b'-' | b'.' | b'e' | b'E');
    // Rust's grammar is the same one, plus words.
    if digits.bytes().all(allowed) { Number::from_f64(digits.parse().ok()?) } else { None }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn plain_scalars_mean_what_they_mean_to_helm() {
        let check = |text: &str, expect: serde_json::Value| {
            let found = match resolve(text) {
                Plain::Null => json!(null),
                Plain::Bool(value) => json!(value),
                Plain::Number(number) => json!(number),
                Plain::NotFinite => json!("not finite"),
                Plain::Text => json!("text"),
            };
            assert_eq!(found, expect, "{text}");
        };
        for text in ["", "~", "null", "Null", "NULL"] {
            check(text, json!(null));
        }
        for text in ["y", "Y", "yes", "YES", "on", "On", "true", "TRUE"] {
            check(text, json!(true));
        }
        for text in ["n", "N", "no", "No", "off", "OFF", "False"] {
            check(text, json!(false));
        }
        for text in ["yEs", "tRUE", "nULL", "t", "f", "o", "nan", "inf", "<<", "=", "none", "yess", "Öl"] {
            check(text, json!("text"));
        }
        for text in [".inf", "-.INF", "+.Inf", ".nan", ".NaN"] {
            check(text, json!("not finite"));
        }
        for text in ["1:30", "12:30:45", "2001-01-01", "1.2.3", "0x", "0o8", "1e400", "-", "+", ".", "+.", "-.nan"] {
            check(text, json!("text"));
        }
        for text in [
            "._5", ".5_", ".5__0", ".5_e1", "1e", "e5", ".e1", "--1", "0x-1", "0o+7", "-0b-1", "1 2", "1.5Gi", "٣",
            ".1e400",
        ] {
            check(text, json!("text"));
        }
        check("0", json!(0));
        check("+12", json!(12));
        check("-0", json!(0));
        check("0755", json!(493));
        check("-017", json!(-15));
        check("08", json!(8.0));
        check("0o17", json!(15));
        check("0X1f", json!(31));
        check("0b101", json!(5));
        check("0b-1", json!(-1));
        check("0b+1", json!(1));
        check("1_000", json!(1000));
        check("0_7", json!(7));
        check("1__0.5", json!(10.5));
        check("18446744073709551615", json!(u64::MAX));
        check("-9223372036854775808", json!(i64::MIN));
        check("18446744073709551616", json!(18446744073709551616.0));
        check("1.10", json!(1.1));
        check(".5", json!(0.5));
        check("5.", json!(5.0));
        check(".5_0e1_0", json!(5e9));
        check("+.5", json!(0.5));
        check("12e03", json!(12000.0));
        check("1E+3", json!(1000.0));
    }
}
