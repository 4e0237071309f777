//! A device that stands twice in a node's list, or a disk by its serial number on two nodes.

use std::collections::BTreeMap;

use crate::diagnostic::Diagnostic;
use crate::diagnostic::FieldPath;
use crate::diagnostic::Place;
use crate::diagnostic::Severity;
use crate::model::Cluster;
use crate::rules::Area;
use crate::rules::Check;
use crate::rules::Rule;

pub const RULE: Rule = Rule {
    code: "device-twice",
    severity: Severity::Error,
    area: Area::Nodes,
    what: "A device that stands twice in a node's list, or a disk by its serial number on two nodes.",
    why: "A disk is in one machine, and Ceph can have it once.",
    example: "nodes: { a: { address: 192.168.1.11/24, role: server, devices: [/dev/disk/by-id/x, /dev/disk/by-id/x] } }",
    check: Check::Cluster(check),
};

fn check(cluster: &Cluster, findings: &mut Vec<Diagnostic>) {
    let mut by_id: BTreeMap<&str, (&str, usize)> = BTreeMap::new();
    for (name, node) in &cluster.nodes {
        let mut own: BTreeMap<&str, usize> = BTreeMap::new();
        for (index, device) in node.devices.iter().enumerate() {
            let device = device.as_str();
            let path = |name: &str, index: usize| FieldPath::of(["nodes", name, "devices"]).index(index);
            let known = match own.insert(device, index) {
                Some(first) => Some((name.as_str(), first)),
                // Other names, such as `/dev/sdb`, are each machine's own.
                None if device.starts_with("/dev/disk/by-id/") => by_id.insert(device, (name.as_str(), index)),
                None => None,
            };
            if let Some((other, first)) = known {
                let whose = if other == name.as_str() {
                    "stands here already".to_owned()
                } else {
                    format!("is in node `{other}`")
                };
                findings.push(
                    RULE.field(path(name.as_str(), index), format!("`{device}` {whose}"))
                        .label(Place::Field(path(other, first)), "the first time")
                        .hint("write the node's own disk: `ls -l /dev/disk/by-id/` shows them"),
                );
            }
        }
    }
}
