//! A patch after which a workload does not select its own pods.

use serde_json::Value;

use crate::diagnostic::Diagnostic;
use crate::diagnostic::FieldPath;
use crate::diagnostic::Severity;
use crate::rules::Area;
use crate::rules::Charts;
use crate::rules::Check;
use crate::rules::Rule;
use crate::rules::manifests;

pub const RULE: Rule = Rule {
    code: "patch-breaks-selector",
    severity: Severity::Error,
    area: Area::Objects,
    what: "A patch after which a workload does not select its own pods.",
    why: "The API server refuses a workload whose selector does not match the labels of its pods.",
    example: "services: { web: { image: web:1, patch: { Deployment: { spec: { template: { metadata: { labels: { app.kubernetes.io/name: front } } } } } } } }",
    check: Check::Charts(check),
};

fn check(charts: &Charts, findings: &mut Vec<Diagnostic>) {
    for at in manifests::patches(charts.cluster) {
        for object in manifests::patched(&at, charts.charts) {
            let selected = object.json().pointer("/spec/selector/matchLabels").and_then(Value::as_object);
            let template = object.json().pointer("/spec/template");
            let labels = template.and_then(|template| template.pointer("/metadata/labels"));
            let lost =
                |(key, value): &(&String, &Value)| labels.and_then(|labels| labels.get(key.as_str())) != Some(*value);
            let Some((key, _)) =
                selected.filter(|_| template.is_some()).and_then(|selected| selected.iter().find(lost))
            else {
                continue;
            };
            let labels = FieldPath::of(["spec", "template", "metadata", "labels"]).key(key);
            let place = manifests::place_in_patch(&at.patch.clone().into(), object.json(), &labels, at.path());
            let message = format!("{} `{}` selects its pods by the label `{key}`", object.kind(), object.name());
            findings.push(RULE.field(place, message).hint("leave this label as it is"));
        }
    }
}
