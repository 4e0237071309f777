//! The tree of a chart in, what Helm knows of its `Chart.yaml` out: typed, checked, in the order of Helm's own structs.
//!
//! An index may hold these fields and no others: Helm refuses a whole index because of one unknown key. What is not text
//! where text is expected becomes the text that Helm makes of it: `appVersion: 1.10` is `1.1`.

use serde_json::Map;
use serde_json::Value;

use crate::helm::ChartTree;
use crate::helm::index::version::LooseVersion;
use crate::source::Sources;
use crate::yaml;

/// The metadata of a chart (Helm `pkg/chart/v2/metadata.go`), valid as Helm understands it.
#[derive(Clone, Debug, PartialEq)]
pub struct ChartYaml {
    pub name: String,
    pub version: String,
    /// In Helm's order; nothing empty.
    fields: Map<String, Value>,
}

/// Why a chart has no metadata that Helm takes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChartYamlError {
    #[error("`{file}`{place}: {message}")]
    Yaml { file: &'static str, place: String, message: String },
    #[error("`Chart.yaml`: expected {expected} at `{path}`")]
    Field { path: String, expected: &'static str },
}

#[derive(Clone, Copy)]
enum Kind {
    Text,
    /// Written also when it is empty.
    AlwaysText,
    Texts,
    TextMap,
    Truth,
    /// Anything; only lists of any values occur.
    List,
    Records(&'static [(&'static str, Kind)]),
}

const MAINTAINER: &[(&str, Kind)] = &[("name", Kind::Text), ("email", Kind::Text), ("url", Kind::Text)];
const DEPENDENCY: &[(&str, Kind)] = &[
    ("name", Kind::AlwaysText),
    ("version", Kind::Text),
    ("repository", Kind::AlwaysText),
    ("condition", Kind::Text),
    ("tags", Kind::Texts),
    ("enabled", Kind::Truth),
    ("import-values", Kind::List),
    ("alias", Kind::Text),
];
const METADATA: &[(&str, Kind)] = &[
    ("name", Kind::Text),
    ("home", Kind::Text),
    ("sources", Kind::Texts),
    ("version", Kind::Text),
    ("description", Kind::Text),
    ("keywords", Kind::Texts),
    ("maintainers", Kind::Records(MAINTAINER)),
    ("icon", Kind::Text),
    ("apiVersion", Kind::Text),
    ("condition", Kind::Text),
    ("tags", Kind::Text),
    ("appVersion", Kind::Text),
    ("deprecated", Kind::Truth),
    ("annotations", Kind::TextMap),
    ("kubeVersion", Kind::Text),
    ("dependencies", Kind::Records(DEPENDENCY)),
    ("type", Kind::Text),
];

impl ChartYaml {
    /// Reads `Chart.yaml`, and over it `requirements.yaml` of a chart of Helm 2, as Helm does.
    pub fn read(tree: &ChartTree) -> Result<Self, ChartYamlError> {
        let mut raw = document(tree, "Chart.yaml")?;
        if tree.get("requirements.yaml").is_some() {
            raw.extend(document(tree, "requirements.yaml")?);
        }
        let mut fields = record("", &raw, METADATA)?;
        if !fields.contains_key("apiVersion") {
            fields.insert("apiVersion".to_owned(), "v1".into());
        }
        let text = |key: &str| fields.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
        let (name, version, kind) = (text("name"), text("version"), text("type"));
        let wrong = |path: &str, expected| Err(ChartYamlError::Field { path: path.to_owned(), expected });
        if matches!(name.as_str(), "" | "." | "..") || name.contains('/') {
            return wrong("name", "the name of a chart, without `/`,");
        }
        if LooseVersion::read(&version).is_none() {
            return wrong("version", "a version (SemVer)");
        }
        if !matches!(kind.as_str(), "" | "application" | "library") {
            return wrong("type", "`application` or `library`");
        }
        Ok(Self { name, version, fields })
    }

    pub fn fields(&self) -> &Map<String, Value> {
        &self.fields
    }
}

fn document(tree: &ChartTree, file: &'static str) -> Result<Map<String, Value>, ChartYamlError> {
    let bytes = tree.get(file).unwrap_or_default().to_vec();
    let value = read_yaml(bytes).map_err(|(line, message)| ChartYamlError::Yaml {
        file,
        place: format!(", line {line}"),
        message,
    })?;
    match value {
        Value::Object(map) => Ok(map),
        _ => Err(ChartYamlError::Yaml { file, place: String::new(), message: "expected a map".to_owned() }),
    }
}

/// The value of one document, or the line and what is wrong there.
pub fn read_yaml(bytes: Vec<u8>) -> Result<Value, (usize, String)> {
    let text = yaml::decode(bytes).map_err(|_| (1, "expected UTF-8 text, found other bytes".to_owned()))?;
    let mut sources = Sources::default();
    let source = sources.add("", text);
    let read = yaml::read(&sources, source);
    match (read.findings.first(), read.node) {
        (None, Some(node)) => Ok(node.to_json()),
        (finding, _) => {
            let line = finding.and_then(|finding| match &finding.place {
                crate::diagnostic::Place::Span(span) => sources.line_column(*span),
                _ => None,
            });
            let message = finding.map_or_else(String::new, |finding| finding.message.clone());
            Err((line.map_or(1, |place| place.line), message))
        }
    }
}

fn record(path: &str, raw: &Map<String, Value>, kinds: &[(&str, Kind)]) -> Result<Map<String, Value>, ChartYamlError> {
    let mut fields = Map::new();
    for (key, kind) in kinds {
        let at = if path.is_empty() { (*key).to_owned() } else { format!("{path}.{key}") };
        let value = match raw.get(*key) {
            None | Some(Value::Null) => None,
            Some(value) => field(&at, value, *kind)?,
        };
        let empty = || matches!(kind, Kind::AlwaysText).then(|| "".into());
        if let Some(value) = value.or_else(empty) {
            fields.insert((*key).to_owned(), value);
        }
    }
    Ok(fields)
}

