//! Volumes that stay on the class that was the default when they were made.

use crate::diagnostic::Diagnostic;
use crate::diagnostic::FieldPath;
use crate::diagnostic::Severity;
use crate::rules::Area;
use crate::rules::Check;
use crate::rules::Locks;
use crate::rules::Rule;

pub const RULE: Rule = Rule {
    code: "default-class-changed",
    severity: Severity::Advice,
    area: Area::Storage,
    what: "Volumes that stay on the class that was the default when they were made.",
    why: "`storage.shared` and `storage.private` are for new volumes; each older one is moved when you say so.",
    example: "# locked: volumes.media: { claim: media, class: cephfs, group: 2000, size: 1Ti }\n\
        storage: { shared: longhorn }\nvolumes: { media: { size: 1Ti } }",
    check: Check::Lock(check),
};

fn check(locks: &Locks, findings: &mut Vec<Diagnostic>) {
    let storage = &locks.cluster.storage;
    for (key, section, class) in [("shared", "volumes.", &storage.shared), ("private", "claims.", &storage.private)] {
        let names: Vec<&str> =
            locks.cluster.placed.classes.iter().filter_map(|entry| entry.strip_prefix(section)).collect();
        if names.is_empty() {
            continue;
        }
        let named: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
        let message = format!("new ones get `{class}`, and these stay where they are: {}", named.join(", "));
        let moves: Vec<String> =
            names.iter().map(|name| format!("`helm ha move {name} --to {class} FILE...`")).collect();
        findings.push(
            RULE.field(FieldPath::of(["storage", key]), message).hint(format!("move them: {}", moves.join(", "))),
        );
    }
}
