//! A shared volume on a class that only one node at a time can mount.

use crate::diagnostic::Diagnostic;
use crate::diagnostic::FieldPath;
use crate::diagnostic::Severity;
use crate::model::Cluster;
use crate::plan::classes::Class;
use crate::rules::Area;
use crate::rules::Check;
use crate::rules::Rule;
use crate::values::storage::ClassName;

pub const RULE: Rule = Rule {
    code: "volume-not-shared",
    severity: Severity::Error,
    area: Area::Storage,
    what: "A shared volume on a class that only one node at a time can mount.",
    why: "The second service, or the same one on another node, would wait for the volume forever.",
    example: "volumes: { media: { size: 1Ti, class: local-path } }",
    check: Check::Cluster(check),
};

fn check(cluster: &Cluster, findings: &mut Vec<Diagnostic>) {
    let not_shared = |class: &ClassName| Class::of(cluster, class).is_some_and(|class| !class.is_shared());
    let mut found = |path: FieldPath, class: &ClassName| {
        let finding = RULE.field(path, format!("class `{class}` is for one node at a time, and `volumes` are shared"));
        findings.push(finding.hint("take `cephfs`, `nfs.NAME`, `longhorn` or a class that allows ReadWriteMany"));
    };
    let made = || cluster.volumes.iter().filter(|(_, volume)| volume.existing.is_none());
    for (name, volume) in made() {
        if let Some(class) = volume.class.as_ref().filter(|class| not_shared(class)) {
            found(FieldPath::of(["volumes", name.as_str(), "class"]), class);
        }
    }
    if made().any(|(_, volume)| volume.class.is_none()) && not_shared(&cluster.storage.shared) {
        found(FieldPath::of(["storage", "shared"]), &cluster.storage.shared);
    }
}
