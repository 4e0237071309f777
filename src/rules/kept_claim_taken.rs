//! A new volume called like a claim that still holds the files of one that was moved.

use crate::diagnostic::Diagnostic;
use crate::diagnostic::Severity;
use crate::rules::Area;
use crate::rules::Check;
use crate::rules::Locks;
use crate::rules::Rule;
use crate::rules::locks::forget;

pub const RULE: Rule = Rule {
    code: "kept-claim-taken",
    severity: Severity::Error,
    area: Area::Storage,
    what: "A new volume called like a claim that still holds the files of one that was moved.",
    why: "It would not be new: it would find the old files, or the upgrade would fail for its class or size.",
    example: "# locked: kept.media: { class: cephfs, of: volumes.media }\n\
        services: { media: { image: media:1, mounts: { /data: { claim: 1Gi, class: longhorn } } } }",
    check: Check::Lock(check),
};

fn check(locks: &Locks, findings: &mut Vec<Diagnostic>) {
    for (entry, claim) in locks.next.all_claims() {
        let export = claim.class.as_deref().and_then(|class| class.strip_prefix("nfs."));
        let key = export.map_or_else(|| claim.claim.clone(), |export| format!("{export}/{}", claim.claim));
        let Some(kept) = locks.old.lock.kept.get(&key).filter(|_| claim.class.is_some()) else { continue };
        let message = format!("`{key}` still holds the old files of `{}`", kept.of);
        let kept_entry = format!("kept.{key}");
        let hint = format!("give this one another name; or delete the old files: {}", forget(&kept_entry));
        findings.push(locks.label(RULE.key(locks.path(&entry), message).hint(hint), &kept_entry));
    }
}
