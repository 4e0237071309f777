//! A tree in, block YAML as `kubectl` writes it out: two spaces, lists in the column of their key.
//!
//! ```yaml
//! # A comment, above its key.
//! ports:
//! - name: http
//!   port: 80
//! script: |
//!   echo "first"
//!   echo "second"
//! ```

use serde_json::Number;
use serde_json::Value;

use crate::yaml::Content;
use crate::yaml::Field;
use crate::yaml::Tree;
use crate::yaml::quote::Style;
use crate::yaml::quote::Target;
use crate::yaml::quote::is_printable;
use crate::yaml::quote::push_quoted;
use crate::yaml::quote::push_raw;
use crate::yaml::quote::style;

/// Columns that a comment fills.
const WIDTH: usize = 100;
/// Longer keys, in bytes, are written behind `? `: a reader looks 1024 characters ahead for the `:` of any other.
const LONG_KEY: usize = 256;

/// The text of a file that is read as YAML.
pub fn write(tree: &Tree) -> String {
    let mut writer = Writer::new(Target::Yaml);
    writer.tree(tree, 0, After::Nothing);
    writer.out
}

/// The same of a plain value.
pub fn write_json(value: &Value) -> String {
    let mut writer = Writer::new(Target::Yaml);
    writer.json(value, 0, After::Nothing);
    writer.out
}

/// The text of a Helm template. Only what stands as finished text in the tree is code: every `{{` in keys, strings and
/// comments is written as `{{ "{{" }}`, so that rendering gives it back.
pub fn write_template(tree: &Tree) -> String {
    let mut writer = Writer::new(Target::Template);
    writer.tree(tree, 0, After::Nothing);
    writer.quote_last();
    writer.out
}

struct Writer<'a> {
    out: String,
    target: Target,
    /// Whether the next line goes on behind a `-`.
    inline: bool,
    /// The last literal block: where its header begins, where it ends, and its text.
    literal: Option<(usize, usize, &'a str)>,
}

/// What stands on the line before a value.
#[derive(Clone, Copy, PartialEq, Eq)]
enum After {
    Nothing,
    Key,
    Dash,
}

impl<'a> Writer<'a> {
    fn new(target: Target) -> Self {
        Self { out: String::with_capacity(2048), target, inline: false, literal: None }
    }

    /// Writes a value behind the key or `-` in column `indent`.
    fn tree(&mut self, tree: &'a Tree<'a>, indent: usize, after: After) {
        match tree {
            Tree::Json(value) => self.json(value, indent, after),
            Tree::Verbatim(text) => self.scalar(after, |writer| writer.out.push_str(text)),
            Tree::List(items) if items.is_empty() => self.scalar(after, |writer| writer.out.push_str("[]")),
            Tree::Map(fields) if fields.is_empty() => self.scalar(after, |writer| writer.out.push_str("{}")),
            Tree::List(items) => {
                let column = self.begin_list(indent, after);
                for item in items {
                    self.dash(column);
                    self.tree(item, column, After::Dash);
                }
            }
            Tree::Map(fields) => {
                let column = self.begin_map(indent, after);
                fields.iter().for_each(|field| self.field(field, column));
            }
        }
    }

    fn json(&mut self, value: &'a Value, indent: usize, after: After) {
        match value {
            Value::Null => self.scalar(after, |writer| writer.out.push_str("null")),
            Value::Bool(value) => {
                self.scalar(after, |writer| writer.out.push_str(if *value { "true" } else { "false" }))
            }
            Value::Number(number) => self.scalar(after, |writer| writer.number(number)),
            Value::String(text) => self.scalar(after, |writer| writer.text(text, indent + 2)),
            Value::Array(items) if items.is_empty() => self.scalar(after, |writer| writer.out.push_str("[]")),
            Value::Object(map) if map.is_empty() => self.scalar(after, |writer| writer.out.push_str("{}")),
            Value::Array(items) => {
                let column = self.begin_list(indent, after);
                for item in items {
                    self.dash(column);
                    self.json(item, column, After::Dash);
                }
            }
            Value::Object(map) => {
                let column = self.begin_map(indent, after);
                for (key, value) in map {
                    self.key(key, column);
                    self.json(value, column, After::Key);
                }
            }
        }
    }

