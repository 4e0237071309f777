//! An upgrade of an add-on that goes backwards, or past a minor version of Rook.

use crate::diagnostic::Diagnostic;
use crate::diagnostic::Place;
use crate::diagnostic::Severity;
use crate::rules::Area;
use crate::rules::Check;
use crate::rules::Locks;
use crate::rules::Rule;
use crate::rules::versions::skips;

pub const RULE: Rule = Rule {
    code: "addon-version-skipped",
    severity: Severity::Error,
    area: Area::Versions,
    what: "An upgrade of an add-on that goes backwards, or past a minor version of Rook.",
    why: "Rook converts its cluster from the minor version before alone, and nothing is made to be downgraded.",
    example: "# locked: addons.rook: v1.18.9\nvolumes: { media: { size: 1Ti } }",
    check: Check::Lock(check),
};

fn check(locks: &Locks, findings: &mut Vec<Diagnostic>) {
    for (addon, next) in &locks.next.addons {
        let Some(old) = locks.old.lock.addons.get(addon).filter(|old| skips(addon, old, next)) else { continue };
        let message = format!("{addon} cannot go from {old} to {next} in one step");
        let finding = RULE.at(Place::Whole, message).hint(
            "take one version of helm ha after the other, each with `--upgrade-addons`; `helm ha version` tells what each installs",
        );
        findings.push(locks.label(finding, &format!("addons.{addon}")));
    }
}
