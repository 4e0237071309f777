//! A text with `$(NAME)` in, the names out, as Kubernetes reads it (`third_party/forked/golang/expansion`).

/// The names in order; `$$` is a dollar sign.
pub fn named(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some((_, behind)) = rest.split_once('$') {
        rest = behind.strip_prefix('$').unwrap_or(behind);
        if let Some((name, after)) = behind.strip_prefix('(').and_then(|inside| inside.split_once(')')) {
            found.push(name);
            rest = after;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found() {
        let check = |text: &str, expect: &[&str]| assert_eq!(named(text), expect, "{text}");
        check("a", &[]);
        check("$(A):$(B)", &["A", "B"]);
        check("$$(A) $A ${B} $(C", &[]);
        check("$$$(A)", &["A"]);
    }
}
