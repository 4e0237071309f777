//! A K3s below the oldest Kubernetes that the chart runs on.

use crate::diagnostic::Diagnostic;
use crate::diagnostic::FieldPath;
use crate::diagnostic::Severity;
use crate::model::Cluster;
use crate::rules::Area;
use crate::rules::Check;
use crate::rules::Rule;
use crate::rules::versions;

pub const RULE: Rule = Rule {
    code: "k3s-too-old",
    severity: Severity::Error,
    area: Area::Versions,
    what: "A K3s below the oldest Kubernetes that the chart runs on.",
    why: "`PreferSameNode`, which keeps names answered when a node dies, is there since Kubernetes 1.34.",
    example: "k3s: { version: v1.33.4+k3s1 }",
    check: Check::Cluster(check),
};

fn check(cluster: &Cluster, findings: &mut Vec<Diagnostic>) {
    let Some(text) = &cluster.k3s.version else { return };
    if versions::of_k3s(text).is_some_and(|version| version.minor < versions::OLDEST) {
        let message = format!("`{text}` is too old: expected at least Kubernetes 1.{}", versions::OLDEST);
        let finding = RULE.field(FieldPath::of(["k3s", "version"]), message);
        findings.push(finding.hint("upgrade K3s one minor version at a time, servers first"));
    }
}
