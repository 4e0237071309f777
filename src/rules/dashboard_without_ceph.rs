//! A host for Ceph's dashboard, and no volume or claim on Ceph.

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
    code: "dashboard-without-ceph",
    severity: Severity::Warning,
    area: Area::Storage,
    what: "A host for Ceph's dashboard, and no volume or claim on Ceph.",
    why: "Ceph runs only when something is stored on it, and without it there is no dashboard.",
    example: "domain: example.com\n\
        gateways: { lan: 192.168.1.240 }\n\
        certificates: { issuers: { home: { ca: {} } } }\n\
        storage: { ceph: { dashboard: ceph } }",
    check: Check::Cluster(check),
};

fn check(cluster: &Cluster, findings: &mut Vec<Diagnostic>) {
    let incomplete =
        ["services", "volumes"].iter().any(|key| reference::is_incomplete(cluster, &FieldPath::of([*key])));
    if cluster.storage.ceph.dashboard.is_some() && !incomplete && !walk::uses_ceph(cluster) {
        let finding = RULE
            .field(FieldPath::of(["storage", "ceph", "dashboard"]), "nothing is stored on Ceph, so it does not run");
        findings.push(finding.hint("take `dashboard` out, or give a volume the class `cephfs`"));
    }
}
