//! `metrics` without the Prometheus Operator.

use crate::diagnostic::Diagnostic;
use crate::diagnostic::FieldPath;
use crate::diagnostic::Severity;
use crate::model::Cluster;
use crate::rules::Area;
use crate::rules::Check;
use crate::rules::Rule;
use crate::rules::reference;
use crate::rules::walk;

pub const RULE: Rule = Rule {
    code: "metrics-without-prometheus",
    severity: Severity::Warning,
    area: Area::Services,
    what: "`metrics` without the Prometheus Operator.",
    why: "A ServiceMonitor is read by the Prometheus Operator; without `addons.prometheus` none is written.",
    example: "services: { web: { image: web:1, ports: { http: 80 }, metrics: { port: http } } }",
    check: Check::Cluster(check),
};

fn check(cluster: &Cluster, findings: &mut Vec<Diagnostic>) {
    if cluster.addons.prometheus.is_some()
        || reference::is_incomplete(cluster, &FieldPath::of(["addons", "prometheus"]))
    {
        return;
    }
    for at in walk::services(cluster).filter(|at| at.service.metrics.is_some()) {
        let finding = RULE.key(at.field("metrics"), "nobody reads the metrics: there is no `addons.prometheus`");
        findings.push(finding.hint("write `addons: { prometheus: { source: existing } }` when the operator is there"));
    }
}
