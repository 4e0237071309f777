//! A service that is gone while a new one with a private volume like its own appears.

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
    code: "service-renamed",
    severity: Severity::Error,
    area: Area::Storage,
    what: "A service that is gone while a new one with a private volume like its own appears.",
    why: "A private volume is called like its service: under a new name it is a new, empty one.",
    example: "# locked: claims.git: { claim: git, class: cephfs, group: 2000, size: 20Gi }\n\
        services: { forge: { image: git:1, mounts: { /data: { claim: 20Gi } } } }",
    check: Check::Lock(check),
};

fn check(locks: &Locks, findings: &mut Vec<Diagnostic>) {
    let (old, next) = (&locks.old.lock.claims, &locks.next.claims);
    let is_there = |service: &str| {
        let there = locks.cluster.services.keys().any(|name| name.as_str() == service);
        there || locks.cluster.was_removed(Kind::Service, service)
    };
    let mut gone: Vec<_> = old.iter().filter(|(entry, _)| !is_there(parts(entry).0)).collect();
    for (entry, new) in next {
        let (service, name) = parts(entry);
        let was_there = old.keys().any(|entry| parts(entry).0 == service);
        let size = |claim: &crate::lock::Claim| claim.size.as_ref().map(|size| size.thousandths());
        let like = |(entry, claim): &(&String, &crate::lock::Claim)| {
            parts(entry).1 == name && claim.class == new.class && size(claim) == size(new)
        };
        let Some(at) = gone.iter().position(like).filter(|_| !was_there) else { continue };
        let (before, _) = gone.remove(at);
        let (before_service, _) = parts(before);
        let entry = format!("claims.{before}");
        let message = format!(
            "`{service}` is new, with an empty volume, and `{before_service}` with its files is no longer in the values"
        );
        let hint = format!("keep the name `{before_service}`; if nothing is to be taken over: {}", forget(&entry));
        findings.push(locks.label(RULE.key(FieldPath::of(["services", service]), message).hint(hint), &entry));
    }
}

/// Service, and the name that tells its private volumes apart.
fn parts(entry: &str) -> (&str, &str) {
    entry.split_once('/').unwrap_or((entry, ""))
}
