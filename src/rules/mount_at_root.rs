//! A mount at `/`.

use crate::diagnostic::Diagnostic;
use crate::diagnostic::Severity;
use crate::model::Cluster;
use crate::rules::Area;
use crate::rules::Check;
use crate::rules::Rule;
use crate::rules::walk;

pub const RULE: Rule = Rule {
    code: "mount-at-root",
    severity: Severity::Error,
    area: Area::Services,
    what: "A mount at `/`.",
    why: "It would hide the whole image, the program itself included.",
    example: "services: { web: { image: web:1, mounts: { /: { scratch: 1Gi } } } }",
    check: Check::Cluster(check),
};

fn check(cluster: &Cluster, findings: &mut Vec<Diagnostic>) {
    for at in walk::mounts(cluster).filter(|at| walk::normal(at.at.as_str()) == "/") {
        let finding = RULE.key(at.path(), "a mount at `/` hides the whole image");
        findings.push(finding.hint("mount at the folder that the program uses"));
    }
}
