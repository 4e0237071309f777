//! `same` names a path at which the main container has no mount.

use crate::diagnostic::Diagnostic;
use crate::diagnostic::Severity;
use crate::diagnostic::suggestion;
use crate::model::Cluster;
use crate::rules::Area;
use crate::rules::Check;
use crate::rules::Rule;
use crate::rules::reference;
use crate::rules::walk;
use crate::values::mount::Mount;

pub const RULE: Rule = Rule {
    code: "unknown-same",
    severity: Severity::Error,
    area: Area::Services,
    what: "`same` names a path at which the main container has no mount.",
    why: "There is nothing that the other container could have as well.",
    example: "services: { web: { image: web:1, mounts: { /data: { scratch: 1Gi } }, init: { a: { mounts: { /data: { same: /dat } } } } } }",
    check: Check::Cluster(check),
};

fn check(cluster: &Cluster, findings: &mut Vec<Diagnostic>) {
    for at in walk::mounts(cluster).filter(|at| at.container.beside.is_some()) {
        let Mount::Same(mount) = at.mount else { continue };
        let of = at.container.of;
        let main = &of.service.main.mounts;
        let removed = || reference::was_removed(cluster, &of.field("mounts").key(mount.same.as_str()));
        // Every container has this scratch, written or not.
        if main.contains_key(&mount.same) || mount.same.as_str() == "/tmp" || removed() {
            continue;
        }
        let message = format!("the main container has no mount at `{}`", mount.same);
        let hint = suggestion(mount.same.as_str(), main.keys().map(|path| path.as_str()));
        let hint = hint.unwrap_or_else(|| format!("mount something there: `services.{}.mounts`", of.name));
        findings.push(RULE.field(at.path().key("same"), message).hint(hint));
    }
}
