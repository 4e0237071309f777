//! A volume that no service mounts.

use std::collections::BTreeSet;

use crate::diagnostic::Diagnostic;
use crate::diagnostic::FieldPath;
use crate::diagnostic::Severity;
use crate::model::Cluster;
use crate::model::Kind;
use crate::rules::Area;
use crate::rules::Check;
use crate::rules::Rule;
use crate::rules::reference;
use crate::rules::walk;
use crate::values::mount::Mount;

pub const RULE: Rule = Rule {
    code: "unused-volume",
    severity: Severity::Advice,
    area: Area::Storage,
    what: "A volume that no service mounts.",
    why: "It takes room on the disks, and nobody uses it.",
    example: "volumes: { media: { size: 1Ti, class: longhorn } }",
    check: Check::Cluster(check),
};

fn check(cluster: &Cluster, findings: &mut Vec<Diagnostic>) {
    if reference::is_incomplete(cluster, &Kind::Service.path()) {
        return;
    }
    let mounted: BTreeSet<&str> = walk::mounts(cluster)
        .filter_map(|at| match at.mount {
            Mount::Volume(mount) => Some(mount.volume.as_str()),
            _ => None,
        })
        .collect();
    for name in cluster.volumes.keys().filter(|name| !mounted.contains(name.as_str())) {
        let finding = RULE.key(FieldPath::of(["volumes", name.as_str()]), format!("no service mounts volume `{name}`"));
        findings.push(finding.hint("mount it: `mounts: { PATH: { volume: NAME } }`, or take it out"));
    }
}