    fn field(&mut self, field: &'a Field<'a>, column: usize) {
        if !field.comment.is_empty() {
            self.comment(&field.comment, column);
        }
        let count = |text: &str| text.replace(" INDENT ", &format!(" {} ", column + 2));
        match &field.content {
            Content::Value(tree) => {
                self.key(&field.key, column);
                self.tree(tree, column, After::Key);
            }
            Content::Behind(text) => {
                self.key(&field.key, column);
                self.scalar(After::Key, |writer| writer.out.push_str(&count(text)));
            }
            Content::Lines(lines) => {
                self.leave_dash();
                for line in lines {
                    self.line(column);
                    self.out.push_str(&count(line));
                    self.out.push('\n');
                }
            }
        }
    }

    fn comment(&mut self, text: &str, column: usize) {
        self.leave_dash();
        for paragraph in text.lines() {
            let mut width = 0;
            for word in paragraph.split_whitespace() {
                let word: String = word.chars().filter(|c| is_printable(*c)).collect();
                let length = word.chars().count();
                if width > 0 && width + 1 + length > WIDTH {
                    self.out.push('\n');
                    width = 0;
                }
                if width == 0 {
                    self.line(column);
                    self.out.push('#');
                    width = column + 1;
                }
                self.out.push(' ');
                push_raw(&mut self.out, &word, self.target);
                width += 1 + length;
            }
            if width == 0 {
                self.line(column);
                self.out.push('#');
            }
            self.out.push('\n');
        }
    }

    fn begin_list(&mut self, indent: usize, after: After) -> usize {
        self.begin(after);
        if after == After::Dash { indent + 2 } else { indent }
    }

    fn begin_map(&mut self, indent: usize, after: After) -> usize {
        self.begin(after);
        if after == After::Nothing { indent } else { indent + 2 }
    }

    fn begin(&mut self, after: After) {
        match after {
            After::Nothing => {}
            After::Key => self.out.push('\n'),
            After::Dash => self.inline = true,
        }
    }

    /// Begins a line, or goes on behind a `-`.
    fn line(&mut self, column: usize) {
        if std::mem::take(&mut self.inline) {
            self.out.push(' ');
        } else {
            self.indent(column);
        }
    }

    /// Ends the line of a `-`, for what needs lines of its own.
    fn leave_dash(&mut self) {
        if std::mem::take(&mut self.inline) {
            self.out.push('\n');
        }
    }

    fn indent(&mut self, column: usize) {
        const SPACES: &str = "                                                                ";
        match SPACES.get(..column) {
            Some(spaces) => self.out.push_str(spaces),
            None => self.out.extend(std::iter::repeat_n(' ', column)),
        }
    }

    fn dash(&mut self, column: usize) {
        self.line(column);
        self.out.push('-');
    }

    fn key(&mut self, key: &str, column: usize) {
        self.line(column);
        let is_long = key.len() > LONG_KEY;
        if is_long {
            self.out.push_str("? ");
        }
        match style(key, self.target) {
            Style::Plain => push_raw(&mut self.out, key, self.target),
            Style::Literal(_) | Style::Quoted => push_quoted(&mut self.out, key, self.target),
        }
        if is_long {
            self.out.push('\n');
            self.indent(column);
        }
        self.out.push(':');
    }

    /// Writes what takes the rest of a line.
    fn scalar(&mut self, after: After, write: impl FnOnce(&mut Self)) {
        if after != After::Nothing {
            self.out.push(' ');
        }
        write(self);
        self.out.push('\n');
    }

    /// Writes a string; a literal block in the column `indent`, without its last line end.
    fn text(&mut self, text: &'a str, indent: usize) {
        match style(text, self.target) {
            Style::Plain => push_raw(&mut self.out, text, self.target),
            Style::Quoted => push_quoted(&mut self.out, text, self.target),
            Style::Literal(header) => {
                let start = self.out.len();
                self.out.push_str(header);
                for line in text.strip_suffix('\n').unwrap_or(text).split('\n') {
                    self.out.push('\n');
                    if !line.is_empty() {
                        self.indent(indent);
                        push_raw(&mut self.out, line, self.target);
                    }
                }
                self.literal = Some((start, self.out.len() + 1, text));
            }
        }
    }

