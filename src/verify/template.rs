//! An expression of the closed grammar and the values of a chart in, the value that it renders to out.
//!
//! The forms are those of `reader` and no other: `{{ V | quote }}`, `{{ V | int64 }}`, `{{ V }}`, `{{- V | toYaml |
//! nindent N }}`, the image, the pull secrets and the name of a Job. A value of another type than its form wants is an
//! error here: the schema of the chart refuses it before Helm renders.

use sha2::Digest;
use sha2::Sha256;

use crate::verify::node::Node;

/// The values that the templates of one chart see, `global` among them.
#[derive(Clone, Debug, PartialEq)]
pub struct Scope<'v>(pub Node<'v>);

impl<'v> Scope<'v> {
    /// The value of an expression behind a key in a map of column N - 2, or behind a dash.
    pub fn value(&self, text: &str, nindent: usize) -> Result<Node<'v>, String> {
        let mut cursor = Cursor(text);
        if cursor.skip("{{- ").is_ok() {
            let key = cursor.reference()?;
            cursor.skip(&format!(" | toYaml | nindent {nindent} }}}}"))?;
            cursor.end()?;
            let value = self.get(&key)?;
            return match value {
                Node::Map(_) | Node::List(_) => Ok(value.clone()),
                _ => Err(wrong("a map or a list", &key, value)),
            };
        }
        cursor.skip("{{ ")?;
        let value = match cursor.peek("printf ") {
            true => {
                let text = self.printed(&mut cursor)?;
                cursor.skip(" | quote")?;
                Node::Text(text.into())
            }
            false => self.scalar(&mut cursor)?,
        };
        cursor.skip(" }}")?;
        cursor.end()?;
        Ok(value)
    }

    fn scalar(&self, cursor: &mut Cursor) -> Result<Node<'v>, String> {
        let key = cursor.reference()?;
        let value = self.get(&key)?;
        let expected = if cursor.skip(" | quote").is_ok() {
            (
                value.text().is_some_and(|text| !text.contains("<no value>")),
                "a text without `<no value>`, which Helm removes,",
            )
        } else if cursor.skip(" | int64").is_ok() {
            (matches!(value, Node::Number(number) if number.is_i64()), "an integer")
        } else {
            (matches!(value, Node::Bool(_)), "`true` or `false`")
        };
        if expected.0 { Ok(value.clone()) } else { Err(wrong(expected.1, &key, value)) }
    }

    /// `printf "PREFIX%s/%s:%s" ...` or `printf "STEM%s" (...)`.
    fn printed(&self, cursor: &mut Cursor) -> Result<String, String> {
        cursor.skip("printf ")?;
        let format = cursor.string()?;
        if let Some(prefix) = format.strip_suffix("%s/%s:%s") {
            return Ok(without_verbs(prefix)? + &self.image(cursor)?);
        }
        let stem = format.strip_suffix("%s").ok_or_else(|| format!("expected `%s` at the end of `{format}`"))?;
        cursor.skip(" (printf \"%s/%s:%s\"")?;
        let image = self.image(cursor)?;
        cursor.skip(" | sha256sum | trunc 8)")?;
        let digest: String = hex::encode(Sha256::digest(image)).chars().take(8).collect();
        Ok(without_verbs(stem)? + &digest)
    }

    /// ` ((.Values.global).imageRegistry | default V.registry) V.repository V.tag`.
    fn image(&self, cursor: &mut Cursor) -> Result<String, String> {
        cursor.skip(" ((.Values.global).imageRegistry | default ")?;
        let registry = self.part(cursor, "registry")?;
        cursor.skip(") ")?;
        let repository = self.part(cursor, "repository")?;
        cursor.skip(" ")?;
        let tag = self.part(cursor, "tag")?;
        if registry.0 != repository.0 || registry.0 != tag.0 {
            return Err("expected registry, repository and tag of one image".to_owned());
        }
        let mirror = self.global("imageRegistry").and_then(Node::text).filter(|mirror| !mirror.is_empty());
        Ok(format!("{}/{}:{}", mirror.unwrap_or(&registry.1), repository.1, tag.1))
    }

    /// The key of an image and the text of one part of it.
    fn part(&self, cursor: &mut Cursor, part: &str) -> Result<(Vec<String>, String), String> {
        let call = cursor.skip("(").is_ok();
        let mut key = cursor.reference()?;
        if call {
            cursor.skip(")")?;
        }
        if call == is_path(&key) {
            return Err("expected `.Values...` bare and `index .Values ...` in parentheses".to_owned());
        }
        let value = self.get(&key)?;
        let text = value.text().ok_or_else(|| wrong("a text", &key, value))?.to_owned();
        if key.pop().as_deref() == Some(part) { Ok((key, text)) } else { Err(format!("expected the image's `{part}`")) }
    }

    /// The list that `{{- with (V | default (.Values.global).imagePullSecrets) }}` gives, when it is not empty.
    pub fn pull_secrets(&self, text: &str) -> Result<Option<Node<'v>>, String> {
        let mut cursor = Cursor(text);
        cursor.skip("{{- with (")?;
        let key = cursor.reference()?;
        cursor.skip(" | default (.Values.global).imagePullSecrets) }}")?;
        cursor.end()?;
        for list in [Some(self.get(&key)?), self.global("imagePullSecrets")].into_iter().flatten() {
            match list {
                Node::List(items) if items.is_empty() => {}
                Node::List(_) => return Ok(Some(list.clone())),
                _ => return Err(wrong("a list", &key, list)),
            }
        }
        Ok(None)
    }

    fn global(&self, key: &str) -> Option<&Node<'v>> {
        self.0.get("global")?.get(key)
    }

    fn get(&self, key: &[String]) -> Result<&Node<'v>, String> {
        let found = key.iter().try_fold(&self.0, |node, segment| node.get(segment));
        found.ok_or_else(|| format!("there is no value `{}`", key.join(".")))
    }
}

