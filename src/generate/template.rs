//! One object and its exposed values in, the text of its template and the defaults out, by the closed grammar:
//!
//! | # | form | text |
//! |---|---|---|
//! | 1 | string | `key: {{ V \| quote }}` |
//! | 2 | integer | `key: {{ V \| int64 }}` |
//! | 3 | boolean | `key: {{ V }}` |
//! | 4 | subtree | `key: {{- V \| toYaml \| nindent N }}` |
//! | 5 | image | `key: {{ printf "PREFIX%s/%s:%s" ((.Values.global).imageRegistry \| default V.registry) V.repository V.tag \| quote }}` |
//! | 6 | pull secrets | `{{- with (V \| default (.Values.global).imagePullSecrets) }}`, `key: {{- . \| toYaml \| nindent N }}`, `{{- end }}` |
//! | 7 | literal `{{` in users' text | `{{ "{{" }}` |
//! | 8 | name of a Job | `name: {{ printf "STEM%s" (IMAGE \| sha256sum \| trunc 8) \| quote }}` |
//!
//! V is [`reference`], N the indent of the key and two more. Forms 1, 2, 3, 5 also stand behind `- ` in a list.

use serde_json::Value;

use crate::generate::Fault;
use crate::generate::expression::image;
use crate::generate::expression::job_name;
use crate::generate::expression::reference;
use crate::generate::values::Exposure;
use crate::objects::ChartObject;
use crate::objects::Exposed;
use crate::objects::Form;
use crate::objects::Step;
use crate::yaml::Content;
use crate::yaml::Field;
use crate::yaml::Tree;
use crate::yaml::write_template;

/// An exposed value and the steps that are left from here to its field.
#[derive(Clone, Copy)]
struct Open<'a> {
    exposed: &'a Exposed,
    rest: &'a [Step],
}

/// The text of the template; every value that moved out of it is added to `exposures`.
pub fn template<'a>(item: &'a ChartObject, exposures: &mut Vec<Exposure<'a>>) -> Result<String, Fault> {
    let open: Vec<_> = item.exposed.iter().map(|exposed| Open { exposed, rest: &exposed.at }).collect();
    Ok(write_template(&place(item.object.json(), &open, exposures)?))
}

fn place<'a>(value: &'a Value, open: &[Open<'a>], exposures: &mut Vec<Exposure<'a>>) -> Result<Tree<'a>, Fault> {
    if open.is_empty() {
        return Ok(Tree::from(value));
    }
    let mut open = open.to_vec();
    let tree = match value {
        Value::Object(map) => {
            let mut fields = Vec::with_capacity(map.len() + 1);
            for (key, child) in map {
                let here = take(&mut open, |step| matches!(step, Step::Key(name) if name == key));
                fields.push(Field { comment: "".into(), key: key.into(), content: content(child, &here, exposures)? });
            }
            if let Some(at) = open.iter().position(is_absent) {
                // In front, behind nothing but `key:`: its `{{-` takes away the white space before it.
                fields.insert(0, pull_secrets(open.remove(at), exposures)?);
            }
            Tree::Map(fields)
        }
        Value::Array(items) => {
            let is_next = |item: &&Value, open: &Open| open.rest.first().is_some_and(|step| step.is_element(item));
            if let Some(open) = open.iter().find(|open| items.iter().filter(|item| is_next(item, open)).count() > 1) {
                return Err(Fault::Ambiguous(open.exposed.key.join(".")));
            }
            let mut list = Vec::with_capacity(items.len());
            for item in items {
                let here = take(&mut open, |step| step.is_element(item));
                match content(item, &here, exposures)? {
                    Content::Value(tree) if !here.iter().any(is_absent) => list.push(tree),
                    _ => return Err(expected(here.first(), "a field below a field")),
                }
            }
            Tree::List(list)
        }
        _ => Tree::from(value),
    };
    match open.first() {
        None => Ok(tree),
        Some(open) => Err(Fault::NoField(open.exposed.key.join("."))),
    }
}

/// Removes and gives those whose next step is this one.
fn take<'a>(open: &mut Vec<Open<'a>>, is_next: impl Fn(&Step) -> bool) -> Vec<Open<'a>> {
    let mut taken = Vec::new();
    open.retain(|candidate| match candidate.rest.split_first() {
        Some((step, rest)) if is_next(step) => {
            taken.push(Open { exposed: candidate.exposed, rest });
            false
        }
        _ => true,
    });
    taken
}

