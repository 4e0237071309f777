//! Fewer nodes with `devices` than copies that Ceph keeps.

use crate::diagnostic::Diagnostic;
use crate::diagnostic::Severity;
use crate::model::Cluster;
use crate::model::Kind;
use crate::rules::Area;
use crate::rules::Check;
use crate::rules::Rule;
use crate::rules::reference;
use crate::rules::walk;

pub const RULE: Rule = Rule {
    code: "too-few-ceph-nodes",
    severity: Severity::Error,
    area: Area::Storage,
    what: "Fewer nodes with `devices` than copies that Ceph keeps.",
    why: "Every copy lies on another node; without enough of them the pool never becomes healthy and no volume is made.",
    example: "volumes: { media: { size: 1Ti } }",
    check: Check::Cluster(check),
};

fn check(cluster: &Cluster, findings: &mut Vec<Diagnostic>) {
    let with_devices = cluster.nodes.values().filter(|node| !node.devices.is_empty()).count();
    let replicas = cluster.storage.ceph.replicas as usize;
    if with_devices >= replicas || reference::is_incomplete(cluster, &Kind::Node.path()) || !walk::uses_ceph(cluster) {
        return;
    }
    let nodes = match with_devices {
        0 => "no node has `devices`".to_owned(),
        1 => "1 node has `devices`".to_owned(),
        count => format!("{count} nodes have `devices`"),
    };
    let copies = if replicas == 1 { "1 copy of everything" } else { "copies on different nodes" };
    let finding =
        RULE.key(Kind::Node.path(), format!("{nodes}, and Ceph keeps {replicas} {copies}").replace("1 1", "1"));
    findings.push(finding.hint(
        "give more nodes `devices`, lower `storage.ceph.replicas`, or store elsewhere: `storage: { shared: nfs.NAME, private: local-path }`",
    ));
}
