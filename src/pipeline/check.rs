//! Texts in; findings and what can be built of the rest out.

use crate::diagnostic::Diagnostic;
use crate::diagnostic::FieldPath;
use crate::diagnostic::Place;
use crate::diagnostic::Segment;
use crate::lock;
use crate::lock::Locked;
use crate::model;
use crate::model::Cluster;
use crate::pipeline::read;
use crate::plan;
use crate::rules;
use crate::rules::Rule;
use crate::source::SourceId;
use crate::source::Sources;
use crate::values::Document;
use crate::values::attachments;
use crate::values::attachments::Wanted;

/// Reads a file, or the files of a folder, beside the values file of this name: names and bytes, or why not.
pub type Attach<'a> = dyn Fn(&str, &Wanted) -> Result<Vec<(String, Vec<u8>)>, String> + 'a;

/// Values that were checked as far as they can be understood.
pub struct Checked {
    pub document: Document,
    /// `None` only when an earlier stage and the types disagree, which a finding says.
    pub cluster: Option<Cluster>,
    /// The lock of the cluster; `None` when it has none yet, or one that cannot be used, which a finding says.
    pub locked: Option<Locked>,
    pub findings: Vec<Diagnostic>,
}

/// The lock beside the values, and those of other names there, which are looked at when it is missing.
pub struct LockTexts<'a> {
    /// Where the texts are: not among the values.
    pub sources: &'a Sources,
    pub own: Option<SourceId>,
    pub others: Vec<SourceId>,
}

/// Reads and checks every text of `sources`, up to the rules of the cluster. Nothing is locked.
pub fn check(sources: &Sources, attach: &Attach) -> Checked {
    check_with_lock(sources, &LockTexts { sources, own: None, others: Vec::new() }, attach)
}

/// The same, with what a lock says.
pub fn check_with_lock(sources: &Sources, texts: &LockTexts, attach: &Attach) -> Checked {
    check_by(rules::RULES, sources, texts, attach)
}

/// The same, by these rules alone.
pub fn check_by(rules: &[&Rule], sources: &Sources, texts: &LockTexts, attach: &Attach) -> Checked {
    let mut findings = Vec::new();
    let mut document = read::read(sources, &mut findings);
    attach_files(&mut document, sources, attach, &mut findings);
    let cluster = match model::decode(&document) {
        Ok(cluster) => Some(cluster),
        Err(error) => {
            let place = Place::Field(FieldPath::from_pointer(
                &format!("/{}", error.path().to_string().replace('.', "/")),
                |_| false,
            ));
            findings.push(Diagnostic::error("wrong-value", place, error.inner().to_string()));
            None
        }
    };
    let name = cluster.as_ref().map_or("", |cluster| cluster.name.as_str());
    let locked = locked(texts, name, &mut findings);
    let cluster = cluster.map(|mut cluster| {
        if let Some(locked) = &locked {
            plan::lock::keep(&mut cluster, &locked.lock);
        }
        let before = findings.len();
        rules::check_cluster(rules, &cluster, &mut findings);
        without_broken(cluster, findings.get(before..).unwrap_or_default())
    });
    Checked { document, cluster, locked, findings }
}

fn locked(texts: &LockTexts, name: &str, findings: &mut Vec<Diagnostic>) -> Option<Locked> {
    let Some(own) = texts.own else {
        let others = texts.others.iter().filter_map(|id| Some((*id, lock::read(texts.sources, *id).ok()?)));
        for (id, other) in others.filter(|(_, other)| other.lock.name == name) {
            let file = texts.sources.get(id).map_or("", |source| source.name.as_str());
            let finding = Diagnostic::error(
                "lock-elsewhere",
                Place::Field(FieldPath::of(["name"])),
                format!("the lock of `{name}` is `{file}`, which these values files do not lead to"),
            );
            let label = other.place("name").unwrap_or(Place::Whole);
            findings.push(finding.label(label, "this is its lock").hint(format!(
                "say `--lock {file}`, or rename it after the last values file; for another cluster of that name say \
                 `--lock` with a file of its own"
            )));
        }
        return None;
    };
    match lock::read(texts.sources, own) {
        Ok(locked) if locked.lock.name == name => Some(locked),
        Ok(locked) => {
            let finding = Diagnostic::error(
                "lock-of-another-cluster",
                Place::Field(FieldPath::of(["name"])),
                format!("this is cluster `{name}`, and the lock is of `{}`", locked.lock.name),
            );
            let label = locked.place("name").unwrap_or(Place::Whole);
            findings.push(finding.label(label, "this is another cluster").hint(
                "a cluster keeps its name, which is that of its release; for a new one say `--lock` with a file of its own",
            ));
            None
        }
        Err(mut wrong) => {
            findings.append(&mut wrong);
            None
        }
    }
}

fn attach_files(document: &mut Document, sources: &Sources, attach: &Attach, findings: &mut Vec<Diagnostic>) {
    for wanted in attachments::wanted(document) {
        let source = sources.get(wanted.source).map_or("", |source| source.name.as_str());
        let read = attach(source, &wanted).and_then(|files| files.into_iter().map(text).collect());
        match read {
            Ok(files) => document.attach(&wanted, files),
            Err(reason) => {
                let place = document.locate(&Place::Field(wanted.path.clone())).map_or(Place::Whole, Place::Span);
                findings.push(
                    Diagnostic::error("file-unreadable", place, reason)
                        .hint("paths are relative to the values file that names them"),
                );
                let mut mount = wanted.path;
                mount.pop();
                document.remove(&mount);
            }
        }
    }
}

fn text((name, bytes): (String, Vec<u8>)) -> Result<(String, String), String> {
    match String::from_utf8(bytes) {
        Ok(text) => Ok((name, text)),
        Err(_) => Err(format!("`{name}` is no text (UTF-8); bytes belong in a Secret or ConfigMap of their own")),
    }
}

/// Takes services, volumes and the like with errors out, so that the rest can be planned.
fn without_broken(mut cluster: Cluster, findings: &[Diagnostic]) -> Cluster {
    let errors = findings.iter().filter(|finding| finding.severity == crate::diagnostic::Severity::Error);
    for finding in errors {
        let (Place::Field(path) | Place::Key(path)) = &finding.place else { continue };
        cluster.removed.push(path.prefix(2));
        let keys: Vec<&str> = path
            .segments()
            .iter()
            .filter_map(|segment| match segment {
                Segment::Key(key) => Some(key.as_str()),
                Segment::Index(_) => None,
            })
            .collect();
        match keys.as_slice() {
            ["services", name, ..] => _ = cluster.services.remove(*name),
            ["volumes", name, ..] => _ = cluster.volumes.remove(*name),
            ["nodes", name, ..] => _ = cluster.nodes.remove(*name),
            ["gateways", name, ..] => _ = cluster.gateways.remove(*name),
            ["loadBalancer", "pools", name, ..] => _ = cluster.pools.remove(*name),
            ["certificates", "issuers", name, ..] => _ = cluster.issuers.remove(*name),
            ["certificates", "domains", name, ..] => _ = cluster.domains.remove(*name),
            ["auth", name, ..] => _ = cluster.auth.remove(*name),
            ["extraObjects", name, ..] => _ = cluster.extra_objects.remove(*name),
            _ => {}
        }
    }
    cluster
}
