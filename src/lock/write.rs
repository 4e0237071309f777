//! A lock -> its text: sorted, one entry a line.

use std::fmt::Write;

use serde_json::Value;

use crate::lock::Lock;
use crate::lock::read::FORMAT;

/// The text of the file.
pub fn write(lock: &Lock) -> String {
    let mut text = format!(
        "# What must not change by accident. `helm ha generate` adds to it, `helm ha lock` shows it. Commit it.\n\
         lock: {FORMAT}\n"
    );
    for (section, value) in sections(lock) {
        match value {
            Value::Object(entries) => {
                _ = writeln!(text, "{section}:");
                for (name, entry) in &entries {
                    _ = writeln!(text, "  {}: {}", scalar(&name.as_str().into()), flow(entry));
                }
            }
            value => _ = writeln!(text, "{section}: {}", scalar(&value)),
        }
    }
    text
}

/// Every entry with what it says, as lists show it: `volumes.media`, `claim media, class cephfs, ...`.
pub fn describe(lock: &Lock) -> Vec<(String, String)> {
    let mut entries = Vec::new();
    for (section, value) in sections(lock) {
        let Value::Object(map) = value else { continue };
        for (name, entry) in map {
            let text = match &entry {
                Value::Object(fields) => {
                    let words = fields.iter().map(|(key, value)| format!("{key} {}", plain(value)));
                    words.collect::<Vec<_>>().join(", ")
                }
                value => plain(value),
            };
            entries.push((format!("{section}.{name}"), text));
        }
    }
    entries
}

fn sections(lock: &Lock) -> impl Iterator<Item = (String, Value)> {
    // A lock is texts, numbers and maps keyed by texts, which every JSON can hold.
    let json = serde_json::to_value(lock).unwrap_or_default();
    let map = match json {
        Value::Object(map) => map,
        _ => serde_json::Map::new(),
    };
    let mut sections: Vec<_> = map.into_iter().collect();
    // Name and namespace, then what they hold.
    sections.sort_by_key(|(key, value)| (value.is_object(), key.clone()));
    sections.into_iter()
}

fn flow(entry: &Value) -> String {
    match entry {
        Value::Object(fields) => {
            let fields: Vec<String> = fields
                .iter()
                .map(|(key, value)| format!("{}: {}", scalar(&key.as_str().into()), scalar(value)))
                .collect();
            format!("{{ {} }}", fields.join(", "))
        }
        value => scalar(value),
    }
}

/// Plain where every reader takes it for the same text, else as JSON, which is YAML.
fn scalar(value: &Value) -> String {
    let block = crate::yaml::write_json(value);
    let block = block.trim_end();
    let is_safe = block.chars().all(|c| c.is_ascii_alphanumeric() || "/._-+".contains(c));
    if is_safe { block.to_owned() } else { value.to_string() }
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
