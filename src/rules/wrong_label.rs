//! A label, annotation or node selector that Kubernetes refuses.

use crate::diagnostic::Diagnostic;
use crate::diagnostic::Severity;
use crate::model::Cluster;
use crate::rules::Area;
use crate::rules::Check;
use crate::rules::Rule;
use crate::rules::labels;
use crate::rules::walk;

pub const RULE: Rule = Rule {
    code: "wrong-label",
    severity: Severity::Error,
    area: Area::Services,
    what: "A label, annotation or node selector that Kubernetes refuses.",
    why: "Keys and values of labels have a narrow form, and one that is wrong stops the whole object.",
    example: "services: { web: { image: web:1, labels: { team: \"front end\" } } }",
    check: Check::Cluster(check),
};

fn check(cluster: &Cluster, findings: &mut Vec<Diagnostic>) {
    for at in walk::services(cluster) {
        let service = at.service;
        let labels =
            [("labels", &service.labels), ("podLabels", &service.pod_labels), ("nodeSelector", &service.node_selector)];
        let annotations = [
            ("annotations", &service.annotations),
            ("podAnnotations", &service.pod_annotations),
            ("serviceAnnotations", &service.service_annotations),
        ];
        for (list, pairs) in labels.into_iter().chain(annotations) {
            for (key, _) in pairs.iter().filter(|(key, _)| !labels::is_key(key)) {
                let message = format!("expected a key such as `team` or `example.com/team`, found `{key}`");
                let finding = RULE.key(at.field(list).key(key), message);
                findings.push(finding.hint("letters, digits, `-`, `_` and `.`, at most 63, perhaps behind `DOMAIN/`"));
            }
        }
        for (list, pairs) in labels {
            for (key, value) in pairs.iter().filter(|(_, value)| !labels::is_value(value)) {
                let finding =
                    RULE.field(at.field(list).key(key), format!("expected the value of a label, found `{value}`"));
                findings
                    .push(finding.hint("letters, digits, `-`, `_` and `.`, at most 63; an annotation may be any text"));
            }
        }
    }
}
