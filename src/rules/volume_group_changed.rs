//! A volume whose files are to belong to another group.

use crate::diagnostic::Diagnostic;
use crate::diagnostic::FieldPath;
use crate::diagnostic::Severity;
use crate::rules::Area;
use crate::rules::Check;
use crate::rules::Locks;
use crate::rules::Rule;
use crate::rules::locks::forget;

pub const RULE: Rule = Rule {
    code: "volume-group-changed",
    severity: Severity::Error,
    area: Area::Storage,
    what: "A volume whose files are to belong to another group.",
    why: "The files keep the old group on NFS, and elsewhere every one of them is changed while the services wait.",
    example: "# locked: volumes.media: { claim: media, class: cephfs, group: 2000, size: 1Ti }\nvolumes: { media: { size: 1Ti, group: 3000 } }",
    check: Check::Lock(check),
};

fn check(locks: &Locks, findings: &mut Vec<Diagnostic>) {
    for both in locks.both().filter(|both| both.old.group != both.next.group) {
        let own = locks.path(&both.entry).key("group");
        let is_own = locks
            .cluster
            .volumes
            .iter()
            .any(|(name, volume)| volume.group.is_some() && both.entry == crate::plan::names::volume_entry(name));
        let path = if is_own { own } else { FieldPath::of(["storage", "group"]) };
        let message = format!(
            "the files of `{}` belong to group {}, and the values say {}",
            both.entry, both.old.group, both.next.group
        );
        let hint = match &both.next.class {
            Some(class) if class.starts_with("nfs.") => {
                format!("change them on the server with `chgrp -R {}`, then {}", both.next.group, forget(&both.entry))
            }
            _ => format!(
                "write {}; to have every file changed when its pods start next, which takes minutes for a million of them, {}",
                both.old.group,
                forget(&both.entry)
            ),
        };
        findings.push(locks.label(RULE.field(path, message).hint(hint), &both.entry));
    }
}
