//! Devices of nodes, and no volume or claim on Ceph.

use crate::diagnostic::Diagnostic;
use crate::diagnostic::FieldPath;
use crate::diagnostic::Severity;
use crate::model::Cluster;
use crate::rules::Area;
use crate::rules::Check;
use crate::rules::Rule;
use crate::rules::reference;
use crate::rules::walk;

pub const RULE: Rule = Rule {
    code: "unused-devices",
    severity: Severity::Advice,
    area: Area::Nodes,
    what: "Devices of nodes, and no volume or claim on Ceph.",
    why: "Ceph runs only when something is stored on it, so the disks stay as they are.",
    example: "nodes: { a: { address: 192.168.1.11/24, role: server, devices: [/dev/disk/by-id/x] } }",
    check: Check::Cluster(check),
};

fn check(cluster: &Cluster, findings: &mut Vec<Diagnostic>) {
    let Some((name, _)) = cluster.nodes.iter().find(|(_, node)| !node.devices.is_empty()) else { return };
    let incomplete =
        ["services", "volumes"].iter().any(|key| reference::is_incomplete(cluster, &FieldPath::of([*key])));
    if !incomplete && !walk::uses_ceph(cluster) {
        let finding = RULE.key(
            FieldPath::of(["nodes", name.as_str(), "devices"]),
            "nothing is stored on Ceph, so `devices` do nothing",
        );
        findings.push(finding.hint("take them out, or give a volume the class `cephfs`"));
    }
}