/// Whether this is a field that the map here does not have, but would get from a value.
fn is_absent(open: &Open) -> bool {
    matches!((open.rest, &open.exposed.form), ([Step::Key(_)], Form::PullSecrets))
}

/// What stands where `value` stood.
fn content<'a>(value: &'a Value, here: &[Open<'a>], exposures: &mut Vec<Exposure<'a>>) -> Result<Content<'a>, Fault> {
    let Some(open) = here.iter().find(|open| open.rest.is_empty()) else {
        return Ok(Content::Value(place(value, here, exposures)?));
    };
    if here.len() > 1 {
        return Err(Fault::FieldTwice(open.exposed.key.join(".")));
    }
    let key = &open.exposed.key;
    let text = match &open.exposed.form {
        Form::String { .. } => format!("{} | quote", reference(key)),
        Form::Integer { .. } => format!("{} | int64", reference(key)),
        Form::Boolean => reference(key),
        Form::Image { prefix } => format!("{} | quote", image(prefix, key)),
        Form::JobName { stem, image } => format!("{} | quote", job_name(stem, image)),
        Form::Subtree { .. } => {
            exposures.push(Exposure::of(open.exposed, value)?);
            return Ok(Content::Behind(format!("{{{{- {} | toYaml | nindent INDENT }}}}", reference(key))));
        }
        Form::PullSecrets => return Err(expected(Some(open), "nothing")),
    };
    if !matches!(open.exposed.form, Form::JobName { .. }) {
        exposures.push(Exposure::of(open.exposed, value)?);
    }
    Ok(Content::Value(Tree::Verbatim(format!("{{{{ {text} }}}}"))))
}

fn pull_secrets<'a>(open: Open<'a>, exposures: &mut Vec<Exposure<'a>>) -> Result<Field<'a>, Fault> {
    let [Step::Key(field)] = open.rest else { return Err(expected(Some(&open), "the field of a map")) };
    if field != "imagePullSecrets" {
        return Err(expected(Some(&open), "`imagePullSecrets`"));
    }
    exposures.push(Exposure::of(open.exposed, &Value::Array(Vec::new()))?);
    let list = format!("({} | default (.Values.global).imagePullSecrets)", reference(&open.exposed.key));
    let lines = vec![
        format!("{{{{- with {list} }}}}"),
        format!("{field}: {{{{- . | toYaml | nindent INDENT }}}}"),
        format!("{{{{- end }}}}"),
    ];
    Ok(Field { comment: "".into(), key: field.into(), content: Content::Lines(lines) })
}

