//! The release namespace is one of Kubernetes' or of an add-on.

use crate::diagnostic::Diagnostic;
use crate::diagnostic::FieldPath;
use crate::diagnostic::Severity;
use crate::model::Cluster;
use crate::rules::Area;
use crate::rules::Check;
use crate::rules::Rule;

pub const RULE: Rule = Rule {
    code: "namespace-taken",
    severity: Severity::Error,
    area: Area::Services,
    what: "The release namespace is one of Kubernetes' or of an add-on.",
    why: "What is in those namespaces belongs to others: they are made and removed without asking you.",
    example: "namespace: kube-system",
    check: Check::Cluster(check),
};

const TAKEN: &[&str] = &["rook-ceph", "metallb-system", "cert-manager"];

fn check(cluster: &Cluster, findings: &mut Vec<Diagnostic>) {
    let name = cluster.namespace.as_str();
    if name.starts_with("kube-") || TAKEN.contains(&name) {
        let finding =
            RULE.field(FieldPath::of(["namespace"]), format!("`{name}` is a namespace of Kubernetes or of an add-on"));
        findings.push(finding.hint("take a namespace of your own, such as the cluster's name"));
    }
}
