//! An image with the tag `latest` and no digest.

use crate::diagnostic::Diagnostic;
use crate::diagnostic::Severity;
use crate::model::Cluster;
use crate::rules::Area;
use crate::rules::Check;
use crate::rules::Rule;
use crate::rules::walk;

pub const RULE: Rule = Rule {
    code: "image-latest",
    severity: Severity::Warning,
    area: Area::Services,
    what: "An image with the tag `latest` and no digest.",
    why: "`latest` changes by itself: a pod that starts elsewhere may run another version than its sibling.",
    example: "services: { web: { image: web:latest } }",
    check: Check::Cluster(check),
};

fn check(cluster: &Cluster, findings: &mut Vec<Diagnostic>) {
    for at in walk::images(cluster).filter(|at| at.image.ends_with(":latest")) {
        let finding = RULE.field(at.path(), format!("image `{}` changes by itself", at.image));
        findings.push(finding.hint("write the version that you want, or add its digest: `:latest@sha256:...`"));
    }
}
