//! A patch after which a claim or a volume goes when the release goes.

use serde_json::Value;

use crate::diagnostic::Diagnostic;
use crate::diagnostic::FieldPath;
use crate::diagnostic::Severity;
use crate::objects::Object;
use crate::rules::Area;
use crate::rules::Charts;
use crate::rules::Check;
use crate::rules::Rule;
use crate::rules::manifests;

pub const RULE: Rule = Rule {
    code: "patch-takes-keep",
    severity: Severity::Error,
    area: Area::Objects,
    what: "A patch after which a claim or a volume goes when the release goes.",
    why: "The data would be deleted with the release.",
    example: "services: { web: { image: web:1, mounts: { /data: { claim: 1Gi } }, patch: { PersistentVolumeClaim: { metadata: { annotations: { helm.sh/resource-policy: null } } } } } }",
    check: Check::Charts(check),
};

fn check(charts: &Charts, findings: &mut Vec<Diagnostic>) {
    for at in manifests::patches(charts.cluster) {
        let holds_data = |object: &&Object| ["PersistentVolumeClaim", "PersistentVolume"].contains(&object.kind());
        for object in manifests::patched(&at, charts.charts).filter(holds_data) {
            let annotations = object.json().pointer("/metadata/annotations");
            let kept = annotations.and_then(|annotations| annotations.get("helm.sh/resource-policy"));
            if kept.and_then(Value::as_str) != Some("keep") {
                let field = FieldPath::of(["metadata", "annotations"]);
                let place = manifests::place_in_patch(&at.patch.clone().into(), object.json(), &field, at.path());
                let message = format!("{} `{}` would go with the release", object.kind(), object.name());
                findings.push(
                    RULE.key(place, message).hint("leave the annotation `helm.sh/resource-policy: keep` as it is"),
                );
            }
        }
    }
}
