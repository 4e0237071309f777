//! A volume that is to grow and cannot: one per replica, on a node's disk, or of K3s' `local-path`.

use crate::diagnostic::Diagnostic;
use crate::diagnostic::Severity;
use crate::rules::Area;
use crate::rules::Check;
use crate::rules::Locks;
use crate::rules::Rule;
use crate::rules::locks::forget;
use crate::rules::walk;
use crate::values::mount::Mount;

pub const RULE: Rule = Rule {
    code: "size-fixed",
    severity: Severity::Error,
    area: Area::Storage,
    what: "A volume that is to grow and cannot: one per replica, on a node's disk, or of K3s' `local-path`.",
    why: "Kubernetes changes neither the templates of a StatefulSet nor claims that nothing provisions: the upgrade would fail.",
    example: "# locked: claims.db: { claim: db, class: longhorn, group: 2000, perReplicaOf: db, size: 1Gi }\n\
        services: { db: { image: db:1, kind: StatefulSet, mounts: { /data: { claim: 2Gi, class: longhorn } } } }",
    check: Check::Lock(check),
};

fn check(locks: &Locks, findings: &mut Vec<Diagnostic>) {
    for both in locks.both() {
        let (Some(old), Some(next)) = (&both.old.size, &both.next.size) else { continue };
        if next.thousandths() <= old.thousandths() {
            continue;
        }
        let namespace = &locks.old.lock.namespace;
        let (reason, hint) = match (&both.next.per_replica_of, both.next.class.as_deref()) {
            (Some(set), class) if class.is_none_or(|class| !class.starts_with("nfs.")) => (
                "there is one per replica",
                format!(
                    "for each replica N `kubectl -n {namespace} patch pvc {}-{set}-N -p '{{\"spec\":{{\"resources\":\
                     {{\"requests\":{{\"storage\":\"{next}\"}}}}}}}}'`, then `kubectl -n {namespace} delete statefulset {set} \
                     --cascade=orphan`, {}",
                    both.next.claim,
                    forget(&both.entry)
                ),
            ),
            (_, Some("local-path")) => (
                "it is a folder on a node's disk, whose size nothing watches over",
                format!("write {old}; what fits in is what the disk holds"),
            ),
            _ => continue,
        };
        let message = format!("`{}` has {old}, and cannot grow to {next}: {reason}", both.entry);
        findings.push(locks.label(RULE.field(locks.size_path(&both.entry), message).hint(hint), &both.entry));
    }
    for (claim, next) in &locks.next.locals {
        let Some(old) = locks.old.lock.locals.get(claim) else { continue };
        if old.size.thousandths() == next.size.thousandths() {
            continue;
        }
        let mount = walk::mounts(locks.cluster).find(|at| {
            let is_it = matches!(at.mount, Mount::Local(mount) if mount.local.as_str() == next.path);
            at.container.of.name.as_str() == next.service && is_it
        });
        let Some(at) = mount else { continue };
        let entry = format!("locals.{claim}");
        let message = format!("`{entry}` was made with {}, and cannot become {}", old.size, next.size);
        let hint = format!("write {}; what fits in is what the disk holds", old.size);
        findings.push(locks.label(RULE.field(at.path().key("size"), message).hint(hint), &entry));
    }
}
