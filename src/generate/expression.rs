//! A values key in, the Go-template expression that reads it out.

/// V of the grammar: `.Values.a.b`, or `index .Values "a" "b.c"` when a segment is no identifier.
pub fn reference(key: &[impl AsRef<str>]) -> String {
    let mut text = String::new();
    if key.iter().all(|segment| is_identifier(segment.as_ref())) {
        text.push_str(".Values");
        for segment in key {
            text.push('.');
            text.push_str(segment.as_ref());
        }
    } else {
        text.push_str("index .Values");
        for segment in key {
            text.push(' ');
            text.push_str(&quoted(segment.as_ref()));
        }
    }
    text
}

/// The same as an argument of a function: in parentheses when it is a call.
fn argument(key: &[String], last: &str) -> String {
    let key: Vec<&str> = key.iter().map(String::as_str).chain([last]).collect();
    let text = reference(&key);
    if text.starts_with("index") { format!("({text})") } else { text }
}

/// Form 5 without `| quote`: the prefix and the image whose registry `global.imageRegistry` replaces.
pub fn image(prefix: &str, key: &[String]) -> String {
    let format = quoted(&format!("{}%s/%s:%s", prefix.replace('%', "%%")));
    let (registry, repository, tag) = (argument(key, "registry"), argument(key, "repository"), argument(key, "tag"));
    format!("printf {format} ((.Values.global).imageRegistry | default {registry}) {repository} {tag}")
}

/// Form 8 without `| quote`: the stem and eight digits of the image's digest.
pub fn job_name(stem: &str, key: &[String]) -> String {
    let format = quoted(&format!("{}%s", stem.replace('%', "%%")));
    format!("printf {format} ({} | sha256sum | trunc 8)", image("", key))
}

fn is_identifier(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// A Go string. Braces are escaped, so that `{{` always begins an expression.
fn quoted(text: &str) -> String {
    let mut quoted = String::from('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            '{' | '}' => quoted.push_str(&format!("\\x{:02x}", u32::from(c))),
            _ if c.is_control() => quoted.push_str(&format!("\\u{:04x}", u32::from(c))),
            _ => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(key: &[&str], expect: &str) {
        assert_eq!(reference(key), expect);
    }

    #[test]
    fn keys_that_are_no_identifiers_are_indexed() {
        check(&["replicas"], ".Values.replicas");
        check(&["env", "_A1"], ".Values.env._A1");
        check(&["env", "cluster.name"], r#"index .Values "env" "cluster.name""#);
        check(&["env", "1"], r#"index .Values "env" "1""#);
        check(&["env", ""], r#"index .Values "env" """#);
        check(&["env", "a\"{{\\\n"], r#"index .Values "env" "a\"\x7b\x7b\\\u000a""#);
    }

    #[test]
    fn images_and_jobs() {
        let key = ["init", "migrate-it", "image"].map(str::to_owned);
        let (a, b, c) = (
            r#"(index .Values "init" "migrate-it" "image" "registry")"#,
            r#"(index .Values "init" "migrate-it" "image" "repository")"#,
            r#"(index .Values "init" "migrate-it" "image" "tag")"#,
        );
        let expect = format!(r#"printf "--x=100%%%s/%s:%s" ((.Values.global).imageRegistry | default {a}) {b} {c}"#);
        assert_eq!(image("--x=100%", &key), expect);
        let expect = "printf \"db-once-01234567-%s\" (printf \"%s/%s:%s\" ((.Values.global).imageRegistry | default \
                      .Values.image.registry) .Values.image.repository .Values.image.tag | sha256sum | trunc 8)";
        assert_eq!(job_name("db-once-01234567-", &["image".to_owned()]), expect);
    }
}
