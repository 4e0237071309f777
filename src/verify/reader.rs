//! The text of a template or of `values.yaml` in, its tree out: block-style YAML as this tool writes it, nothing else.
//!
//! Maps and lists in steps of two columns, plain and double-quoted scalars, literal blocks, `{}` and `[]`. A template also
//! holds expressions, whose values are put in; values files also hold lines of comment and empty lines.

use std::borrow::Cow;

use crate::verify::lines::Line;
use crate::verify::lines::Lines;
use crate::verify::lines::ReadError;
use crate::verify::node::Node;
use crate::verify::scalar::has_unsafe;
use crate::verify::scalar::plain;
use crate::verify::scalar::plain_text;
use crate::verify::scalar::quoted;
use crate::verify::scalar::without_literals;
use crate::verify::template::Scope;

/// Columns of indentation: what is deeper is no object of Kubernetes and would only fill the stack.
const DEEPEST: usize = 400;

/// Keys that are compared each with each; more are sorted.
const FEW: usize = 12;

/// The values in a file without expressions.
pub fn read_values(text: &str) -> Result<Node<'_>, ReadError> {
    Reader { lines: Lines::of(text, true)?, scope: None }.document()
}

/// The object that a template renders to in this scope.
pub fn read_template<'t>(text: &'t str, scope: &'t Scope<'t>) -> Result<Node<'t>, ReadError> {
    Reader { lines: Lines::of(text, false)?, scope: Some(scope) }.document()
}

struct Reader<'t> {
    lines: Lines<'t>,
    /// The values of a template; none in a file of values.
    scope: Option<&'t Scope<'t>>,
}

