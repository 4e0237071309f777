//! Ceph's own state in a folder that a reboot empties.

use crate::diagnostic::Diagnostic;
use crate::diagnostic::FieldPath;
use crate::diagnostic::Severity;
use crate::model::Cluster;
use crate::rules::Area;
use crate::rules::Check;
use crate::rules::Rule;
use crate::rules::walk;

pub const RULE: Rule = Rule {
    code: "data-dir-volatile",
    severity: Severity::Warning,
    area: Area::Storage,
    what: "Ceph's own state in a folder that a reboot empties.",
    why: "The monitors keep the map of the whole cluster there: when three nodes have rebooted, nobody knows where the data is.",
    example: "storage: { ceph: { dataDirHostPath: /tmp/rook } }\n\
        volumes: { media: { size: 1Ti } }",
    check: Check::Cluster(check),
};

/// Folders in memory, or emptied at a start (Filesystem Hierarchy Standard 3.0).
const VOLATILE: &[&str] = &["/tmp", "/var/tmp", "/run", "/var/run", "/dev/shm"];

fn check(cluster: &Cluster, findings: &mut Vec<Diagnostic>) {
    let folder = walk::normal(cluster.storage.ceph.data_dir_host_path.as_str());
    if walk::uses_ceph(cluster)
        && VOLATILE.iter().any(|volatile| folder == *volatile || walk::is_below(&folder, volatile))
    {
        let path = FieldPath::of(["storage", "ceph", "dataDirHostPath"]);
        let finding = RULE.field(path, format!("`{folder}` is empty after a reboot"));
        findings.push(finding.hint("leave it out (`/var/lib/rook`), or name a folder on a disk"));
    }
}
