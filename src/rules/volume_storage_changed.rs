//! A volume whose class is not the one that it was made with.

use crate::diagnostic::Diagnostic;
use crate::diagnostic::Severity;
use crate::rules::Area;
use crate::rules::Check;
use crate::rules::Locks;
use crate::rules::Rule;
use crate::rules::locks::forget;

pub const RULE: Rule = Rule {
    code: "volume-storage-changed",
    severity: Severity::Error,
    area: Area::Storage,
    what: "A volume whose class is not the one that it was made with.",
    why: "A claim keeps its class: Kubernetes refuses the change, and files do not move by themselves.",
    example: "# locked: volumes.media: { claim: media, class: cephfs, group: 2000, size: 1Ti }\nvolumes: { media: { size: 1Ti, class: longhorn } }",
    check: Check::Lock(check),
};

fn check(locks: &Locks, findings: &mut Vec<Diagnostic>) {
    for both in locks.both().filter(|both| both.old.class != both.next.class) {
        let words = |class: &Option<String>| match class {
            Some(class) => format!("of class `{class}`"),
            None => "a claim that was there".to_owned(),
        };
        let path = locks.path(&both.entry).key(if both.next.class.is_some() { "class" } else { "existing" });
        let hint = match &both.next.class {
            Some(class) if both.old.class.is_some() => {
                format!("move the files first: `helm ha move {} --to {class} FILE...`", both.name())
            }
            _ => format!("when the files are there: {}", forget(&both.entry)),
        };
        let message =
            format!("`{}` is {}, and the values say {}", both.entry, words(&both.old.class), words(&both.next.class));
        findings.push(locks.label(RULE.field(path, message).hint(hint), &both.entry));
    }
    for both in locks.both().filter(|both| both.old.class.is_none() && both.next.class.is_none()) {
        if both.old.claim != both.next.claim {
            let path = locks.path(&both.entry).key("existing").key("claim");
            let message =
                format!("`{}` is the claim `{}`, and the values say `{}`", both.entry, both.old.claim, both.next.claim);
            let hint = format!("when the files are there: {}", forget(&both.entry));
            findings.push(locks.label(RULE.field(path, message).hint(hint), &both.entry));
        }
    }
}
