//! Keys and values of labels and annotations in, whether Kubernetes takes them out.

/// What every object of a service carries already.
pub const OURS: &[&str] = &[
    "app.kubernetes.io/name",
    "app.kubernetes.io/instance",
    "app.kubernetes.io/part-of",
    "app.kubernetes.io/managed-by",
    "helm-ha.dev/checked",
];

/// `[DOMAIN/]NAME` (`IsQualifiedName` of Kubernetes' `apimachinery/pkg/util/validation`).
pub fn is_key(key: &str) -> bool {
    match key.split_once('/') {
        Some((domain, name)) => domain.len() <= 253 && domain.split('.').all(is_label) && is_name(name),
        None => is_name(key),
    }
}

/// Empty, or a name of at most 63 characters (`IsValidLabelValue`).
pub fn is_value(value: &str) -> bool {
    value.is_empty() || is_name(value)
}

fn is_name(text: &str) -> bool {
    let is_edge = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    let bytes = text.as_bytes();
    text.len() <= 63
        && is_edge(bytes.first())
        && is_edge(bytes.last())
        && bytes.iter().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(byte))
}

fn is_label(text: &str) -> bool {
    is_name(text) && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_checked_as_kubernetes_does() {
        let key = |text: &str, expect: bool| assert_eq!(is_key(text), expect, "{text}");
        key("team", true);
        key("example.com/Team_1", true);
        key("Example.com/team", false);
        key("a/b/c", false);
        key("/a", false);
        key("-a", false);
        key("", false);
        let value = |text: &str, expect: bool| assert_eq!(is_value(text), expect, "{text}");
        value("", true);
        value("a.b_c-1", true);
        value("front end", false);
        value(&"a".repeat(64), false);
    }
}
