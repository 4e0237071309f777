//! A K3s above the newest Kubernetes that the add-ons support.

use crate::diagnostic::Diagnostic;
use crate::diagnostic::FieldPath;
use crate::diagnostic::Severity;
use crate::model::Cluster;
use crate::rules::Area;
use crate::rules::Check;
use crate::rules::Rule;
use crate::rules::versions;

pub const RULE: Rule = Rule {
    code: "k3s-too-new",
    severity: Severity::Warning,
    area: Area::Versions,
    what: "A K3s above the newest Kubernetes that the add-ons support.",
    why: "Rook, MetalLB and cert-manager were not tested there by those who make them.",
    example: "k3s: { version: v1.99.0+k3s1 }",
    check: Check::Cluster(check),
};

fn check(cluster: &Cluster, findings: &mut Vec<Diagnostic>) {
    let Some(text) = &cluster.k3s.version else { return };
    if versions::of_k3s(text).is_some_and(|version| version.minor > versions::NEWEST) {
        let message =
            format!("`{text}` is newer than Kubernetes 1.{}, up to which the add-ons are tested", versions::NEWEST);
        let finding = RULE.field(FieldPath::of(["k3s", "version"]), message);
        findings.push(finding.hint("take an older K3s, or a newer `helm ha`"));
    }
}
