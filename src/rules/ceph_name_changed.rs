//! A pool, a filesystem or the namespace of Ceph that is not the one with the data.

use crate::diagnostic::Diagnostic;
use crate::diagnostic::FieldPath;
use crate::diagnostic::Severity;
use crate::rules::Area;
use crate::rules::Check;
use crate::rules::Locks;
use crate::rules::Rule;
use crate::rules::locks::forget;

pub const RULE: Rule = Rule {
    code: "ceph-name-changed",
    severity: Severity::Error,
    area: Area::Storage,
    what: "A pool, a filesystem or the namespace of Ceph that is not the one with the data.",
    why: "Under another name Rook makes a new, empty one, and every volume stays in the old one.",
    example: "# locked: ceph: { namespace: rook-ceph, filesystem: cephfs }\n\
        addons: { rook: { source: existing, namespace: storage } }\nvolumes: { media: { size: 1Ti } }",
    check: Check::Lock(check),
};

fn check(locks: &Locks, findings: &mut Vec<Diagnostic>) {
    for (key, next) in locks.next.ceph.iter().filter(|(key, _)| *key != "dataDirHostPath") {
        let Some(old) = locks.old.lock.ceph.get(key).filter(|old| *old != next) else { continue };
        let entry = format!("ceph.{key}");
        let path = match key.as_str() {
            "namespace" => FieldPath::of(["addons", "rook", "namespace"]),
            _ => FieldPath::of(["storage", "ceph"]),
        };
        let message = format!("`{entry}` is `{old}`, and would become `{next}`");
        let hint = format!("go back to `{old}`; when no data is left in it: {}", forget(&entry));
        findings.push(locks.label(RULE.field(path, message).hint(hint), &entry));
    }
}
