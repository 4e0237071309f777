//! A private volume that becomes one per replica, or stops being that.

use crate::diagnostic::Diagnostic;
use crate::diagnostic::Severity;
use crate::rules::Area;
use crate::rules::Check;
use crate::rules::Locks;
use crate::rules::Rule;
use crate::rules::locks::forget;

pub const RULE: Rule = Rule {
    code: "claim-kind-changed",
    severity: Severity::Error,
    area: Area::Storage,
    what: "A private volume that becomes one per replica, or stops being that.",
    why: "The claims of a StatefulSet have other names: the service would start with empty ones.",
    example: "# locked: claims.db: { claim: db, class: cephfs, group: 2000, size: 1Gi }\n\
        services: { db: { image: db:1, kind: StatefulSet, mounts: { /data: { claim: 1Gi } } } }",
    check: Check::Lock(check),
};

fn check(locks: &Locks, findings: &mut Vec<Diagnostic>) {
    for both in locks.both().filter(|both| both.old.per_replica_of != both.next.per_replica_of) {
        let names = |claim: &crate::lock::Claim| match &claim.per_replica_of {
            Some(set) => format!("one per replica, `{}-{set}-0` and so on", claim.claim),
            None => format!("`{}`", claim.claim),
        };
        let message = format!(
            "the files of `{}` are in {}, and would be looked for in {}",
            both.entry,
            names(both.old),
            names(both.next)
        );
        let hint = format!("keep the `kind` of the service; if nothing is to be taken over: {}", forget(&both.entry));
        findings.push(locks.label(RULE.key(locks.path(&both.entry), message).hint(hint), &both.entry));
    }
}
