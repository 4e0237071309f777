//! `same` in the main container.

use crate::diagnostic::Diagnostic;
use crate::diagnostic::Severity;
use crate::model::Cluster;
use crate::rules::Area;
use crate::rules::Check;
use crate::rules::Rule;
use crate::rules::walk;
use crate::values::mount::Mount;

pub const RULE: Rule = Rule {
    code: "same-in-main",
    severity: Severity::Error,
    area: Area::Services,
    what: "`same` in the main container.",
    why: "`same` means what the main container has; in the main container it would mean itself.",
    example: "services: { web: { image: web:1, mounts: { /a: { scratch: 1Gi }, /b: { same: /a } } } }",
    check: Check::Cluster(check),
};

fn check(cluster: &Cluster, findings: &mut Vec<Diagnostic>) {
    for at in walk::mounts(cluster).filter(|at| at.container.beside.is_none()) {
        if matches!(at.mount, Mount::Same(_)) {
            let finding = RULE.field(at.path().key("same"), "`same` is for init containers, sidecars and `once`");
            findings.push(finding.hint("write what is mounted, as at the other path"));
        }
    }
}