fn expected(open: Option<&Open>, expected: &'static str) -> Fault {
    Fault::Field { key: open.map(|open| open.exposed.key.join(".")).unwrap_or_default(), expected }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::objects::Object;
    use crate::objects::steps;
    use serde_json::json;

    fn check(object: Value, exposed: Vec<(&str, &str, Form)>, expect: Result<&str, Fault>) {
        let exposed = exposed.into_iter().map(|(key, at, form)| {
            let at = match at.split_once(" starting ") {
                Some((at, start)) => [steps(at), vec![Step::Starting(start.to_owned())]].concat(),
                None => steps(at),
            };
            Exposed { key: vec![key.to_owned()], at, form, documentation: String::new() }
        });
        let item = ChartObject { file: "x.yaml".into(), object: Object::of(object), exposed: exposed.collect() };
        let mut exposures = Vec::new();
        assert_eq!(template(&item, &mut exposures).as_deref(), expect.as_ref().map(|text| *text));
    }

    fn text() -> Form {
        Form::String { pattern: None }
    }

    #[test]
    fn scalars_become_expressions() {
        let integer = Form::Integer { minimum: 0, maximum: 9 };
        let forms = vec![("s", "a", text()), ("i", "b", integer), ("f", "c/[x]/on", Form::Boolean)];
        let expect =
            "a: {{ .Values.s | quote }}\nb: {{ .Values.i | int64 }}\nc:\n- name: x\n  \"on\": {{ .Values.f }}\n";
        check(json!({ "a": "x", "b": 2, "c": [{ "name": "x", "on": true }] }), forms, Ok(expect));
    }

    #[test]
    fn subtrees_are_indented_below_their_key() {
        let form = || Form::Subtree { schema: json!({ "type": "object" }) };
        let expect = "a:\n  b: {{- .Values.t | toYaml | nindent 4 }}\n";
        check(json!({ "a": { "b": { "c": 1 } } }), vec![("t", "a/b", form())], Ok(expect));
        let expect = "a:\n- name: x\n  b: {{- index .Values \"t.u\" | toYaml | nindent 4 }}\n";
        check(json!({ "a": [{ "name": "x", "b": [] }] }), vec![("t.u", "a/[x]/b", form())], Ok(expect));
    }

    #[test]
    fn images_keep_their_prefix() {
        let image = |prefix: &str| Form::Image { prefix: prefix.to_owned() };
        let parts = "((.Values.global).imageRegistry | default .Values.i.registry) .Values.i.repository .Values.i.tag";
        let expect = format!("a:\n- {{{{ printf \"--i=%s/%s:%s\" {parts} | quote }}}}\n- b\n");
        check(json!({ "a": ["--i=docker.io/x/y:1", "b"] }), vec![("i", "a starting --i=", image("--i="))], Ok(&expect));
        for wrong in ["x/y:1", "docker.io/x/y", "--i=docker.io/x/y:1"] {
            let fault = Fault::Field { key: "i".into(), expected: "its prefix and an image with registry and tag" };
            check(json!({ "a": wrong }), vec![("i", "a", image(""))], Err(fault));
        }
    }

    #[test]
    fn pull_secrets_come_first() {
        let expect = "a:\n  {{- with (.Values.p | default (.Values.global).imagePullSecrets) }}\n  imagePullSecrets: {{- . | toYaml \
                      | nindent 4 }}\n  {{- end }}\n  b: 1\n";
        check(json!({ "a": { "b": 1 } }), vec![("p", "a/imagePullSecrets", Form::PullSecrets)], Ok(expect));
        let wrong = |expected| Err(Fault::Field { key: "p".into(), expected });
        check(json!({ "a": {} }), vec![("p", "a/secrets", Form::PullSecrets)], wrong("`imagePullSecrets`"));
        let there = json!({ "imagePullSecrets": [] });
        check(there, vec![("p", "imagePullSecrets", Form::PullSecrets)], wrong("nothing"));
        let item = json!({ "a": [{ "name": "x" }] });
        check(item, vec![("p", "a/[x]/imagePullSecrets", Form::PullSecrets)], wrong("a field below a field"));
    }

    #[test]
    fn what_is_no_value_stays_as_it_is() {
        check(
            json!({ "a": "{{ .Values.x }}", "b": "a\n{{- b }}\n", "c": 1 }),
            vec![],
            Ok("a: \"{{ \"{{\" }} .Values.x }}\"\nb: |\n  a\n  {{ \"{{\" }}- b }}\nc: 1\n"),
        );
    }

    #[test]
    fn contradictions_are_faults() {
        let object =
            || json!({ "a": { "b": "x" }, "c": [{ "name": "x" }, { "name": "x" }], "d": ["--e=1", "--e=2"], "n": 3 });
        let twice = vec![("s", "a/b", text()), ("t", "a/b", text())];
        check(object(), twice, Err(Fault::FieldTwice("s".into())));
        let inside = vec![("s", "a/b", text()), ("t", "a", Form::Subtree { schema: json!({}) })];
        check(object(), inside, Err(Fault::FieldTwice("t".into())));
        for at in ["x", "a/b/c", "a/[b]", "c/[y]/name", "c/0", "d starting --f="] {
            check(object(), vec![("s", at, text())], Err(Fault::NoField("s".into())));
        }
        check(object(), vec![("s", "c/[x]/name", text())], Err(Fault::Ambiguous("s".into())));
        check(object(), vec![("s", "d starting --e", text())], Err(Fault::Ambiguous("s".into())));
        for (at, form, expected) in [
            ("n", text(), "a value of its form"),
            ("n", Form::Integer { minimum: 0, maximum: 2 }, "an integer within its bounds"),
            ("a/b", Form::Boolean, "a value of its form"),
            ("a/b", Form::Subtree { schema: json!({}) }, "a value of its form"),
        ] {
            check(object(), vec![("s", at, form)], Err(Fault::Field { key: "s".into(), expected }));
        }
    }
}
