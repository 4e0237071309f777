//! A partition of a disk among the devices of Ceph.

use crate::diagnostic::Diagnostic;
use crate::diagnostic::FieldPath;
use crate::diagnostic::Severity;
use crate::model::Cluster;
use crate::rules::Area;
use crate::rules::Check;
use crate::rules::Rule;

pub const RULE: Rule = Rule {
    code: "device-partition",
    severity: Severity::Warning,
    area: Area::Nodes,
    what: "A partition of a disk among the devices of Ceph.",
    why: "The rest of the disk belongs to somebody else, whose work slows Ceph down, and a new partition table takes the data with it.",
    example: "nodes: { a: { address: 192.168.1.11/24, role: server, devices: [/dev/disk/by-id/ata-X-part1] } }",
    check: Check::Cluster(check),
};

fn check(cluster: &Cluster, findings: &mut Vec<Diagnostic>) {
    for (name, node) in &cluster.nodes {
        for (index, device) in node.devices.iter().enumerate() {
            let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
            if device.as_str().rsplit_once("-part").is_some_and(|(_, number)| digits(number)) {
                let path = FieldPath::of(["nodes", name.as_str(), "devices"]).index(index);
                let finding = RULE.field(path, format!("`{device}` is a partition"));
                findings.push(finding.hint("give Ceph a whole disk, without `-partN` at its end"));
            }
        }
    }
}
