//! A volume, a claim, a local folder or a scratch with no size.

use crate::diagnostic::Diagnostic;
use crate::diagnostic::Severity;
use crate::model::Cluster;
use crate::rules::Area;
use crate::rules::Check;
use crate::rules::Rule;
use crate::rules::walk;

pub const RULE: Rule = Rule {
    code: "zero-size",
    severity: Severity::Error,
    area: Area::Storage,
    what: "A volume, a claim, a local folder or a scratch with no size.",
    why: "Kubernetes refuses a claim of nothing.",
    example: "volumes: { media: { size: 0, class: longhorn } }",
    check: Check::Cluster(check),
};

fn check(cluster: &Cluster, findings: &mut Vec<Diagnostic>) {
    for (path, _) in walk::sizes(cluster).filter(|(_, size)| size.thousandths() == 0) {
        findings
            .push(RULE.field(path, "expected a size, found nothing").hint("write how much fits in, such as `20Gi`"));
    }
}
