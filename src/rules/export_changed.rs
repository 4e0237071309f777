//! An NFS export in use on another server or path.

use crate::diagnostic::Diagnostic;
use crate::diagnostic::FieldPath;
use crate::diagnostic::Severity;
use crate::rules::Area;
use crate::rules::Check;
use crate::rules::Locks;
use crate::rules::Rule;
use crate::rules::locks::changed;
use crate::rules::locks::forget;

pub const RULE: Rule = Rule {
    code: "export-changed",
    severity: Severity::Error,
    area: Area::Storage,
    what: "An NFS export in use on another server or path.",
    why: "A volume never changes where it leads to: Kubernetes refuses the upgrade.",
    example: "# locked: exports.nas: { path: /export/media, server: 192.168.1.5 }\n\
        storage: { nfs: { nas: { server: 192.168.1.6, path: /export/media } } }\n\
        services: { web: { image: web:1, mounts: { /films: { nfs: nas } } } }",
    check: Check::Lock(check),
};

fn check(locks: &Locks, findings: &mut Vec<Diagnostic>) {
    for (export, next) in &locks.next.exports {
        let Some(old) = locks.old.lock.exports.get(export) else { continue };
        let entry = format!("exports.{export}");
        for (key, old, next) in changed(old, next) {
            let path = FieldPath::of(["storage", "nfs", export, key]);
            let message = format!("the {key} of export `{export}` is `{old}`, and would become `{next}`");
            let namespace = &locks.old.lock.namespace;
            let hint = format!(
                "give the new one another name, or, when its files are at the new place, stop the services that mount it, \
                 `kubectl delete pv {namespace}-nfs-{export} --wait=false && kubectl -n {namespace} delete pvc nfs-{export}`, {}",
                forget(&entry)
            );
            findings.push(locks.label(RULE.field(path, message).hint(hint), &entry));
        }
    }
}
