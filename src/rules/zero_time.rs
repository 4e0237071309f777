//! A probe or `metrics` that waits for no time at all.

use crate::diagnostic::Diagnostic;
use crate::diagnostic::FieldPath;
use crate::diagnostic::Severity;
use crate::model::Cluster;
use crate::rules::Area;
use crate::rules::Check;
use crate::rules::Rule;
use crate::rules::walk;
use crate::values::name::Duration;

pub const RULE: Rule = Rule {
    code: "zero-time",
    severity: Severity::Error,
    area: Area::Services,
    what: "A probe or `metrics` that waits for no time at all.",
    why: "Kubernetes refuses a probe whose period or time limit is less than a second.",
    example: "services: { web: { image: web:1, ports: { http: 80 }, probe: { http: /, period: 0s } } }",
    check: Check::Cluster(check),
};

fn check(cluster: &Cluster, findings: &mut Vec<Diagnostic>) {
    let mut found = |path: FieldPath, time: &Duration| {
        findings
            .push(RULE.field(path, format!("expected at least a second, found `{time}`")).hint("write `1s` or more"));
    };
    let is_zero = |time: &&Duration| time.seconds() == 0;
    for at in walk::containers(cluster) {
        for (key, probe) in at.probes() {
            for (field, time) in [("period", &probe.period), ("timeout", &probe.timeout)] {
                if let Some(time) = time.as_ref().filter(is_zero) {
                    found(at.path().key("probes").key(key).key(field), time);
                }
            }
        }
    }
    for at in walk::services(cluster) {
        if let Some(time) = at.service.metrics.as_ref().and_then(|metrics| metrics.interval.as_ref()).filter(is_zero) {
            found(at.field("metrics").key("interval"), time);
        }
    }
}
