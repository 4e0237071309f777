//! The bytes of an archive in, the proof that they render to the objects of the plan out.
//!
//! This stage shares no code with the one that wrote the archive: it reads the templates with its own reader of the closed
//! grammar, and a mistake of either side is a [`Disagreement`].

mod conform;
mod guard;
mod lines;
mod node;
mod reader;
mod render;
mod scalar;
mod template;
mod values;

use std::collections::BTreeMap;
use std::fmt;

use serde::de::IgnoredAny;

use crate::helm::ChartTree;
use crate::helm::unpack;
use crate::objects::ChartObjects;
use crate::parallel;
use crate::verify::guard::read_guard;
use crate::verify::lines::ReadError;
use crate::verify::node::Node;
use crate::verify::reader::read_template;
use crate::verify::render::Umbrella;
use crate::verify::render::text;
use crate::verify::scalar::without_literals;

pub use conform::conform;
pub use guard::Guard;
pub use render::data;
pub use render::release;
pub use render::render;

/// What an archive must hold.
#[derive(Clone, Debug)]
pub struct Expected<'a> {
    pub name: &'a str,
    pub version: &'a str,
    pub namespace: &'a str,
    pub charts: &'a [ChartObjects],
    /// Name and bytes of the charts that are archives themselves.
    pub nested: &'a [(&'a str, &'a [u8])],
}

/// An archive that renders to what was planned, with the values that it brings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedArchive(Vec<u8>);

impl VerifiedArchive {
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }
}

/// Where an archive is not what it should be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct Disagreement {
    /// The path in the chart; empty for the archive itself.
    pub file: String,
    /// Counted from 1; 0 for the whole file.
    pub line: usize,
    pub reason: String,
}

impl Disagreement {
    fn new(file: &str, reason: impl Into<String>) -> Self {
        Self { file: file.to_owned(), line: 0, reason: reason.into() }
    }

    fn at(file: &str, error: ReadError) -> Self {
        Self { file: file.to_owned(), line: error.line, reason: error.reason }
    }
}

impl fmt::Display for Disagreement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.file.as_str(), self.line) {
            ("", _) => write!(f, "{}", self.reason),
            (file, 0) => write!(f, "`{file}`: {}", self.reason),
            (file, line) => write!(f, "`{file}`, line {line}: {}", self.reason),
        }
    }
}

/// Unpacks what will be written, renders it with its own values, and compares with what was planned.
pub fn verify(archive: Vec<u8>, expected: &Expected) -> Result<VerifiedArchive, Disagreement> {
    let tree = unpack(&archive).map_err(|error| Disagreement::new("", error.to_string()))?;
    let umbrella = Umbrella::open(&tree, None)?;
    metadata(&umbrella, expected)?;
    // Every file that is expected is taken out; what is left over in the end does not belong there.
    let mut files: BTreeMap<&str, &[u8]> = tree.files().collect();
    let root =
        ["Chart.yaml", "README.md", "values.yaml", "values.schema.json", "templates/NOTES.txt", "templates/guard.yaml"];
    for file in root {
        take(&mut files, file)?;
    }
    root_templates(&tree, expected)?;
    schema(&tree, "values.schema.json")?;
    for (name, bytes) in expected.nested {
        let path = format!("charts/{name}.tgz");
        if take(&mut files, &path)? != *bytes {
            return Err(Disagreement::new(&path, "expected other bytes"));
        }
    }
    for seen in parallel::map(expected.charts, |chart| subchart(&tree, &umbrella, chart)) {
        seen?.iter().for_each(|path| _ = files.remove(path));
    }
    nothing_else(&files)?;
    Ok(VerifiedArchive(archive))
}

