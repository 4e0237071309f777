//! A volume, a claim or `storage` names a class that is neither known nor declared.

use crate::diagnostic::Diagnostic;
use crate::diagnostic::FieldPath;
use crate::diagnostic::Severity;
use crate::diagnostic::suggestion;
use crate::model::Cluster;
use crate::model::Kind;
use crate::plan::classes::Class;
use crate::rules::Area;
use crate::rules::Check;
use crate::rules::Rule;
use crate::rules::walk;
use crate::values::mount::Mount;
use crate::values::storage::ClassName;

pub const RULE: Rule = Rule {
    code: "unknown-class",
    severity: Severity::Error,
    area: Area::Storage,
    what: "A volume, a claim or `storage` names a class that is neither known nor declared.",
    why: "A claim of a storage class that does not exist is never bound.",
    example: "volumes: { media: { size: 1Ti, class: cefs } }",
    check: Check::Cluster(check),
};

const KNOWN: &[&str] = &["cephfs", "ceph-block", "longhorn", "local-path"];

fn check(cluster: &Cluster, findings: &mut Vec<Diagnostic>) {
    let storage = &cluster.storage;
    for (key, class) in [("shared", &storage.shared), ("private", &storage.private)] {
        findings.extend(unknown(cluster, class, || FieldPath::of(["storage", key])));
    }
    for (name, volume) in &cluster.volumes {
        let path = || FieldPath::of(["volumes", name.as_str(), "class"]);
        findings.extend(volume.class.as_ref().and_then(|class| unknown(cluster, class, path)));
    }
    for at in walk::mounts(cluster) {
        if let Mount::Claim(claim) = at.mount {
            let path = || at.path().key("class");
            findings.extend(claim.class.as_ref().and_then(|class| unknown(cluster, class, path)));
        }
    }
}

fn unknown(cluster: &Cluster, class: &ClassName, path: impl FnOnce() -> FieldPath) -> Option<Diagnostic> {
    let word = class.as_str();
    let was_removed = match word.strip_prefix("nfs.") {
        Some(export) => cluster.was_removed(Kind::Export, export),
        None => cluster.was_removed(Kind::Class, word),
    };
    if was_removed || Class::of(cluster, class).is_some() {
        return None;
    }
    let exports: Vec<String> = cluster.storage.nfs.keys().map(|name| format!("nfs.{name}")).collect();
    let declared = cluster.storage.classes.keys().map(|name| name.as_str());
    let known = KNOWN.iter().copied().chain(exports.iter().map(String::as_str)).chain(declared);
    let finding = RULE.field(path(), format!("there is no storage class `{word}`"));
    Some(finding.hint(suggestion(word, known).unwrap_or_else(|| "declare it under `storage.classes`".to_owned())))
}
