//! A manifest whose name or namespace Kubernetes refuses.

use crate::diagnostic::Diagnostic;
use crate::diagnostic::Severity;
use crate::model::Cluster;
use crate::rules::Area;
use crate::rules::Check;
use crate::rules::Rule;
use crate::rules::manifests;
use crate::values::name::Namespace;
use crate::values::name::ObjectName;
use crate::values::name::VolumeName;

pub const RULE: Rule = Rule {
    code: "wrong-object-name",
    severity: Severity::Error,
    area: Area::Objects,
    what: "A manifest whose name or namespace Kubernetes refuses.",
    why: "The API server refuses the object in the middle of the install.",
    example: "extraObjects: { note: { apiVersion: v1, kind: ConfigMap, metadata: { name: My_Note } } }",
    check: Check::Cluster(check),
};

fn check(cluster: &Cluster, findings: &mut Vec<Diagnostic>) {
    for at in manifests::extra_objects(cluster) {
        let (name, namespace) = (at.metadata("name"), at.metadata("namespace"));
        let metadata = at.path().key("metadata");
        // Names of rights are parts of a path, and nothing else (`rbac/validation`).
        let is_right = manifests::group(at.text("apiVersion")) == "rbac.authorization.k8s.io";
        let is_path = !matches!(name, "." | "..") && !name.contains(['/', '%']);
        let (fits, expected) = match at.text("kind") {
            _ if is_right => (is_path, "a name without `/` and `%`"),
            "Service" => ((VolumeName::FORMAT.check)(name), VolumeName::FORMAT.expected),
            "Namespace" => ((Namespace::FORMAT.check)(name), Namespace::FORMAT.expected),
            _ => ((ObjectName::FORMAT.check)(name), ObjectName::FORMAT.expected),
        };
        if !name.is_empty() && !fits {
            findings.push(RULE.field(metadata.key("name"), format!("expected {expected}, found `{name}`")));
        }
        if !namespace.is_empty() && !(Namespace::FORMAT.check)(namespace) {
            let message = format!("expected {}, found `{namespace}`", Namespace::FORMAT.expected);
            findings.push(RULE.field(metadata.key("namespace"), message));
        }
    }
}
