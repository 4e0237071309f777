//! Two elements of a list with the name, or the path, by which Kubernetes tells them apart.

use crate::diagnostic::Diagnostic;
use crate::diagnostic::Severity;
use crate::kubernetes::Mistake;
use crate::kubernetes::What;
use crate::model::Cluster;
use crate::rules::Area;
use crate::rules::Check;
use crate::rules::Rule;
use crate::rules::manifests;

pub const RULE: Rule = Rule {
    code: "list-key-twice",
    severity: Severity::Error,
    area: Area::Objects,
    what: "Two elements of a list with the name, or the path, by which Kubernetes tells them apart.",
    why: "The API server refuses the object, or keeps only one of the two.",
    example: "extraObjects: { web: { apiVersion: v1, kind: Pod, metadata: { name: web }, spec: { containers: [{ name: a }, { name: a }] } } }",
    check: Check::Cluster(check),
};

fn check(cluster: &Cluster, findings: &mut Vec<Diagnostic>) {
    for Mistake { path, what } in manifests::mistakes(cluster) {
        if let What::Twice { key, value } = what {
            findings.push(RULE.field(path, format!("the list has an element with `{key}: {value}` already")));
        }
    }
}
