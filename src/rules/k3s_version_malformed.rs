//! `k3s.version` is not a version of K3s.

use crate::diagnostic::Diagnostic;
use crate::diagnostic::FieldPath;
use crate::diagnostic::Severity;
use crate::model::Cluster;
use crate::rules::Area;
use crate::rules::Check;
use crate::rules::Rule;
use crate::rules::versions;

pub const RULE: Rule = Rule {
    code: "k3s-version-malformed",
    severity: Severity::Error,
    area: Area::Versions,
    what: "`k3s.version` is not a version of K3s.",
    why: "The install of K3s would not find it, and nothing can be said about what it supports.",
    example: "k3s: { version: latest }",
    check: Check::Cluster(check),
};

fn check(cluster: &Cluster, findings: &mut Vec<Diagnostic>) {
    if let Some(text) = &cluster.k3s.version
        && versions::of_k3s(text).is_none()
    {
        let message = format!("expected a version such as `v1.36.4+k3s1`, found `{text}`");
        let finding = RULE.field(FieldPath::of(["k3s", "version"]), message);
        findings.push(finding.hint("take one from `k3s --version`, or from github.com/k3s-io/k3s/releases"));
    }
}
