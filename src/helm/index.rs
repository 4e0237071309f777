//! `index.yaml` of a chart repository: bytes in, versions of charts added or taken out, the text out.
//!
//! What others have written stays as they meant it: odd keys, versions that Helm would skip, an index that is JSON. Only the
//! list that gets a new version is sorted, newest first, and the names of the charts, as Helm sorts them.

mod chart_yaml;
mod time;
mod version;

pub use chart_yaml::ChartYaml;
pub use chart_yaml::ChartYamlError;
pub use chart_yaml::go_text;
pub use chart_yaml::read_yaml;
pub use time::timestamp;
pub use version::LooseVersion;

use std::cmp::Reverse;
use std::collections::BTreeMap;

use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use crate::yaml;

/// Bytes of an index that is read: that of 10,000 versions has some 8 MB.
pub const INDEX_LIMIT: u64 = 16 << 20;

/// An index that Helm reads too.
#[derive(Clone, Debug, PartialEq)]
pub struct Index {
    /// A map with the map `entries`.
    document: Value,
    form: Form,
}

/// Helm reads both, and writes JSON when it is asked to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Yaml,
    Json,
}

/// Where and since when an archive can be had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Location {
    /// Absolute, or relative to the index.
    pub url: String,
    /// As [`timestamp`] writes it.
    pub created: String,
    /// SHA-256 of the archive, 64 hexadecimal digits.
    pub digest: String,
}

/// Why bytes are no index.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IndexError {
    #[error("line {line}: {message}")]
    Yaml { line: usize, message: String },
    #[error("expected {expected} at {path}")]
    Shape { path: String, expected: &'static str },
}

impl Default for Index {
    /// Without any chart.
    fn default() -> Self {
        Self { document: json!({ "apiVersion": "v1", "entries": {}, "generated": null }), form: Form::Yaml }
    }
}

impl Index {
    /// Reads YAML or JSON. What Helm could not use at all is an error; what it would skip or ignore is kept.
    pub fn read(bytes: Vec<u8>) -> Result<Self, IndexError> {
        let (value, form) = match serde_json::from_slice(&bytes) {
            Ok(value) => (value, Form::Json),
            Err(_) => (read_yaml(bytes).map_err(|(line, message)| IndexError::Yaml { line, message })?, Form::Yaml),
        };
        let wrong = |path: &str, expected| Err(IndexError::Shape { path: path.to_owned(), expected });
        let Value::Object(mut document) = value else { return wrong("the top", "a map") };
        if document.get("apiVersion") != Some(&json!("v1")) {
            return wrong("`apiVersion`", "`v1`");
        }
        let entries = document.entry("entries").or_insert(Value::Null);
        if entries.is_null() {
            *entries = json!({});
        }
        let Value::Object(charts) = entries else { return wrong("`entries`", "a map of charts") };
        for (name, versions) in charts {
            let sound = match versions {
                Value::Null => true,
                Value::Array(versions) => versions.iter().all(|version| version.is_object() || version.is_null()),
                _ => false,
            };
            if !sound {
                return wrong(&format!("`entries.{name}`"), "a list of versions");
            }
        }
        Ok(Self { document: Value::Object(document), form })
    }

    /// The text of the file. `generated`: as [`timestamp`] writes it.
    pub fn write(&mut self, generated: &str) -> String {
        if let Value::Object(document) = &mut self.document {
            document.insert("generated".to_owned(), generated.into());
        }
        match self.form {
            Form::Yaml => yaml::write_json(&self.document),
            // Text, numbers, lists and maps with text as keys serialize.
            Form::Json => serde_json::to_string_pretty(&self.document).unwrap_or_default() + "\n",
        }
    }

    /// Every version of every chart with the name under which it stands; nothing of what is null.
    pub fn versions(&self) -> impl Iterator<Item = (&str, &Map<String, Value>)> {
        let charts = self.document.get("entries").and_then(Value::as_object).into_iter().flatten();
        charts.flat_map(|(name, versions)| {
            let versions = versions.as_array().map_or(&[][..], Vec::as_slice);
            versions.iter().filter_map(Value::as_object).map(|version| (name.as_str(), version))
        })
    }

    /// One version of a chart, by its exact text.
    pub fn get(&self, name: &str, version: &str) -> Option<&Map<String, Value>> {
        let versions = self.document.get("entries")?.get(name)?.as_array()?;
        versions.iter().filter_map(Value::as_object).find(|entry| version_of(entry) == version)
    }

    /// Puts versions of charts where they belong, instead of those that are there.
    pub fn put(&mut self, added: Vec<(ChartYaml, Location)>) {
        let Some(charts) = self.charts() else { return };
        let mut by_name: BTreeMap<String, BTreeMap<String, Value>> = BTreeMap::new();
        for (chart, location) in added {
            by_name
                .entry(chart.name.clone())
                .or_default()
                .insert(chart.version.clone(), Self::entry(&chart, &location).into());
        }
        for (name, added) in by_name {
            let versions = charts.entry(name).or_insert(Value::Null);
            if !versions.is_array() {
                *versions = json!([]);
            }
            if let Value::Array(versions) = versions {
                versions.retain(|it| it.as_object().is_none_or(|it| !added.contains_key(&version_of(it))));
                versions.extend(added.into_values());
                sort(versions);
            }
        }
        charts.sort_keys();
    }

    /// What an index says of one version of a chart.
    pub fn entry(chart: &ChartYaml, location: &Location) -> Map<String, Value> {
        let mut entry = chart.fields().clone();
        entry.insert("created".to_owned(), location.created.as_str().into());
        entry.insert("digest".to_owned(), location.digest.as_str().into());
        entry.insert("urls".to_owned(), json!([location.url]));
        entry.sort_keys();
        entry
    }

    /// Takes versions out; of a chart without any nothing is left.
    pub fn remove(&mut self, is_gone: impl Fn(&str, &Map<String, Value>) -> bool) {
        let Some(charts) = self.charts() else { return };
        charts.retain(|name, versions| {
            let Value::Array(versions) = versions else { return true };
            let before = versions.len();
            versions.retain(|version| version.as_object().is_none_or(|version| !is_gone(name, version)));
            versions.len() == before || !versions.is_empty()
        });
    }

    fn charts(&mut self) -> Option<&mut Map<String, Value>> {
        self.document.get_mut("entries").and_then(Value::as_object_mut)
    }
}

/// Newest first; what Helm cannot order last.
fn sort(versions: &mut [Value]) {
    versions.sort_by_cached_key(|version| {
        Reverse(version.as_object().and_then(|version| LooseVersion::read(&version_of(version))))
    });
}

/// The version that an entry is of, as Helm reads it.
pub fn version_of(entry: &Map<String, Value>) -> String {
    entry.get("version").and_then(go_text).unwrap_or_default()
}

/// The digest of an entry in lower case and without `sha256:`; `None` when it has none.
pub fn digest_of(entry: &Map<String, Value>) -> Option<String> {
    let digest = entry.get("digest").and_then(Value::as_str).filter(|digest| !digest.is_empty())?;
    Some(digest.strip_prefix("sha256:").unwrap_or(digest).to_ascii_lowercase())
}

/// The first address of an entry, which is the one that Helm uses.
pub fn url_of(entry: &Map<String, Value>) -> Option<&str> {
    entry.get("urls")?.as_array()?.first()?.as_str()
}

#[cfg(test)]
mod tests;