/// The value as Helm's struct holds it; `None` for what is empty there.
fn field(path: &str, value: &Value, kind: Kind) -> Result<Option<Value>, ChartYamlError> {
    let wrong = |expected| ChartYamlError::Field { path: path.to_owned(), expected };
    let text = |value: &Value| go_text(value).ok_or_else(|| wrong("text"));
    let list = || value.as_array().ok_or_else(|| wrong("a list"));
    Ok(match kind {
        Kind::Text | Kind::AlwaysText => Some(clean(&text(value)?)).filter(|text| !text.is_empty()).map(Value::from),
        Kind::Texts => {
            let items = list()?.iter().map(|item| text(item).map(|text| Value::from(clean(&text))));
            Some(items.collect::<Result<Vec<_>, _>>()?).filter(|items| !items.is_empty()).map(Value::from)
        }
        Kind::TextMap => {
            let map = value.as_object().ok_or_else(|| wrong("a map"))?;
            let entries = map.iter().map(|(key, value)| text(value).map(|text| (key.clone(), text.into())));
            Some(entries.collect::<Result<Map<_, _>, _>>()?).filter(|map| !map.is_empty()).map(Value::from)
        }
        Kind::Truth => {
            Some(value.as_bool().ok_or_else(|| wrong("`true` or `false`"))?).filter(|it| *it).map(Value::from)
        }
        Kind::List => Some(list()?).filter(|items| !items.is_empty()).cloned().map(Value::from),
        Kind::Records(kinds) => {
            let items = list()?.iter().map(|item| {
                let item = item.as_object().ok_or_else(|| wrong("maps in the list"))?;
                record(path, item, kinds).map(Value::from)
            });
            Some(items.collect::<Result<Vec<_>, _>>()?).filter(|items| !items.is_empty()).map(Value::from)
        }
    })
}

/// The text that `sigs.k8s.io/yaml` makes of a scalar where text is expected; `None` for anything else.
pub fn go_text(value: &Value) -> Option<String> {
    match value {
        Value::Null => Some(String::new()),
        Value::Bool(value) => Some(value.to_string()),
        Value::String(text) => Some(text.clone()),
        Value::Number(number) if number.is_f64() => number.as_f64().map(yaml::helm_float),
        Value::Number(number) => Some(number.to_string()),
        Value::Array(_) | Value::Object(_) => None,
    }
}

/// Helm's `sanitizeString`: white space is a space, what cannot be printed is nothing.
fn clean(text: &str) -> String {
    let hidden = |c: char| {
        let formats =
            matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}');
        formats || c.is_control() || matches!(c, '\u{e000}'..='\u{f8ff}' | '\u{feff}' | '\u{fff0}'..='\u{fffb}')
    };
    text.chars().filter_map(|c| if c.is_whitespace() { Some(' ') } else { (!hidden(c)).then_some(c) }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(chart: &str, requirements: &str, expect: &str) {
        let mut tree = ChartTree::new("a");
        tree.insert("Chart.yaml", chart);
        if !requirements.is_empty() {
            tree.insert("requirements.yaml", requirements);
        }
        let found = ChartYaml::read(&tree).map(|chart| Value::Object(chart.fields).to_string());
        assert_eq!(found.unwrap_or_else(|error| error.to_string()), expect, "{chart}");
    }

    #[test]
    fn fields_are_those_of_helm_in_its_order() {
        check("version: 1.10\nname: a\n", "", r#"{"name":"a","version":"1.1","apiVersion":"v1"}"#);
        check(
            "apiVersion: v2\nname: a\nversion: 1.0.0\nappVersion: 1e10\nmore: 1\ndeprecated: false\nkeywords: [on, 0755]\nannotations: {a: true}\n",
            "",
            r#"{"name":"a","version":"1.0.0","keywords":["true","493"],"apiVersion":"v2","appVersion":"1e+10","annotations":{"a":"true"}}"#,
        );
        check(
            "name: a\nversion: 1.0.0\ndescription: \"a\\n\\tb\\u200b\"\nmaintainers: [{name: b, phone: 1}]\n",
            "dependencies: [{name: c, version: 2}]\n",
            r#"{"name":"a","version":"1.0.0","description":"a  b","maintainers":[{"name":"b"}],"dependencies":[{"name":"c","version":"2","repository":""}],"apiVersion":"v1"}"#,
        );
    }

    #[test]
    fn what_helm_refuses_says_where() {
        check("[]", "", "`Chart.yaml`, line 1: expected a map at the top, found a list");
        check("name: a\nname: b\n", "", "`Chart.yaml`, line 2: the key `name` is written a second time in this map");
        check("name: a\nversion: one\n", "", "`Chart.yaml`: expected a version (SemVer) at `version`");
        check("name: a/b\nversion: 1.0.0\n", "", "`Chart.yaml`: expected the name of a chart, without `/`, at `name`");
        check("name: [a]\nversion: 1.0.0\n", "", "`Chart.yaml`: expected text at `name`");
        check(
            "name: a\nversion: 1.0.0\ntype: job\n",
            "",
            "`Chart.yaml`: expected `application` or `library` at `type`",
        );
        check(
            "name: a\nversion: 1.0.0\ndependencies: [{name: a, enabled: 1}]\n",
            "",
            "`Chart.yaml`: expected `true` or `false` at `dependencies.enabled`",
        );
        check(
            "name: a\nversion: 1.0.0\nmaintainers: [b]\n",
            "",
            "`Chart.yaml`: expected maps in the list at `maintainers`",
        );
    }
}