impl<'t> Reader<'t> {
    fn document(mut self) -> Result<Node<'t>, ReadError> {
        let node = match self.lines.next {
            Some(Line { indent: 0, text: "{}" }) => {
                self.lines.advance()?;
                Node::Map(Vec::new())
            }
            Some(Line { indent: 0, .. }) => self.map(0)?,
            _ => return self.error("expected a map that starts in the first column"),
        };
        match self.lines.next {
            None => Ok(node),
            Some(line) => self.error(format!("expected nothing more, found `{}`", line.text)),
        }
    }

    fn error<T>(&self, reason: impl Into<String>) -> Result<T, ReadError> {
        self.lines.error(reason)
    }

    fn place<T>(&self, result: Result<T, String>) -> Result<T, ReadError> {
        result.or_else(|reason| self.error(reason))
    }

    fn map(&mut self, indent: usize) -> Result<Node<'t>, ReadError> {
        self.refuse_depth(indent)?;
        let mut fields: Vec<(Cow<'t, str>, Node<'t>)> = Vec::new();
        while let Some(line) =
            self.lines.next.filter(|line| line.indent >= indent && !(line.indent == indent && line.is_item()))
        {
            if line.indent > indent {
                return self.error(format!("expected `{}` in column {}", line.text, indent + 1));
            }
            if line.text.starts_with("{{- with ") {
                if !fields.is_empty() {
                    return self.error("expected `{{- with` in front of the other fields");
                }
                fields.extend(self.with(line)?);
                continue;
            }
            let (key, rest) = match line.text.strip_prefix("? ") {
                Some(key) => self.long_key(key, indent)?,
                None => self.key(line.text)?,
            };
            let value = self.value(rest, indent)?;
            fields.push((key, value));
        }
        match twice(&fields) {
            Some(key) => self.error(format!("`{key}` is there twice")),
            None => Ok(Node::Map(fields)),
        }
    }

    fn refuse_depth(&self, indent: usize) -> Result<(), ReadError> {
        if indent > DEEPEST { self.error(format!("expected at most {DEEPEST} columns of indentation")) } else { Ok(()) }
    }

    /// The key of a line and what stands behind `: `.
    fn key(&self, text: &'t str) -> Result<(Cow<'t, str>, &'t str), ReadError> {
        let template = self.scope.is_some();
        let (key, behind) = if text.starts_with('"') {
            self.place(quoted(text, template))?
        } else {
            let end = colon(text).unwrap_or(text.len());
            let (key, behind) = text.split_at_checked(end).unwrap_or((text, ""));
            (self.place(plain_text(key, template))?, behind)
        };
        match behind.strip_prefix(':') {
            Some("") => Ok((key, "")),
            Some(rest) if rest.starts_with(' ') => Ok((key, rest.get(1..).unwrap_or_default())),
            _ => self.error(format!("expected `KEY: VALUE`, found `{text}`")),
        }
    }

    /// A key of more than 256 bytes, which stands in a line of its own, and what stands behind the `:` of the next.
    fn long_key(&mut self, text: &'t str, indent: usize) -> Result<(Cow<'t, str>, &'t str), ReadError> {
        let template = self.scope.is_some();
        let key =
            if text.starts_with('"') { quoted(text, template).map(|(key, _)| key) } else { plain_text(text, template) };
        let key = self.place(key)?;
        match self.lines.next_in(indent)?.and_then(|line| line.strip_prefix(':')) {
            Some(rest) => Ok((key, rest.strip_prefix(' ').unwrap_or(rest))),
            None => self.error("expected `: VALUE` below `? KEY`"),
        }
    }

    /// The value behind the key of a field in column `indent`.
    fn value(&mut self, text: &'t str, indent: usize) -> Result<Node<'t>, ReadError> {
        if !text.is_empty() {
            return self.inline(text, indent);
        }
        self.lines.advance()?;
        match self.lines.next {
            Some(line) if line.is_item() && (line.indent == indent || line.indent == indent + 2) => {
                self.list(line.indent)
            }
            Some(line) if line.indent == indent + 2 => self.map(line.indent),
            _ => self.error(format!("expected a value in column {}", indent + 3)),
        }
    }

    fn list(&mut self, indent: usize) -> Result<Node<'t>, ReadError> {
        self.refuse_depth(indent)?;
        let mut items = Vec::new();
        while let Some(line) = self.lines.next.filter(|line| line.indent == indent && line.is_item()) {
            let text = line.text.get(2..).unwrap_or_default();
            let inner = Line { indent: indent + 2, text };
            items.push(if inner.is_item() {
                self.lines.next = Some(inner);
                self.list(indent + 2)?
            } else if self.is_field(text) {
                self.lines.next = Some(inner);
                self.map(indent + 2)?
            } else {
                self.inline(text, indent)?
            });
        }
        Ok(Node::List(items))
    }

    /// Whether the text behind `- ` is the first field of a map.
    fn is_field(&self, text: &str) -> bool {
        match text.as_bytes().first() {
            Some(b'"') => quoted(text, self.scope.is_some()).is_ok_and(|(_, behind)| !behind.is_empty()),
            Some(b'{' | b'[' | b'|') => false,
            Some(b'?') => text.starts_with("? "),
            _ => colon(text).is_some(),
        }
    }

    /// A value that starts in this line; `indent` is the column of its key or dash.
    fn inline(&mut self, text: &'t str, indent: usize) -> Result<Node<'t>, ReadError> {
        let template = self.scope.is_some();
        let node = match (text.as_bytes().first(), self.scope) {
            (Some(b'|'), _) => return self.literal(text, indent),
            (Some(b'{'), _) if text == "{}" => Node::Map(Vec::new()),
            (Some(b'['), _) if text == "[]" => Node::List(Vec::new()),
            (Some(b'{'), Some(scope)) => self.place(scope.value(text, indent + 2))?,
            (Some(b'"'), _) => match self.place(quoted(text, template))? {
                (text, "") => Node::Text(text),
                (_, behind) => return self.error(format!("expected nothing behind a text, found `{behind}`")),
            },
            _ => self.place(plain(text, template))?,
        };
        self.lines.advance()?;
        Ok(node)
    }

    /// A literal block: `|`, `|-`, or `|+` in values: Helm trims the end of what it renders.
    fn literal(&mut self, header: &str, indent: usize) -> Result<Node<'t>, ReadError> {
        let mut block = String::new();
        for line in self.lines.block(indent + 2)? {
            if line.split('\t').any(has_unsafe) {
                return self.error("expected no control character in a text");
            }
            block.push_str(&self.place(without_literals(line, self.scope.is_some()))?);
            block.push('\n');
        }
        let end = block.trim_end_matches('\n').len();
        match header {
            "|-" => block.truncate(end),
            "|" => block.truncate(if end == 0 { 0 } else { end + 1 }),
            "|+" if self.scope.is_none() => {}
            _ => return self.error(format!("expected `|` or `|-`, found `{header}`")),
        }
        Ok(Node::Text(block.into()))
    }

    /// Form 6, three lines: the field it gives, if any.
    fn with(&mut self, line: Line<'t>) -> Result<Option<(Cow<'t, str>, Node<'t>)>, ReadError> {
        let Some(scope) = self.scope else { return self.error("expected no action in values") };
        let secrets = self.place(scope.pull_secrets(line.text))?;
        let Some(field) = self.lines.next_in(line.indent)? else {
            return self.error("expected a field below `{{- with`");
        };
        let (key, text) = self.key(field)?;
        if key != "imagePullSecrets" {
            return self.error(format!("expected `imagePullSecrets` below `{{{{- with`, found `{key}`"));
        }
        if text != format!("{{{{- . | toYaml | nindent {} }}}}", line.indent + 2) {
            return self
                .error(format!("expected `{{{{- . | toYaml | nindent {} }}}}`, found `{text}`", line.indent + 2));
        }
        if self.lines.next_in(line.indent)? != Some("{{- end }}") {
            return self.error("expected `{{- end }}`");
        }
        self.lines.advance()?;
        Ok(secrets.map(|secrets| (key, secrets)))
    }
}

