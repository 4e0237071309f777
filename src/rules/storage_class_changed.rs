//! A storage class that would no longer be what its volumes were made with.

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
    code: "storage-class-changed",
    severity: Severity::Error,
    area: Area::Storage,
    what: "A storage class that would no longer be what its volumes were made with.",
    why: "Provisioner and parameters of a class, and class and access mode of a claim, never change: the upgrade would fail.",
    example: "# locked: classes.fast: { mode: ReadWriteOnce, storageClass: openebs-hostpath }\n\
        storage: { private: fast, classes: { fast: { existing: openebs-lvm, accessModes: [ReadWriteOnce] } } }\n\
        services: { web: { image: web:1, mounts: { /data: { claim: 1Gi } } } }",
    check: Check::Lock(check),
};

fn check(locks: &Locks, findings: &mut Vec<Diagnostic>) {
    for (class, next) in &locks.next.classes {
        let Some(old) = locks.old.lock.classes.get(class) else { continue };
        let entry = format!("classes.{class}");
        for (key, old, next) in changed(old, next) {
            let path = FieldPath::of(["storage", "classes", class]);
            let path = path.key(if key == "mode" { "accessModes" } else { "existing" });
            let message = format!("`{key}` of class `{class}` is `{old}`, and would become `{next}`");
            let hint = format!("declare a class of another name; when no volume is of this one: {}", forget(&entry));
            findings.push(locks.label(RULE.field(path, message).hint(hint), &entry));
        }
    }
}
