//! Another folder on the disk of a node than the one with the files of the instance.

use crate::diagnostic::Diagnostic;
use crate::diagnostic::Severity;
use crate::lock::Local;
use crate::rules::Area;
use crate::rules::Check;
use crate::rules::Locks;
use crate::rules::Rule;
use crate::rules::locks::forget;
use crate::rules::walk;
use crate::values::mount::Mount;

pub const RULE: Rule = Rule {
    code: "local-path-changed",
    severity: Severity::Error,
    area: Area::Storage,
    what: "Another folder on the disk of a node than the one with the files of the instance.",
    why: "The instance would start with an empty folder; its files stay in the old one.",
    example: "# locked: locals.db-server1-vols-db: { node: server1, path: /vols/db, service: db, size: 1Gi }\n\
        services: { db: { image: db:1, perNode: [server1], mounts: { /data: { local: /disks/db, size: 1Gi } } } }",
    check: Check::Lock(check),
};

fn check(locks: &Locks, findings: &mut Vec<Diagnostic>) {
    let (old, next) = (&locks.old.lock.locals, &locks.next.locals);
    let mut gone: Vec<(&String, &Local)> = old.iter().filter(|(claim, _)| !next.contains_key(*claim)).collect();
    for (_, new) in next.iter().filter(|(claim, _)| !old.contains_key(*claim)) {
        let like = |(_, local): &(&String, &Local)| local.service == new.service && local.node == new.node;
        let Some(at) = gone.iter().position(like) else { continue };
        let (claim, before) = gone.remove(at);
        let mount = walk::mounts(locks.cluster).find(|at| {
            let is_it = matches!(at.mount, Mount::Local(mount) if mount.local.as_str() == new.path);
            at.container.of.name.as_str() == new.service && is_it
        });
        let Some(at) = mount else { continue };
        let (entry, path) = (format!("locals.{claim}"), at.path().key("local"));
        let message = format!(
            "the files of `{}` on `{}` are in `{}`, and the values say `{}`",
            new.service, new.node, before.path, new.path
        );
        let hint = format!(
            "write `{0}`; to move them stop the service, `mv {0} {1}` on `{2}`, then {3}",
            before.path,
            new.path,
            new.node,
            forget(&entry)
        );
        findings.push(locks.label(RULE.field(path, message).hint(hint), &entry));
    }
}
