//! Ceph with fewer than three copies.

use crate::diagnostic::Diagnostic;
use crate::diagnostic::FieldPath;
use crate::diagnostic::Severity;
use crate::model::Cluster;
use crate::rules::Area;
use crate::rules::Check;
use crate::rules::Rule;
use crate::rules::walk;

pub const RULE: Rule = Rule {
    code: "few-ceph-replicas",
    severity: Severity::Warning,
    area: Area::Storage,
    what: "Ceph with fewer than three copies.",
    why: "With one copy a broken disk is lost data, and with two what is written while one is away is on one disk alone.",
    example: "storage: { ceph: { replicas: 1 } }\n\
        volumes: { media: { size: 1Ti } }",
    check: Check::Cluster(check),
};

fn check(cluster: &Cluster, findings: &mut Vec<Diagnostic>) {
    let replicas = cluster.storage.ceph.replicas;
    if replicas > 2 || !walk::uses_ceph(cluster) {
        return;
    }
    let message = match replicas {
        1 => "with one copy the data of a broken disk is lost",
        _ => "with two copies, what is written while one is away is on one disk alone",
    };
    let finding =
        RULE.field(FieldPath::of(["storage", "ceph", "replicas"]), message).hint("keep three copies, on three nodes");
    // A single node cannot do better, and two copies lose nothing.
    let severity = if replicas == 2 || cluster.nodes.len() == 1 { Severity::Advice } else { RULE.severity };
    findings.push(Diagnostic { severity, ..finding });
}
