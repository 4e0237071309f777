//! The text of the guard in, the release that it lets pass out.

/// The one release that a chart may be installed as.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Guard {
    pub release: String,
    pub namespace: String,
}

/// Reads the three lines of the guard; anything else is an error.
pub fn read_guard(text: &str) -> Result<Guard, String> {
    let lines: Vec<&str> = text.lines().collect();
    let [condition, message, "{{- end }}"] = lines.as_slice() else {
        return Err("expected a condition, a message and `{{- end }}`".to_owned());
    };
    let (release, namespace) = condition
        .strip_prefix("{{- if or (and (ne .Release.Name \"")
        .and_then(|rest| rest.strip_suffix("\") }}"))
        .and_then(|rest| rest.split_once("\") (ne .Release.Name \"test-release\")) (ne .Release.Namespace \""))
        .filter(|(release, namespace)| is_name(release) && is_name(namespace))
        .ok_or_else(|| format!("expected the comparison of the release with its name, found `{condition}`"))?;
    message
        .strip_prefix("{{- fail (printf \"")
        .and_then(|rest| rest.strip_suffix("\" .Release.Name .Release.Namespace) }}"))
        .filter(|text| {
            !text.contains(['"', '\\', '{']) && text.matches('%').count() == 2 && text.matches("%s").count() == 2
        })
        .ok_or_else(|| format!("expected a message with the release that was found, found `{message}`"))?;
    Ok(Guard { release: release.to_owned(), namespace: namespace.to_owned() })
}

fn is_name(text: &str) -> bool {
    !text.is_empty()
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "{{- if or (and (ne .Release.Name \"a\") (ne .Release.Name \"test-release\")) (ne .Release.Namespace \
                        \"b\") }}\n{{- fail (printf \"not `%s` in `%s`\" .Release.Name .Release.Namespace) }}\n{{- end }}\n";

    fn check(text: &str, expect: Option<(&str, &str)>) {
        let found = read_guard(text).ok();
        assert_eq!(found.as_ref().map(|guard| (guard.release.as_str(), guard.namespace.as_str())), expect, "{text}");
    }

    #[test]
    fn only_the_guard_is_read() {
        check(TEXT, Some(("a", "b")));
        check("", None);
        for (from, to) in
            [("ne .Release.Namespace", "eq .Release.Namespace"), ("\"b\"", "\"b\" \"c\""), ("%s", "%d"), ("end", "END")]
        {
            check(&TEXT.replacen(from, to, 1), None);
        }
    }
}
