//! Add-ons of other versions than those that the cluster runs.

use crate::diagnostic::Diagnostic;
use crate::diagnostic::Place;
use crate::diagnostic::Severity;
use crate::lock::Upgrade;
use crate::rules::Area;
use crate::rules::Check;
use crate::rules::Locks;
use crate::rules::Rule;
use crate::rules::versions::skips;

pub const RULE: Rule = Rule {
    code: "addon-version-changed",
    severity: Severity::Error,
    area: Area::Versions,
    what: "Add-ons of other versions than those that the cluster runs.",
    why: "A new version of this program must not upgrade the storage by accident, and Helm never upgrades CRDs.",
    example: "# locked: addons.rook: v1.19.4\nvolumes: { media: { size: 1Ti } }",
    check: Check::Lock(check),
};

fn check(locks: &Locks, findings: &mut Vec<Diagnostic>) {
    if locks.upgrade == Upgrade::Wanted {
        return;
    }
    for (addon, next) in &locks.next.addons {
        let Some(old) = locks.old.lock.addons.get(addon).filter(|old| *old != next && !skips(addon, old, next)) else {
            continue;
        };
        let message = format!("the cluster runs {addon} {old}, and this version of helm ha installs {next}");
        let finding = RULE.at(Place::Whole, message).hint(
            "read what the new version changes, then say `--upgrade-addons`; or go on with the version of helm ha that wrote the lock",
        );
        findings.push(locks.label(finding, &format!("addons.{addon}")));
    }
}
