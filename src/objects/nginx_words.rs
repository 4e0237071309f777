//! Text of users in, words of nginx' configuration out, from which nothing can break out.

use std::fmt;

use serde::Serialize;

/// A word as it stands in the configuration: quoted, or made by ourselves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Word(String);

impl Word {
    /// Our own text, in nginx' own language.
    pub fn known(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Text for a place where nginx knows no variables, such as the path of a location.
    pub fn literal(text: &str) -> Self {
        Self(format!("\"{}\"", inside(text)))
    }

    /// Text for a place where nginx replaces variables: a `$` comes from the variable `dollar`, which holds one.
    pub fn text(text: &str) -> Self {
        Self(format!("\"{}\"", inside(text).replace('$', "${dollar}")))
    }

    /// The value of a header: what would end its line is a space.
    pub fn header(text: &str) -> Self {
        let line: String = text.chars().map(|c| if c.is_control() && c != '\t' { ' ' } else { c }).collect();
        Self::text(&line)
    }

    /// Text, then our own words behind it, in one quotation.
    pub fn text_and(text: &str, own: &str) -> Self {
        Self(format!("\"{}{own}\"", inside(text).replace('$', "${dollar}")))
    }
}

impl fmt::Display for Word {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What stands between two `"`: nginx takes `\` in front of `"` and of itself away (`ngx_conf_read_token`). Its words end
/// at a NUL.
fn inside(text: &str) -> String {
    text.replace('\0', "").replace('\\', "\\\\").replace('"', "\\\"")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::plan::snippets;

    /// The first word as nginx reads it, and what follows.
    fn read(text: &str) -> (String, &str) {
        let mut word = String::new();
        let mut chars = text.strip_prefix('"').unwrap().char_indices();
        while let Some((at, c)) = chars.next() {
            match c {
                '"' => return (word, &text[at + 2..]),
                '\\' => match chars.next().unwrap().1 {
                    c @ ('"' | '\\' | '\'') => word.push(c),
                    't' => word.push('\t'),
                    'r' => word.push('\r'),
                    'n' => word.push('\n'),
                    c => word.extend(['\\', c]),
                },
                c => word.push(c),
            }
        }
        panic!("the word does not end: {text}");
    }

    proptest! {
        #[test]
        fn nothing_breaks_out(text in "(?s)([\"'\\\\$;{}#\n\r\t nrt{a]|\\PC|.){0,40}") {
            let kept = text.replace('\0', "");
            let literal = Word::literal(&text).0 + ";";
            prop_assert_eq!(read(&literal), (kept.clone(), ";"));
            prop_assert!(snippets::broken(&literal).is_none());
            let words = Word::text(&text).0 + ";";
            let (found, rest) = read(&words);
            prop_assert_eq!((found.replace("${dollar}", "$"), rest), (kept.replace("${dollar}", "$"), ";"));
            let others = found.replace("${dollar}", "").contains('$');
            prop_assert!(!others);
            prop_assert!(snippets::broken(&words).is_none());
            let ended = Word::header(&text).0.contains(['\n', '\r']);
            prop_assert!(!ended);
        }
    }
}
