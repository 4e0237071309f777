//! A manifest of a kind whose CRD is another manifest.

use serde_json::Value;

use crate::diagnostic::Diagnostic;
use crate::diagnostic::Place;
use crate::diagnostic::Severity;
use crate::model::Cluster;
use crate::rules::Area;
use crate::rules::Check;
use crate::rules::Rule;
use crate::rules::manifests;

pub const RULE: Rule = Rule {
    code: "crd-in-release",
    severity: Severity::Error,
    area: Area::Objects,
    what: "A manifest of a kind whose CRD is another manifest.",
    why: "Helm looks every kind up before it creates anything, so the first install stops with `no matches for kind`.",
    example: "extraObjects: { crd: { apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinition, metadata: { name: notes.example.com }, spec: { group: example.com, names: { kind: Note, plural: notes }, scope: Namespaced, versions: [{ name: v1, served: true, storage: true }] } }, note: { apiVersion: example.com/v1, kind: Note, metadata: { name: note } } }",
    check: Check::Cluster(check),
};

fn check(cluster: &Cluster, findings: &mut Vec<Diagnostic>) {
    let crds: Vec<_> =
        manifests::extra_objects(cluster).filter(|at| at.text("kind") == "CustomResourceDefinition").collect();
    for at in manifests::extra_objects(cluster) {
        let defines = |crd: &&manifests::ExtraAt| {
            let spec = crd.object.get("spec");
            let text = |pointer: &str| spec.and_then(|spec| spec.pointer(pointer)).and_then(Value::as_str);
            text("/group") == Some(manifests::group(at.text("apiVersion")))
                && text("/names/kind") == Some(at.text("kind"))
        };
        if let Some(crd) = crds.iter().find(defines) {
            let finding =
                RULE.key(at.path(), format!("the kind `{}` is not there before the install", at.text("kind")));
            let finding = finding.label(Place::Key(crd.path()), "it is made by this manifest, in the same release");
            findings.push(finding.hint("apply the CRD before the install, and leave it out here"));
        }
    }
}
