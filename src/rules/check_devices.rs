//! Devices that Ceph will take, said once.

use crate::diagnostic::Diagnostic;
use crate::diagnostic::FieldPath;
use crate::diagnostic::Severity;
use crate::model::Cluster;
use crate::rules::Area;
use crate::rules::Check;
use crate::rules::Rule;
use crate::rules::walk;

pub const RULE: Rule = Rule {
    code: "check-devices",
    severity: Severity::Advice,
    area: Area::Nodes,
    what: "Devices that Ceph will take, said once.",
    why: "Ceph takes only empty disks, and what is on them is lost once it has.",
    example: "nodes: { a: { address: 192.168.1.11/24, role: server, devices: [/dev/disk/by-id/x] } }\n\
        volumes: { media: { size: 1Ti } }",
    check: Check::Cluster(check),
};

fn check(cluster: &Cluster, findings: &mut Vec<Diagnostic>) {
    let with_devices = || cluster.nodes.iter().filter(|(_, node)| !node.devices.is_empty());
    let Some((first, _)) = with_devices().next() else { return };
    if !walk::uses_ceph(cluster) {
        return;
    }
    let lines = with_devices().map(|(name, node)| {
        let devices: Vec<&str> = node.devices.iter().map(|device| device.as_str()).collect();
        format!("{name}: lsblk -o NAME,SIZE,FSTYPE,MOUNTPOINTS {}", devices.join(" "))
    });
    let lines: Vec<String> = lines.collect();
    let finding = RULE
        .key(FieldPath::of(["nodes", first.as_str(), "devices"]), "Ceph takes these disks only when they are empty");
    findings.push(finding.hint(format!("FSTYPE must be empty everywhere; on each node run\n{}", lines.join("\n"))));
}
