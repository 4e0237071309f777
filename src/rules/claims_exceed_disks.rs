//! Volumes that together need more room than the disks of Ceph have.

use std::collections::BTreeMap;

use crate::diagnostic::Diagnostic;
use crate::diagnostic::Severity;
use crate::model::Cluster;
use crate::model::Kind;
use crate::model::Workload;
use crate::plan::classes::Class;
use crate::plan::instances;
use crate::rules::Area;
use crate::rules::Check;
use crate::rules::Rule;
use crate::rules::walk;
use crate::values::mount::Mount;
use crate::values::quantity::Quantity;
use crate::values::storage::ClassName;

pub const RULE: Rule = Rule {
    code: "claims-exceed-disks",
    severity: Severity::Advice,
    area: Area::Storage,
    what: "Volumes that together need more room than the disks of Ceph have.",
    why: "Ceph keeps every piece several times and stops all writes when a disk is 95% full.",
    example: "nodes: { a: { address: 192.168.1.11/24, role: server, devices: [/dev/disk/by-id/x], capacity: 1Ti } }\n\
        volumes: { media: { size: 1Ti } }",
    check: Check::Cluster(check),
};

fn check(cluster: &Cluster, findings: &mut Vec<Diagnostic>) {
    let with_devices = cluster.nodes.values().filter(|node| !node.devices.is_empty());
    let Some(sizes) = with_devices.map(|node| node.capacity.as_ref()).collect::<Option<Vec<&Quantity>>>() else {
        return;
    };
    let is_ceph = |word: &ClassName| matches!(Class::of(cluster, word), Some(Class::CephFs | Class::CephBlock));
    let volumes =
        cluster.volumes.values().filter(|volume| is_ceph(volume.class.as_ref().unwrap_or(&cluster.storage.shared)));
    let volumes: u128 = volumes.filter_map(|volume| Some(volume.size.as_ref()?.units())).sum();
    let claims = walk::services(cluster).map(|at| {
        let each = match at.service.workload {
            Workload::StatefulSet => instances::instances(cluster, at.service) as u128,
            _ => 1,
        };
        let mut own = BTreeMap::new();
        for mount in walk::containers_of(at).flat_map(walk::mounts_of) {
            if let Mount::Claim(claim) = mount.mount
                && is_ceph(claim.class.as_ref().unwrap_or(&cluster.storage.private))
            {
                own.insert(claim.name.as_ref(), claim.claim.units());
            }
        }
        own.values().sum::<u128>() * each
    });
    let needed = (volumes + claims.sum::<u128>()) * u128::from(cluster.storage.ceph.replicas);
    let there: u128 = sizes.iter().map(|size| size.units()).sum();
    let usable = there * FULL / 100;
    if there > 0 && needed > usable {
        let copies = cluster.storage.ceph.replicas;
        let gib = |bytes: u128| bytes.div_ceil(1 << 30);
        let message = format!(
            "{} GiB of volumes in {copies} copies do not fit on disks of {} GiB",
            gib(needed / u128::from(copies.max(1))),
            gib(there)
        );
        let finding = RULE.key(Kind::Node.path(), message);
        findings
            .push(finding.hint("make volumes smaller, or add disks: sizes are promises, and the last ones are broken"));
    }
}

/// The part of a disk, in percent, at which Ceph warns (`mon_osd_nearfull_ratio`).
const FULL: u128 = 85;
