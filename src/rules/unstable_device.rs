//! A device by a name that the kernel gives in the order in which it finds disks.

use crate::diagnostic::Diagnostic;
use crate::diagnostic::FieldPath;
use crate::diagnostic::Severity;
use crate::model::Cluster;
use crate::rules::Area;
use crate::rules::Check;
use crate::rules::Rule;

pub const RULE: Rule = Rule {
    code: "unstable-device",
    severity: Severity::Warning,
    area: Area::Nodes,
    what: "A device by a name that the kernel gives in the order in which it finds disks.",
    why: "After a reboot `/dev/sdb` may be another disk, and Ceph would take it.",
    example: "nodes: { a: { address: 192.168.1.11/24, role: server, devices: [/dev/sdb] } }",
    check: Check::Cluster(check),
};

/// `Documentation/admin-guide/devices.txt` of Linux.
const KERNEL: &[&str] = &["sd", "vd", "xvd", "hd", "nvme", "mmcblk", "dm-", "md"];

fn check(cluster: &Cluster, findings: &mut Vec<Diagnostic>) {
    for (name, node) in &cluster.nodes {
        for (index, device) in node.devices.iter().enumerate() {
            let short = device.as_str().strip_prefix("/dev/").filter(|rest| !rest.contains('/')).unwrap_or_default();
            if KERNEL.iter().any(|kind| short.starts_with(kind)) {
                let path = FieldPath::of(["nodes", name.as_str(), "devices"]).index(index);
                let finding = RULE.field(path, format!("`{device}` may be another disk after a reboot"));
                findings.push(finding.hint(format!("take its name from `ls -l /dev/disk/by-id/ | grep {short}`")));
            }
        }
    }
}