fn wrong(expected: &str, key: &[String], found: &Node) -> String {
    format!("expected {expected} as value `{}`, found `{}`", key.join("."), found.to_json())
}

/// The text of a format in which only `%%` stands.
fn without_verbs(format: &str) -> Result<String, String> {
    let text = format.replace("%%", "\0");
    if text.contains('%') { Err(format!("expected no verb in `{format}`")) } else { Ok(text.replace('\0', "%")) }
}

fn is_path(key: &[String]) -> bool {
    key.iter().all(|segment| {
        let mut bytes = segment.bytes();
        bytes.next().is_some_and(|first| first.is_ascii_alphabetic() || first == b'_')
            && bytes.all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    })
}

/// What is left of an expression.
struct Cursor<'e>(&'e str);

impl Cursor<'_> {
    fn peek(&self, text: &str) -> bool {
        self.0.starts_with(text)
    }

    fn skip(&mut self, text: &str) -> Result<(), String> {
        self.0 = self.0.strip_prefix(text).ok_or_else(|| format!("expected `{text}`, found `{}`", self.0))?;
        Ok(())
    }

    fn end(&self) -> Result<(), String> {
        if self.0.is_empty() { Ok(()) } else { Err(format!("expected nothing more, found `{}`", self.0)) }
    }

    /// `.Values.a.b`, or `index .Values "a" "b"` when a segment is no identifier.
    fn reference(&mut self) -> Result<Vec<String>, String> {
        let mut key = Vec::new();
        if self.skip("index .Values").is_ok() {
            while self.peek(" \"") {
                self.skip(" ")?;
                key.push(self.string()?);
            }
            if is_path(&key) {
                return Err(format!("expected `.Values.{}`", key.join(".")));
            }
            return Ok(key);
        }
        self.skip(".Values")?;
        while self.skip(".").is_ok() {
            let end = self.0.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(self.0.len());
            let (segment, rest) = self.0.split_at(end);
            key.push(segment.to_owned());
            self.0 = rest;
        }
        if !key.is_empty() && is_path(&key) {
            Ok(key)
        } else {
            Err(format!("expected a key behind `.Values`, found `{}`", self.0))
        }
    }

    /// A Go string: `\"`, `\\`, `\xNN` for a brace, `\uNNNN` for a control character.
    fn string(&mut self) -> Result<String, String> {
        self.skip("\"")?;
        let mut text = String::new();
        loop {
            let mut chars = self.0.chars();
            let c = chars.next().ok_or("expected `\"` at the end of a string")?;
            self.0 = chars.as_str();
            match c {
                '"' => return Ok(text),
                '{' | '}' => return Err("expected no brace in a string".to_owned()),
                '\\' => text.push(self.escape()?),
                _ if c.is_control() => return Err("expected no control character in a string".to_owned()),
                _ => text.push(c),
            }
        }
    }

    fn escape(&mut self) -> Result<char, String> {
        for (start, length) in [("x", 2), ("u", 4)] {
            if self.skip(start).is_ok() {
                let digits = self.0.get(..length).ok_or("expected hexadecimal digits")?;
                let code = u32::from_str_radix(digits, 16).map_err(|error| error.to_string())?;
                self.0 = self.0.get(length..).unwrap_or_default();
                return char::from_u32(code).ok_or_else(|| format!("`{digits}` is no character"));
            }
        }
        for c in ['"', '\\'] {
            if self.skip(c.encode_utf8(&mut [0; 4])).is_ok() {
                return Ok(c);
            }
        }
        Err(format!("`\\{}` is no escape sequence", self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;
    use serde_json::json;

    const IMAGE: &str =
        "((.Values.global).imageRegistry | default .Values.i.registry) .Values.i.repository .Values.i.tag";

    fn check_in(global: Value, text: &str, expect: Result<Value, &str>) {
        let image = json!({ "registry": "docker.io", "repository": "a/b", "tag": "1" });
        let values = json!({ "t": "x", "n": 3, "f": 1.5, "b": true, "i": image, "j-k": image, "l": [1], "z": null, "global": global });
        let found = Scope(Node::of(&values)).value(text, 4).map(|node| node.to_json());
        assert_eq!(found, expect.map_err(str::to_owned), "{text}");
    }

    fn check(text: &str, expect: Result<Value, &str>) {
        check_in(json!({ "imageRegistry": "" }), text, expect);
    }

    #[test]
    fn the_forms_of_the_grammar() {
        check("{{ .Values.t | quote }}", Ok(json!("x")));
        check("{{ .Values.n | int64 }}", Ok(json!(3)));
        check("{{ .Values.b }}", Ok(json!(true)));
        check("{{- .Values.l | toYaml | nindent 4 }}", Ok(json!([1])));
        check("{{ index .Values \"j-k\" \"tag\" | quote }}", Ok(json!("1")));
        check(&format!("{{{{ printf \"--x=%%%s/%s:%s\" {IMAGE} | quote }}}}"), Ok(json!("--x=%docker.io/a/b:1")));
        let mirrored = format!("{{{{ printf \"%s/%s:%s\" {IMAGE} | quote }}}}");
        check_in(json!({ "imageRegistry": "r.test" }), &mirrored, Ok(json!("r.test/a/b:1")));
        check_in(json!({}), &mirrored, Ok(json!("docker.io/a/b:1")));
        // The first eight digits of `printf docker.io/a/b:1 | sha256sum`.
        let job = format!("{{{{ printf \"a-once-%s\" (printf \"%s/%s:%s\" {IMAGE} | sha256sum | trunc 8) | quote }}}}");
        check(&job, Ok(json!("a-once-1791f0ae")));
    }

    #[test]
    fn anything_else_is_refused() {
        check("{{ .Values.t }}", Err("expected `true` or `false` as value `t`, found `\"x\"`"));
        check(
            "{{ .Values.n | quote }}",
            Err("expected a text without `<no value>`, which Helm removes, as value `n`, found `3`"),
        );
        check("{{ .Values.f | int64 }}", Err("expected an integer as value `f`, found `1.5`"));
        check("{{- .Values.t | toYaml | nindent 4 }}", Err("expected a map or a list as value `t`, found `\"x\"`"));
        check(
            "{{- .Values.l | toYaml | nindent 6 }}",
            Err("expected ` | toYaml | nindent 4 }}`, found ` | toYaml | nindent 6 }}`"),
        );
        check("{{ .Values.no | quote }}", Err("there is no value `no`"));
        check("{{ .Values | quote }}", Err("expected a key behind `.Values`, found ` | quote }}`"));
        check("{{ .Values.t | quote}}", Err("expected ` }}`, found `}}`"));
        check("{{ .Values.t | quote }} ", Err("expected nothing more, found ` `"));
        check("{{ .Values.t | squote }}", Err("expected `true` or `false` as value `t`, found `\"x\"`"));
        check("{{ index .Values \"t\" | quote }}", Err("expected `.Values.t`"));
        check("{{ tpl .Values.t . }}", Err("expected `.Values`, found `tpl .Values.t . }}`"));
        let image = |from: &str, to: &str| format!("{{{{ printf \"%s/%s:%s\" {} | quote }}}}", IMAGE.replace(from, to));
        check(&image(".Values.i.tag", ".Values.i.registry"), Err("expected the image's `tag`"));
        let other = "(index .Values \"j-k\" \"tag\")";
        check(&image(".Values.i.tag", other), Err("expected registry, repository and tag of one image"));
        check(
            &image(".Values.i.tag", &other.replace(['(', ')'], "")),
            Err("expected `.Values...` bare and `index .Values ...` in parentheses"),
        );
        check("{{ printf \"%d%s/%s:%s\" x }}", Err("expected no verb in `%d`"));
        check("{{ printf \"{%s/%s:%s\" x }}", Err("expected no brace in a string"));
    }
}