/// Where the colon behind a plain key stands: at the end or in front of a space.
fn colon(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let ends = |at: usize| matches!(bytes.get(at + 1), None | Some(b' '));
    bytes.iter().enumerate().find(|(at, byte)| **byte == b':' && ends(*at)).map(|(at, _)| at)
}

/// A key that a map has twice.
fn twice<'a>(fields: &'a [(Cow<'_, str>, Node<'_>)]) -> Option<&'a str> {
    if fields.len() <= FEW {
        let mut pairs = fields
            .iter()
            .enumerate()
            .flat_map(|(at, (key, _))| fields.iter().take(at).map(move |(other, _)| (key, other)));
        return pairs.find(|(key, other)| key == other).map(|(key, _)| key.as_ref());
    }
    let mut keys: Vec<&str> = fields.iter().map(|(key, _)| key.as_ref()).collect();
    keys.sort_unstable();
    keys.windows(2).find(|pair| pair.first() == pair.last()).and_then(|pair| pair.first().copied())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;
    use serde_json::json;

    fn check(text: &str, expect: Result<Value, (usize, &str)>) {
        let values =
            json!({ "t": "x", "n": 3, "m": { "k": [1] }, "none": [], "some": [{ "name": "s" }], "global": {} });
        let scope = Scope(Node::of(&values));
        let found = read_template(text, &scope).map(|node| node.to_json()).map_err(|error| (error.line, error.reason));
        assert_eq!(found, expect.map_err(|(line, reason)| (line, reason.to_owned())), "{text}");
    }

    #[test]
    fn blocks_of_every_shape() {
        check("a: b\nc: {}\nd: []\n", Ok(json!({ "a": "b", "c": {}, "d": [] })));
        check("a:\n- b\n- c: 1\n  d: 2\n-  e\n", Err((5, "` e` without quotes is no text for every reader of YAML")));
        check(
            "a:\n- b\n- c: 1\n  d: 2\n- - e\n  - []\nf: g\n",
            Ok(json!({ "a": ["b", { "c": 1, "d": 2 }, ["e", []]], "f": "g" })),
        );
        check("a:\n- b:\n  - c\n  d:\n    e: f\n", Ok(json!({ "a": [{ "b": ["c"], "d": { "e": "f" } }] })));
        check("\"a: b\": \"c\\n\"\n", Ok(json!({ "a: b": "c\n" })));
        check("? \"a b\"\n: c\n? d\n:\n  e: f\n", Ok(json!({ "a b": "c", "d": { "e": "f" } })));
        check("a: |\n  b: {{ \"{{\" }}\n\n   c\nd: |-\n  e\n  f\n", Ok(json!({ "a": "b: {{\n\n c\n", "d": "e\nf" })));
        check("a:\n- |\n  b\n- c\n", Ok(json!({ "a": ["b\n", "c"] })));
        check("{}\n", Ok(json!({})));
    }

    #[test]
    fn expressions_give_values() {
        check("a: {{ .Values.t | quote }}\n", Ok(json!({ "a": "x" })));
        check("a:\n- {{ .Values.n | int64 }}\n", Ok(json!({ "a": [3] })));
        check(
            "a:\n  b: {{- .Values.m | toYaml | nindent 4 }}\nc: d\n",
            Ok(json!({ "a": { "b": { "k": [1] } }, "c": "d" })),
        );
        let with = |key: &str| {
            format!(
                "a:\n  {{{{- with (.Values.{key} | default (.Values.global).imagePullSecrets) }}}}\n  imagePullSecrets: {{{{- . | toYaml | \
                 nindent 4 }}}}\n  {{{{- end }}}}\n  b: c\n"
            )
        };
        check(&with("none"), Ok(json!({ "a": { "b": "c" } })));
        check(&with("some"), Ok(json!({ "a": { "imagePullSecrets": [{ "name": "s" }], "b": "c" } })));
        check(
            &with("some").replace("nindent 4", "nindent 6"),
            Err((3, "expected `{{- . | toYaml | nindent 4 }}`, found `{{- . | toYaml | nindent 6 }}`")),
        );
        check(&with("some").replace("- end", " end"), Err((4, "expected `{{- end }}`")));
    }

    #[test]
    fn anything_else_is_refused_with_its_line() {
        check("", Err((0, "expected a map that starts in the first column")));
        check("a: b", Err((1, "expected a line end behind the last line")));
        check("- a\n", Err((1, "expected nothing more, found `- a`")));
        check(" a: b\n", Err((1, "expected a map that starts in the first column")));
        check("a: b\na: c\n", Err((2, "`a` is there twice")));
        check("a: b\n  c: d\n", Err((2, "expected `c: d` in column 1")));
        check("a:\nb: c\n", Err((2, "expected a value in column 3")));
        check("a:\n    b: c\n", Err((2, "expected a value in column 3")));
        check("a:\n- b\n c\n", Err((3, "expected `c` in column 1")));
        check("a: b\n\nc: d\n", Err((2, "expected no empty line and no comment in a template")));
        check("# a\nb: c\n", Err((1, "expected no empty line and no comment in a template")));
        check("a\n", Err((1, "expected `KEY: VALUE`, found `a`")));
        check("a: |+\n  b\n", Err((2, "expected `|` or `|-`, found `|+`")));
        check("a: |2\n  b\n", Err((2, "expected `|` or `|-`, found `|2`")));
        check("a: \"b\" c\n", Err((1, "expected nothing behind a text, found ` c`")));
        check("a: 'b'\n", Err((1, "`'b'` without quotes is no text for every reader of YAML")));
        check("a: [b]\n", Err((1, "`[b]` without quotes is no text for every reader of YAML")));
        check("a: b {{ .Values.t }}\n", Err((1, "expected no action in a text, found `{{ .Values.t }}`")));
        check("a: b\n{{- with x }}\n", Err((2, "expected `{{- with` in front of the other fields")));
        let deep = (0..300).map(|depth| format!("{}a:\n", "  ".repeat(depth))).collect::<String>();
        check(&deep, Err((202, "expected at most 400 columns of indentation")));
        check(&format!("a: b\nc:\n{}x\n", "- ".repeat(300)), Err((3, "expected at most 400 columns of indentation")));
    }

    #[test]
    fn values_may_hold_comments_and_empty_lines() {
        let found = read_values("# a\n\nb:\n  # c\n  d: \"{{ e }}\"\nf: |+\n  g\n\n").unwrap();
        assert_eq!(found.to_json(), json!({ "b": { "d": "{{ e }}" }, "f": "g\n\n" }));
    }
}
