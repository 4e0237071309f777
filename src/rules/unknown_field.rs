//! A field that Kubernetes does not have, in a patch, a manifest or another value in its own form.

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
    code: "unknown-field",
    severity: Severity::Error,
    area: Area::Objects,
    what: "A field that Kubernetes does not have, in a patch, a manifest or another value in its own form.",
    why: "The API server refuses the object, or, asked less strictly, drops the field without a word.",
    example: "services: { web: { image: web:1, patch: { Deployment: { spec: { template: { spec: { shareProcessNamspace: true } } } } } } }",
    check: Check::Cluster(check),
};

fn check(cluster: &Cluster, findings: &mut Vec<Diagnostic>) {
    for Mistake { path, what } in manifests::mistakes(cluster) {
        if let What::Unknown { field, hint } = what {
            let finding = RULE.key(path, format!("there is no field `{field}` here"));
            findings.push(hint.into_iter().fold(finding, Diagnostic::hint));
        }
    }
}
