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
use crate::lock;
use crate::lock::Locked;
use crate::lock::Upgrade;
use crate::machine::Machine;
use crate::pipeline;
use crate::pipeline::Built;
use crate::pipeline::Checked;
use crate::pipeline::LockTexts;
use crate::report::Advice;
use crate::report::Report;
use crate::report::Style;
use crate::rules;
use crate::rules::Frozen;
use crate::rules::Locks;
use crate::source::SourceId;
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
    /// Where the lock is or will be; `None` for standard input without `--lock`.
    pub lock_path: Option<PathBuf>,
}

/// The lock of values files: what `--lock` says, else beside the last of them.
fn lock_path(inputs: &Inputs, said: Option<&Path>) -> Option<PathBuf> {
    said.map(Path::to_owned).or_else(|| inputs.last_file().map(|path| path.with_extension("lock")))
}

/// Reads and checks values files with their lock. `said`: `--lock`.
pub fn load(inputs: &Inputs, said: Option<&Path>, machine: &dyn Machine) -> Result<Loaded, Failure> {
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
    let values = sources.clone();
    let lock_path = lock_path(inputs, said);
    let (own, others) = match &lock_path {
        Some(path) if machine.exists(path) => (Some(add_lock(&mut sources, path, machine)?), Vec::new()),
        Some(path) if said.is_none() => {
            let found = locks_beside(inputs, path, machine);
            let readable = found.iter().filter_map(|path| add_lock(&mut sources, path, machine).ok());
            (None, readable.collect())
        }
        _ => (None, Vec::new()),
    };
    let texts = LockTexts { sources: &sources, own, others };
    let mut checked = pipeline::check_with_lock(&values, &texts, &|source, wanted| attach(source, wanted, machine));
    checked.findings.append(&mut broken);
    Ok(Loaded { sources, checked, lock_path })
}

fn add_lock(sources: &mut Sources, path: &Path, machine: &dyn Machine) -> Result<SourceId, Failure> {
    let bytes = machine.read(path, MAX_BYTES)?;
    Ok(sources.add(path.display().to_string(), String::from_utf8_lossy(&bytes)))
}

/// Where the lock may be when it is not where it is looked for: beside another values file, or under the name that the
/// last one had before.
fn locks_beside(inputs: &Inputs, path: &Path, machine: &dyn Machine) -> Vec<PathBuf> {
    let folder = path.parent().unwrap_or(Path::new(""));
    let names = machine.names(folder).unwrap_or_default().into_iter().map(|name| folder.join(name));
    let beside = inputs.iter().filter_map(|input| match input {
        Input::File(path) => Some(path.with_extension("lock")),
        Input::StandardInput => None,
    });
    let mut found: Vec<PathBuf> = names.filter(|name| name.extension().is_some_and(|end| end == "lock")).collect();
    for path in beside.filter(|path| machine.exists(path)) {
        if !found.contains(&path) {
            found.push(path);
        }
    }
    found
}

/// What a verb may do to the lock.
#[derive(Clone, Copy)]
pub struct Locking {
    pub upgrade: Upgrade,
    pub frozen: Frozen,
}

impl Locking {
    /// What verbs do that write nothing.
    pub const READ: Self = Self { upgrade: Upgrade::Refused, frozen: Frozen::No };
}

/// The lock that a run leads to.
pub struct NewLock {
    pub path: PathBuf,
    pub text: String,
    /// A line for each thing that is new in it.
    pub changes: Vec<String>,
    /// Whether it differs from the file that is there, or none is.
    pub is_new: bool,
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
    pub fn build(&mut self, app_version: Option<&str>, locking: Locking) -> Result<Option<Built>, Failure> {
        let Some(cluster) = &self.checked.cluster else { return Ok(None) };
        let mut built = pipeline::build(cluster, app_version)?;
        built.plan.lock.old = self.checked.locked.as_ref().map(|locked| locked.lock.clone());
        let next = &built.plan.lock.next;
        let nothing = Locked::nothing(&next.name, &next.namespace);
        let old = self.checked.locked.as_ref().unwrap_or(&nothing);
        let locks = Locks { cluster, old, next, upgrade: locking.upgrade, frozen: locking.frozen };
        rules::check_lock(rules::RULES, &locks, &mut self.checked.findings);
        rules::check_chart(rules::RULES, cluster, &built.charts, built.record, &mut self.checked.findings);
        Ok(Some(built))
    }

    /// The chart with every image named by its locked digest, or what to say when one has none.
    pub fn with_locked_images(
        &self,
        built: Built,
        app_version: Option<&str>,
    ) -> Result<Result<Built, String>, Failure> {
        let images = self.checked.locked.as_ref().map(|locked| locked.lock.images.clone()).unwrap_or_default();
        let digests = images.into_iter().filter_map(|(image, mut fields)| Some((image, fields.remove(lock::DIGEST)?)));
        let (built, missing) = pipeline::lock_images(built, app_version, &digests.collect())?;
        if missing.is_empty() {
            return Ok(Ok(built));
        }
        let path = self.lock_path.as_ref().map_or_else(|| "the lock".to_owned(), |path| path.display().to_string());
        let lines: String = missing.iter().map(|image| format!("  {image}\n")).collect();
        Ok(Err(format!("{path} has no digest of these images: run `helm ha lock --images`\n{lines}")))
    }

    /// The lock after this run; standard input needs `--lock`.
    pub fn new_lock(&self, built: &Built, locking: Locking) -> Result<NewLock, Failure> {
        let path = self.lock_path()?.to_owned();
        let locks = &built.plan.lock;
        let nothing = lock::Lock::empty(&locks.next.name, &locks.next.namespace);
        let (lock, changes) = lock::merged(locks.old.as_ref().unwrap_or(&nothing), &locks.next, locking.upgrade);
        let is_new = locks.old.is_none() || !changes.is_empty();
        Ok(NewLock { path, text: lock::write(&lock), changes, is_new })
    }

    pub fn lock_path(&self) -> Result<&Path, Failure> {
        self.lock_path.as_deref().ok_or_else(|| {
            Failure::Usage("standard input has no place for a lock beside it: say `--lock FILE`".to_owned())
        })
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
