//! A Secret with its data in the values.

use serde_json::Value;

use crate::diagnostic::Diagnostic;
use crate::diagnostic::Severity;
use crate::model::Cluster;
use crate::rules::Area;
use crate::rules::Check;
use crate::rules::Rule;
use crate::rules::manifests;

pub const RULE: Rule = Rule {
    code: "secret-data",
    severity: Severity::Error,
    area: Area::Objects,
    what: "A Secret with its data in the values.",
    why: "Whoever can read the chart, the release or the repository has it.",
    example: "extraObjects: { db: { apiVersion: v1, kind: Secret, metadata: { name: db }, stringData: { password: hunter2 } } }",
    check: Check::Cluster(check),
};

fn check(cluster: &Cluster, findings: &mut Vec<Diagnostic>) {
    for at in manifests::extra_objects(cluster).filter(|at| at.text("kind") == "Secret") {
        for key in ["data", "stringData"] {
            if at.object.get(key).and_then(Value::as_object).is_some_and(|data| !data.is_empty()) {
                let finding = RULE
                    .key(at.path().key(key), format!("the Secret `{}` would stand in the chart", at.metadata("name")));
                findings.push(
                    finding.hint("make it with `kubectl create secret`, or write what your secrets operator takes"),
                );
            }
        }
    }
}
