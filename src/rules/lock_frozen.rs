//! `--frozen`, and the lock would change.

use crate::diagnostic::Diagnostic;
use crate::diagnostic::Place;
use crate::diagnostic::Severity;
use crate::lock;
use crate::rules::Area;
use crate::rules::Check;
use crate::rules::Frozen;
use crate::rules::Locks;
use crate::rules::Rule;

pub const RULE: Rule = Rule {
    code: "lock-frozen",
    severity: Severity::Error,
    area: Area::Storage,
    what: "`--frozen`, and the lock would change.",
    why: "What CI generates must be what was locked and committed at the desk.",
    example: "# with --frozen, and nothing locked\nvolumes: { media: { size: 1Ti } }",
    check: Check::Lock(check),
};

fn check(locks: &Locks, findings: &mut Vec<Diagnostic>) {
    if locks.frozen == Frozen::No {
        return;
    }
    let (_, changes) = lock::merged(&locks.old.lock, locks.next, locks.upgrade);
    for change in changes {
        findings
            .push(RULE.at(Place::Whole, change).hint("run `helm ha generate` without `--frozen`, and commit the lock"));
    }
}
