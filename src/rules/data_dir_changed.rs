//! Another `dataDirHostPath` than the one that Ceph's monitors live in.

use crate::diagnostic::Diagnostic;
use crate::diagnostic::FieldPath;
use crate::diagnostic::Severity;
use crate::rules::Area;
use crate::rules::Check;
use crate::rules::Locks;
use crate::rules::Rule;

pub const RULE: Rule = Rule {
    code: "data-dir-changed",
    severity: Severity::Error,
    area: Area::Storage,
    what: "Another `dataDirHostPath` than the one that Ceph's monitors live in.",
    why: "The monitors would start without their database, and without it the disks are unreadable.",
    example: "# locked: ceph: { dataDirHostPath: /var/lib/rook }\n\
        storage: { ceph: { dataDirHostPath: /vols/rook } }\nvolumes: { media: { size: 1Ti } }",
    check: Check::Lock(check),
};

const KEY: &str = "dataDirHostPath";

fn check(locks: &Locks, findings: &mut Vec<Diagnostic>) {
    let (Some(old), Some(next)) = (locks.old.lock.ceph.get(KEY), locks.next.ceph.get(KEY)) else { return };
    if old != next {
        let message = format!("Ceph's state is in `{old}`, and the values say `{next}`");
        let finding = RULE.field(FieldPath::of(["storage", "ceph", KEY]), message).hint(format!(
            "write `{old}`; a link on the nodes puts it on another disk: stop K3s, `mv {old} {next}`, `ln -s {next} {old}`"
        ));
        findings.push(locks.label(finding, "ceph.dataDirHostPath"));
    }
}
