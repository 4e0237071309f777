//! A field of Kubernetes that holds something of another type, in a patch, a manifest or another value in its own form.

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
    code: "wrong-field",
    severity: Severity::Error,
    area: Area::Objects,
    what: "A field of Kubernetes that holds something of another type, in a patch, a manifest or another value in its own form.",
    why: "The API server refuses the object.",
    example: "services: { web: { image: web:1, patch: { Deployment: { spec: { replicas: two } } } } }",
    check: Check::Cluster(check),
};

fn check(cluster: &Cluster, findings: &mut Vec<Diagnostic>) {
    for Mistake { path, what } in manifests::mistakes(cluster) {
        match what {
            What::Type { expected, found, hint } => {
                let finding = RULE.field(path, format!("expected {expected}, found {found}"));
                findings.push(hint.into_iter().fold(finding, Diagnostic::hint));
            }
            What::Directive { expected } => findings.push(RULE.field(path, format!("expected {expected}"))),
            _ => {}
        }
    }
}
