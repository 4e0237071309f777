//! A volume that is gone while a new one of the same class and size appears.

use crate::diagnostic::Diagnostic;
use crate::diagnostic::FieldPath;
use crate::diagnostic::Severity;
use crate::model::Kind;
use crate::rules::Area;
use crate::rules::Check;
use crate::rules::Locks;
use crate::rules::Rule;
use crate::rules::locks::forget;

pub const RULE: Rule = Rule {
    code: "volume-renamed",
    severity: Severity::Error,
    area: Area::Storage,
    what: "A volume that is gone while a new one of the same class and size appears.",
    why: "A new name is a new, empty volume: the services would start without their files, which the old claim keeps.",
    example: "# locked: volumes.media: { claim: media, class: cephfs, group: 2000, size: 1Ti }\nvolumes: { films: { size: 1Ti } }",
    check: Check::Lock(check),
};

fn check(locks: &Locks, findings: &mut Vec<Diagnostic>) {
    let (old, next) = (&locks.old.lock.volumes, &locks.next.volumes);
    let gone =
        old.iter().filter(|(name, _)| !next.contains_key(*name) && !locks.cluster.was_removed(Kind::Volume, name));
    let mut gone: Vec<_> = gone.collect();
    for (name, new) in next.iter().filter(|(name, new)| !old.contains_key(*name) && new.class.is_some()) {
        let same = |claim: &crate::lock::Claim| {
            let size = |claim: &crate::lock::Claim| claim.size.as_ref().map(|size| size.thousandths());
            claim.class == new.class && size(claim) == size(new)
        };
        // Each old one is told once.
        let Some(at) = gone.iter().position(|(_, claim)| same(claim)) else { continue };
        let (before, _) = gone.remove(at);
        let entry = format!("volumes.{before}");
        let message = format!("`{name}` is new and empty, and `{before}` with its files is no longer in the values");
        let hint = format!("keep the name `{before}`; if nothing is to be taken over: {}", forget(&entry));
        findings.push(locks.label(RULE.key(FieldPath::of(["volumes", name]), message).hint(hint), &entry));
    }
}
