//! Another `namespace` than the one that the release lives in.

use crate::diagnostic::Diagnostic;
use crate::diagnostic::FieldPath;
use crate::diagnostic::Severity;
use crate::rules::Area;
use crate::rules::Check;
use crate::rules::Locks;
use crate::rules::Rule;

pub const RULE: Rule = Rule {
    code: "namespace-changed",
    severity: Severity::Error,
    area: Area::Storage,
    what: "Another `namespace` than the one that the release lives in.",
    why: "It would be a second release, with new and empty volumes, beside the first one.",
    example: "# locked: namespace: home\nnamespace: elsewhere",
    check: Check::Lock(check),
};

fn check(locks: &Locks, findings: &mut Vec<Diagnostic>) {
    let (old, next) = (&locks.old.lock.namespace, &locks.next.namespace);
    if old != next {
        let message = format!("the release lives in `{old}`, and the values say `{next}`");
        let hint = format!("write `namespace: {old}`; for a second cluster say `--lock` with a file of its own");
        findings.push(locks.label(RULE.field(FieldPath::of(["namespace"]), message).hint(hint), "namespace"));
    }
}
