//! A label that every object of a service has already.

use crate::diagnostic::Diagnostic;
use crate::diagnostic::Severity;
use crate::model::Cluster;
use crate::rules::Area;
use crate::rules::Check;
use crate::rules::Rule;
use crate::rules::labels;
use crate::rules::walk;

pub const RULE: Rule = Rule {
    code: "label-taken",
    severity: Severity::Error,
    area: Area::Services,
    what: "A label that every object of a service has already.",
    why: "By these labels a Service finds its pods; another value would cut them off.",
    example: "services: { web: { image: web:1, podLabels: { app.kubernetes.io/name: front } } }",
    check: Check::Cluster(check),
};

fn check(cluster: &Cluster, findings: &mut Vec<Diagnostic>) {
    for at in walk::services(cluster) {
        for (list, pairs) in [("labels", &at.service.labels), ("podLabels", &at.service.pod_labels)] {
            for key in pairs.keys().filter(|key| labels::OURS.contains(&key.as_str())) {
                let finding = RULE.key(at.field(list).key(key), format!("label `{key}` is set already"));
                findings.push(finding.hint("take another label"));
            }
        }
    }
}