/// Compares one subchart; gives the paths of its files.
fn subchart<'t>(tree: &'t ChartTree, umbrella: &Umbrella, chart: &ChartObjects) -> Result<Vec<&'t str>, Disagreement> {
    let folder = format!("charts/{}", chart.name);
    let below = format!("{folder}/");
    let mut files: BTreeMap<&str, &[u8]> = tree.below(&below).collect();
    let paths = files.keys().copied().collect();
    for file in ["Chart.yaml", "values.yaml"] {
        take(&mut files, &format!("{folder}/{file}"))?;
    }
    take(&mut files, &format!("{folder}/values.schema.json"))?;
    schema(tree, &format!("{folder}/values.schema.json"))?;
    if umbrella.section(&chart.name) != umbrella.defaults(&chart.name)? {
        let reason = format!("expected the same defaults below `{}` as in the subchart", chart.name);
        return Err(Disagreement::new("values.yaml", reason));
    }
    let scope = umbrella.scope(&chart.name)?;
    for item in &chart.objects {
        let path = format!("{folder}/templates/{}", item.file);
        let template = text(&path, take(&mut files, &path)?)?;
        let found = read_template(template, &scope).map_err(|error| Disagreement::at(&path, error))?;
        if let Some(difference) = found.difference(item.object.json()) {
            return Err(Disagreement::new(&path, difference.to_string()));
        }
    }
    nothing_else(&files)?;
    Ok(paths)
}

fn nothing_else(files: &BTreeMap<&str, &[u8]>) -> Result<(), Disagreement> {
    match files.first_key_value() {
        Some((path, _)) => Err(Disagreement::new(path, "expected no such file")),
        None => Ok(()),
    }
}

fn take<'t>(files: &mut BTreeMap<&str, &'t [u8]>, path: &str) -> Result<&'t [u8], Disagreement> {
    files.remove(path).ok_or_else(|| Disagreement::new(path, "expected this file, found none"))
}

fn metadata(umbrella: &Umbrella, expected: &Expected) -> Result<(), Disagreement> {
    let field = |key| umbrella.metadata.get(key).and_then(Node::text);
    if (field("name"), field("version")) != (Some(expected.name), Some(expected.version)) {
        let reason = format!("expected the name `{}` and the version `{}`", expected.name, expected.version);
        return Err(Disagreement::new("Chart.yaml", reason));
    }
    let found = umbrella.subcharts()?;
    let nested = expected.nested.len();
    let own = found.get(nested..).unwrap_or_default();
    let same = own.len() == expected.charts.len()
        && own.iter().zip(expected.charts).all(|(found, chart)| {
            let condition = chart.optional.then(|| format!("{}.enabled", chart.name));
            found.name == chart.name && found.version == expected.version && found.condition == condition.as_deref()
        });
    let archives = found
        .iter()
        .zip(expected.nested)
        .all(|(found, (name, _))| found.condition.is_none() && *name == format!("{}-{}", found.name, found.version));
    if same && archives {
        Ok(())
    } else {
        Err(Disagreement::new("Chart.yaml", "expected one dependency for each subchart"))
    }
}

fn root_templates(tree: &ChartTree, expected: &Expected) -> Result<(), Disagreement> {
    let part = |path| text(path, tree.get(path).unwrap_or_default());
    let guard = read_guard(part("templates/guard.yaml")?)
        .map_err(|reason| Disagreement::new("templates/guard.yaml", reason))?;
    if (guard.release.as_str(), guard.namespace.as_str()) != (expected.name, expected.namespace) {
        return Err(Disagreement::new("templates/guard.yaml", "expected the release's own name and namespace"));
    }
    let notes = without_literals(part("templates/NOTES.txt")?, true);
    notes.map(drop).map_err(|reason| Disagreement::new("templates/NOTES.txt", reason))
}

/// Helm refuses to load a chart whose schema is no JSON.
fn schema(tree: &ChartTree, path: &str) -> Result<(), Disagreement> {
    match serde_json::from_slice::<IgnoredAny>(tree.get(path).unwrap_or_default()) {
        Ok(_) => Ok(()),
        Err(error) => Err(Disagreement::new(path, error.to_string())),
    }
}