    /// As JSON, save that readers of YAML 1.1 want a dot and a sign in a number with an exponent.
    fn number(&mut self, number: &Number) {
        let text = number.to_string();
        let Some((digits, exponent)) = text.split_once('e') else { return self.out.push_str(&text) };
        let dot = if digits.contains('.') { "" } else { ".0" };
        let sign = if exponent.starts_with(['-', '+']) { "" } else { "+" };
        [digits, dot, "e", sign, exponent].iter().for_each(|part| self.out.push_str(part));
    }

    /// Puts a literal block at the very end in quotes: Helm trims a rendered hook, and with it the block's line end.
    fn quote_last(&mut self) {
        if let Some((start, end, text)) = self.literal.take()
            && end == self.out.len()
        {
            self.out.truncate(start);
            push_quoted(&mut self.out, text, self.target);
            self.out.push('\n');
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn field<'a>(comment: &'a str, key: &'a str, content: Content<'a>) -> Field<'a> {
        Field { comment: comment.into(), key: key.into(), content }
    }

    #[test]
    fn values_are_written_in_block_style() {
        let check = |value: Value, expect: &str| assert_eq!(write_json(&value), expect);
        check(json!({}), "{}\n");
        check(json!("a"), "a\n");
        check(
            json!({"a": {"b": [1, {"c": [], "d": {}}, [true, ["x"]], [{"e": null}]]}}),
            "a:\n  b:\n  - 1\n  - c: []\n    d: {}\n  - - true\n    - - x\n  - - e: null\n",
        );
        check(json!({"on": "off", "a": ["x\ny\n", "z: 1"]}), "\"on\": \"off\"\na:\n- |\n  x\n  y\n- \"z: 1\"\n");
        check(json!({"a": {"b": "x\n\n y"}, "c": "d\n\n"}), "a:\n  b: |-\n    x\n\n     y\nc: |+\n  d\n\n");
        check(
            json!([1.0, -0.5, 1e21, 1.5e-9, u64::MAX, i64::MIN]),
            "- 1.0\n- -0.5\n- 1.0e+21\n- 1.5e-9\n- 18446744073709551615\n- -9223372036854775808\n",
        );
        let long = "k".repeat(2000);
        check(json!({(long.as_str()): ["a"]}), &format!("? {long}\n:\n- a\n"));
    }

    #[test]
    fn fields_carry_comments_and_finished_text() {
        let fields = vec![
            field(
                "Two words.\n\nAnd more: {{ x }}\u{85}y\u{7f}.",
                "a",
                Content::Value(Tree::Verbatim("{{ .Values.a | quote }}".to_owned())),
            ),
            field("", "b", Content::Behind("{{- .Values.b | toYaml | nindent INDENT }}".to_owned())),
            field(
                "",
                "c",
                Content::Value(Tree::List(vec![
                    Tree::Map(vec![
                        field("First.", "d", Content::Value(json!("{{{ e }}").into())),
                        field("", "f", Content::Behind("{{- INDENT }}".to_owned())),
                    ]),
                    Tree::Map(vec![field(
                        "",
                        "",
                        Content::Lines(vec![
                            "{{- with .x }}".to_owned(),
                            "g: {{ INDENT }}".to_owned(),
                            "{{- end }}".to_owned(),
                        ]),
                    )]),
                    Tree::List(vec![Tree::Verbatim("{{ 1 }}".to_owned())]),
                    Tree::Map(Vec::new()),
                ])),
            ),
            field("", "h", Content::Value(json!({"i": "{{\nj\n", "{{": 1}).into())),
        ];
        assert_eq!(
            write_template(&Tree::Map(fields)),
            r#"# Two words.
#
# And more: {{ "{{" }} x }} y.
a: {{ .Values.a | quote }}
b: {{- .Values.b | toYaml | nindent 2 }}
c:
-
  # First.
  d: "{{ "{{" }}{ e }}"
  f: {{- 4 }}
-
  {{- with .x }}
  g: {{ 4 }}
  {{- end }}
- - {{ 1 }}
- {}
h:
  i: |
    {{ "{{" }}
    j
  "{{ "{{" }}": 1
"#
        );
        let words = "word ".repeat(40);
        let long = Tree::Map(vec![field(&words, "a", Content::Value(json!("x\n").into()))]);
        assert!(write(&long).lines().all(|line| line.len() <= WIDTH), "{}", write(&long));
        assert!(write(&long).ends_with("a: |\n  x\n"));
        assert!(write_template(&long).ends_with("a: \"x\\n\"\n"));
    }
}
