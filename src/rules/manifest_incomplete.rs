//! A manifest without `apiVersion`, `kind` or `metadata.name`, or one that is a list of others.

use crate::diagnostic::Diagnostic;
use crate::diagnostic::Severity;
use crate::model::Cluster;
use crate::rules::Area;
use crate::rules::Check;
use crate::rules::Rule;
use crate::rules::manifests;

pub const RULE: Rule = Rule {
    code: "manifest-incomplete",
    severity: Severity::Error,
    area: Area::Objects,
    what: "A manifest without `apiVersion`, `kind` or `metadata.name`, or one that is a list of others.",
    why: "Without these three Helm does not know which object it is.",
    example: "extraObjects: { note: { apiVersion: v1, kind: ConfigMap } }",
    check: Check::Cluster(check),
};

fn check(cluster: &Cluster, findings: &mut Vec<Diagnostic>) {
    for at in manifests::extra_objects(cluster) {
        for (field, text) in
            [("apiVersion", at.text("apiVersion")), ("kind", at.text("kind")), ("metadata.name", at.metadata("name"))]
        {
            if text.is_empty() {
                let finding = RULE.key(at.path(), format!("the object `{}` has no `{field}`", at.entry));
                findings.push(finding.hint("write the whole manifest, as `kubectl apply` takes it"));
            }
        }
        if at.text("kind").ends_with("List") && at.object.contains_key("items") {
            let finding =
                RULE.key(at.path().key("kind"), format!("expected one object, found a `{}`", at.text("kind")));
            findings.push(finding.hint("give each object an entry of its own"));
        }
    }
}
