//! A manifest in a namespace that the chart does not make.

use crate::diagnostic::Diagnostic;
use crate::diagnostic::Severity;
use crate::objects::Object;
use crate::rules::Area;
use crate::rules::Charts;
use crate::rules::Check;
use crate::rules::Rule;
use crate::rules::manifests;

/// What every cluster has.
const ALWAYS: &[&str] = &["default", "kube-system", "kube-public", "kube-node-lease"];

pub const RULE: Rule = Rule {
    code: "namespace-not-made",
    severity: Severity::Advice,
    area: Area::Objects,
    what: "A manifest in a namespace that the chart does not make.",
    why: "When nobody has made the namespace before, the install stops there.",
    example: "extraObjects: { note: { apiVersion: v1, kind: ConfigMap, metadata: { name: note, namespace: elsewhere } } }",
    check: Check::Charts(check),
};

fn check(charts: &Charts, findings: &mut Vec<Diagnostic>) {
    let objects = charts.charts.iter().flat_map(|chart| &chart.objects).map(|item| &item.object);
    let made: Vec<&str> = objects.filter(|object| object.kind() == "Namespace").map(Object::name).collect();
    for at in manifests::extra_objects(charts.cluster) {
        let namespace = at.metadata("namespace");
        let is_there = namespace == charts.cluster.namespace.as_str() || ALWAYS.contains(&namespace);
        if !namespace.is_empty() && !is_there && !made.contains(&namespace) {
            let path = at.path().key("metadata").key("namespace");
            let finding = RULE.field(path, format!("nothing here makes the namespace `{namespace}`"));
            findings.push(finding.hint(format!("make sure that it is there: `kubectl create namespace {namespace}`")));
        }
    }
}
