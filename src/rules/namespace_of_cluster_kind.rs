//! A namespace in a manifest of a kind that belongs to the whole cluster.

use crate::diagnostic::Diagnostic;
use crate::diagnostic::Severity;
use crate::kubernetes::Scope;
use crate::model::Cluster;
use crate::rules::Area;
use crate::rules::Check;
use crate::rules::Rule;
use crate::rules::manifests;

pub const RULE: Rule = Rule {
    code: "namespace-of-cluster-kind",
    severity: Severity::Error,
    area: Area::Objects,
    what: "A namespace in a manifest of a kind that belongs to the whole cluster.",
    why: "The API server refuses the object.",
    example: "extraObjects: { note: { apiVersion: v1, kind: Namespace, metadata: { name: note, namespace: web } } }",
    check: Check::Cluster(check),
};

fn check(cluster: &Cluster, findings: &mut Vec<Diagnostic>) {
    for at in manifests::extra_objects(cluster) {
        let is_of_cluster = at.kind().is_some_and(|kind| kind.scope == Scope::Cluster);
        if is_of_cluster && !at.metadata("namespace").is_empty() {
            let path = at.path().key("metadata").key("namespace");
            let finding = RULE.key(path, format!("a {} has no namespace", at.text("kind")));
            findings.push(finding.hint("leave `namespace` out"));
        }
    }
}
