//! Values in; the chart that every stage makes of them, on disk, and what a Helm makes of that out.

use std::fs;

use helm_ha::diagnostic::Diagnostic;
use helm_ha::diagnostic::Severity;
use helm_ha::pipeline;
use helm_ha::pipeline::Attach;
use helm_ha::pipeline::Bug;
use helm_ha::pipeline::Built;
use helm_ha::source::Sources;
use helm_ha::verify::render;
use serde_json::Value;

use crate::oracle::Answer;
use crate::oracle::Oracle;
use crate::rules;

/// A chart and the archive of it.
pub struct Made {
    pub name: String,
    pub built: Built,
    folder: tempfile::TempDir,
}

/// Every example and every good fixture.
pub fn cases() -> Vec<Made> {
    examples().into_iter().chain(rules::fixtures("ok").iter().map(|(name, sources)| made(name, sources))).collect()
}

pub fn examples() -> Vec<Made> {
    rules::examples().iter().map(|(name, sources)| made(name, sources)).collect()
}

/// The chart of values that pass every rule.
pub fn made(name: &str, sources: &Sources) -> Made {
    match try_build(sources, &rules::attach).unwrap_or_else(|bug| panic!("{name}: {bug}")) {
        Ok(built) => pack(name, built),
        Err(findings) => panic!("{name}: {findings:#?}"),
    }
}

/// The chart, or what is wrong. What is left of wrong values is built as well, for that may never be a bug of ours.
pub fn try_build(sources: &Sources, attach: &Attach) -> Result<Result<Built, Vec<Diagnostic>>, Bug> {
    let checked = pipeline::check(sources, attach);
    let mut findings = checked.findings;
    let built = checked.cluster.as_ref().map(|cluster| pipeline::build(cluster, None)).transpose()?;
    if let (Some(cluster), Some(built)) = (&checked.cluster, &built) {
        helm_ha::rules::check_chart(helm_ha::rules::RULES, cluster, &built.charts, built.record, &mut findings);
    }
    findings.retain(|finding| finding.severity == Severity::Error);
    Ok(built.filter(|_| findings.is_empty()).ok_or(findings))
}

/// Puts the archive on disk.
pub fn pack(name: &str, built: Built) -> Made {
    let archive = pipeline::pack(&built, 0).unwrap_or_else(|bug| panic!("{name}: {bug}"));
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("x.tgz"), archive.bytes()).unwrap();
    Made { name: name.to_owned(), built, folder }
}

impl Made {
    /// The objects of the plan.
    pub fn planned(&self) -> Vec<Value> {
        let items = self.built.charts.iter().flat_map(|chart| &chart.objects);
        items.map(|item| item.object.json().clone()).collect()
    }

    /// What our own reader makes of the chart.
    pub fn rendered(&self, values: Option<&Value>) -> Vec<Value> {
        let objects = render(&self.built.tree, values).unwrap_or_else(|error| panic!("{}: {error}", self.name));
        objects.into_iter().map(|(_, object)| object.json().clone()).collect()
    }

    pub fn lint(&self, helm: &Oracle) -> Answer {
        helm.run(&["lint", "--strict", &self.archive(), "-n", &self.built.plan.facts.namespace], "")
    }

    pub fn template(&self, helm: &Oracle, release: &str, namespace: &str) -> Answer {
        helm.run(&["template", release, &self.archive(), "-n", namespace], "")
    }

    /// The objects that Helm renders without a warning, with a person's values.
    pub fn rendered_by(&self, helm: &Oracle, yaml: &Oracle, values: Option<&Value>) -> Vec<Value> {
        let facts = &self.built.plan.facts;
        let answer = match values {
            None => self.template(helm, &facts.name, &facts.namespace),
            Some(values) => {
                let file = self.folder.path().join("values.json");
                // What JSON may hold as it is and YAML reads as a line end is escaped.
                let escape = |c: char| match c {
                    '\u{7f}'..='\u{9f}' | '\u{2028}' | '\u{2029}' | '\u{feff}' => format!("\\u{:04x}", u32::from(c)),
                    _ => c.to_string(),
                };
                fs::write(&file, values.to_string().chars().map(escape).collect::<String>()).unwrap();
                let file = file.display().to_string();
                let archive = self.archive();
                helm.run(&["template", &facts.name, &archive, "-n", &facts.namespace, "-f", &file], "")
            }
        };
        assert!(answer.succeeded && answer.stderr.is_empty(), "{} {}: {}", self.name, helm.name, answer.stderr);
        yaml.documents(&answer.stdout)
    }

    pub fn archive(&self) -> String {
        self.folder.path().join("x.tgz").display().to_string()
    }
}

/// Fails unless these are the same objects in any order (Helm sorts them by kind), each exactly equal.
pub fn same(found: Vec<Value>, expected: Vec<Value>, context: &str) {
    if let Some(difference) = difference(found, expected) {
        panic!("{context}: {difference}");
    }
}

/// The first object that is not the same, or not there.
pub fn difference(found: Vec<Value>, expected: Vec<Value>) -> Option<String> {
    let sorted = |objects: Vec<Value>| {
        let name = |object: &Value| {
            let field = |pointer| object.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
            format!("{} {}/{}", field("/kind"), field("/metadata/namespace"), field("/metadata/name"))
        };
        let mut named: Vec<_> = objects.into_iter().map(|object| (name(&object), object)).collect();
        named.sort_by(|one, other| one.0.cmp(&other.0));
        named
    };
    let (found, expected) = (sorted(found), sorted(expected));
    let names = |objects: &[(String, Value)]| objects.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>();
    if names(&found) != names(&expected) {
        return Some(format!("expected {:#?}, found {:#?}", names(&expected), names(&found)));
    }
    let (found, expected) = found.iter().zip(&expected).find(|(found, expected)| found != expected)?;
    Some(format!("expected {:#}\nfound {:#}", expected.1, found.1))
}
