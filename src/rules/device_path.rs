//! A device outside of `/dev`.

use crate::diagnostic::Diagnostic;
use crate::diagnostic::FieldPath;
use crate::diagnostic::Severity;
use crate::model::Cluster;
use crate::rules::Area;
use crate::rules::Check;
use crate::rules::Rule;
use crate::rules::walk;

pub const RULE: Rule = Rule {
    code: "device-path",
    severity: Severity::Error,
    area: Area::Nodes,
    what: "A device outside of `/dev`.",
    why: "Ceph takes whole block devices, and those have their names below `/dev`.",
    example: "nodes: { a: { address: 192.168.1.11/24, role: server, devices: [/mnt/disk] } }",
    check: Check::Cluster(check),
};

fn check(cluster: &Cluster, findings: &mut Vec<Diagnostic>) {
    for (name, node) in &cluster.nodes {
        for (index, device) in node.devices.iter().enumerate() {
            let path = walk::normal(device.as_str());
            if !walk::is_below(&path, "/dev") {
                let field = FieldPath::of(["nodes", name.as_str(), "devices"]).index(index);
                let finding = RULE.field(field, format!("expected a device below `/dev`, found `{device}`"));
                findings.push(finding.hint("name the disk: `ls -l /dev/disk/by-id/` shows them"));
            }
        }
    }
}
