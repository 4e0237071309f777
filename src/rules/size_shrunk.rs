//! A volume that is to be smaller than it ever was.

use crate::diagnostic::Diagnostic;
use crate::diagnostic::Severity;
use crate::rules::Area;
use crate::rules::Check;
use crate::rules::Locks;
use crate::rules::Rule;

pub const RULE: Rule = Rule {
    code: "size-shrunk",
    severity: Severity::Error,
    area: Area::Storage,
    what: "A volume that is to be smaller than it ever was.",
    why: "A claim can grow, never shrink: Kubernetes refuses the upgrade.",
    example: "# locked: volumes.media: { claim: media, class: cephfs, group: 2000, size: 1Ti }\nvolumes: { media: { size: 500Gi } }",
    check: Check::Lock(check),
};

fn check(locks: &Locks, findings: &mut Vec<Diagnostic>) {
    for both in locks.both() {
        let (Some(old), Some(next)) = (&both.old.size, &both.next.size) else { continue };
        let has_none = both.next.class.as_deref().is_some_and(|class| class.starts_with("nfs."));
        if !has_none && next.thousandths() < old.thousandths() {
            let message = format!("`{}` has {old}, and cannot shrink to {next}", both.entry);
            let class = both.next.class.as_deref().unwrap_or("CLASS");
            let hint = format!(
                "write {old}; to have a smaller one move the files to it: `helm ha move {} --to {class} FILE...`",
                both.name()
            );
            findings.push(locks.label(RULE.field(locks.size_path(&both.entry), message).hint(hint), &both.entry));
        }
    }
}
