//! Values files of the command line -> checked values, with what is wrong told to people or scripts.

use std::path::Path;
use std::path::PathBuf;

use crate::cli::Deny;
use crate::cli::Input;
use crate::cli::Inputs;
use crate::cli::Output;
use crate::commands::failure::Failure;
use crate::diagnostic::Diagnostic;
use crate::diagnostic::Place;
use crate::diagnostic::Severity;
use crate::machine::Machine;
use crate::pipeline;
use crate::pipeline::Built;
use crate::pipeline::Checked;
use crate::report::Advice;
use crate::report::Report;
use crate::report::Style;
use crate::rules;
use crate::source::Sources;
use crate::source::Span;
use crate::values::attachments::Kind;
use crate::values::attachments::Wanted;
use crate::yaml;

/// No honest values file is as large.
const MAX_BYTES: u64 = 16 << 20;
/// A ConfigMap holds at most 1 MiB (`apimachinery`, `MaxSecretSize`); the rule says so with the place.
const MAX_ATTACHED: u64 = 4 << 20;

/// Values that were read and checked.
pub struct Loaded {
    pub sources: Sources,
    pub checked: Checked,
}

/// Reads and checks values files.
pub fn load(inputs: &Inputs, machine: &dyn Machine) -> Result<Loaded, Failure> {
    let mut sources = Sources::default();
    let mut broken = Vec::new();
    for input in inputs.iter() {
        let bytes = match input {
            Input::StandardInput => machine.read_standard_input(MAX_BYTES)?,
            Input::File(path) => machine.read(path, MAX_BYTES)?,
        };
        let lossy = String::from_utf8_lossy(&bytes).into_owned();
        match yaml::decode(bytes) {
            Ok(text) => _ = sources.add(input.to_string(), text),
            Err(offset) => {
                let source = sources.add(input.to_string(), lossy);
                let place = Place::Span(Span { source, start: offset, end: offset + 1 });
                broken.push(
                    Diagnostic::error("yaml-encoding", place, "expected UTF-8 text, found other bytes")
                        .hint("save the file as UTF-8"),
                );
            }
        }
    }
    let mut checked = pipeline::check(&sources, &|source, wanted| attach(source, wanted, machine));
    checked.findings.append(&mut broken);
    Ok(Loaded { sources, checked })
}

fn attach(source: &str, wanted: &Wanted, machine: &dyn Machine) -> Result<Vec<(String, Vec<u8>)>, String> {
    let beside = Path::new(source).parent().unwrap_or(Path::new("")).join(&wanted.relative);
    let read = |path: PathBuf| machine.read(&path, MAX_ATTACHED).map_err(|error| error.to_string());
    let name = |path: &Path| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    match wanted.kind {
        Kind::File => Ok(vec![(name(&beside), read(beside.clone())?)]),
        Kind::Folder => {
            let paths = machine.list(&beside).map_err(|error| error.to_string())?;
            let flat = paths.into_iter().filter(|path| path.components().count() == 1);
            flat.map(|path| Ok((name(&path), read(beside.join(&path))?))).collect()
        }
    }
}

/// Whether anything keeps the verb from going on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Passed,
    Refused,
}

impl Loaded {
    /// The chart, with what the rules say about it; `None` when nothing can be planned.
    pub fn build(&mut self, app_version: Option<&str>) -> Result<Option<Built>, Failure> {
        let Some(cluster) = &self.checked.cluster else { return Ok(None) };
        let built = pipeline::build(cluster, app_version)?;
        rules::check_chart(&built.charts, built.record, &mut self.checked.findings);
        Ok(Some(built))
    }

    pub fn verdict(&self, deny: Option<Deny>) -> Verdict {
        let refuses = |finding: &Diagnostic| match finding.severity {
            Severity::Error => true,
            Severity::Warning => deny == Some(Deny::Warnings),
            Severity::Advice => false,
        };
        if self.checked.findings.iter().any(refuses) { Verdict::Refused } else { Verdict::Passed }
    }

    /// Tells the findings: people on standard error, scripts (`--output json`) on standard output.
    pub fn tell(&self, output: Output, advice: Advice, machine: &dyn Machine) -> Result<(), Failure> {
        match output {
            Output::Human => machine.say(&self.report(advice, |report| report.human(Style::of(machine))))?,
            Output::Json => machine.data(&self.report(advice, |report| report.json()))?,
        }
        Ok(())
    }

    /// The findings as a value, to which a verb adds what it did.
    pub fn json(&self, advice: Advice) -> Result<serde_json::Value, Failure> {
        let text = self.report(advice, |report| report.json());
        serde_json::from_str(&text).map_err(|error| Failure::Bug(error.to_string()))
    }

    fn report(&self, advice: Advice, render: impl FnOnce(&Report) -> String) -> String {
        let locate = |place: &Place| self.checked.document.locate(place);
        render(&Report::new(&self.sources, &self.checked.findings, &locate, advice))
    }
}
