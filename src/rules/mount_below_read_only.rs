//! A mount inside of a folder that Kubernetes fills and nobody can write.

use crate::diagnostic::Diagnostic;
use crate::diagnostic::Place;
use crate::diagnostic::Severity;
use crate::model::Cluster;
use crate::rules::Area;
use crate::rules::Check;
use crate::rules::Rule;
use crate::rules::walk;
use crate::values::mount::Mount;

pub const RULE: Rule = Rule {
    code: "mount-below-read-only",
    severity: Severity::Warning,
    area: Area::Services,
    what: "A mount inside of a folder that Kubernetes fills and nobody can write.",
    why: "The folder for the inner mount cannot be made there, so the container does not start.",
    example: "services: { web: { image: web:1, mounts: { /etc/web: { secret: web }, /etc/web/d: { scratch: 1Gi } } } }",
    check: Check::Cluster(check),
};

fn check(cluster: &Cluster, findings: &mut Vec<Diagnostic>) {
    for (at, other) in walk::nested(cluster) {
        let is_filled = match other.mount {
            Mount::FilesFrom(_) | Mount::Projected(_) => true,
            Mount::Secret(mount) => mount.key.is_none(),
            Mount::Config(mount) => mount.key.is_none(),
            _ => false,
        };
        if is_filled {
            findings.push(
                RULE.key(at.path(), format!("`{}` lies in `{}`, which cannot be written", at.at, other.at))
                    .label(Place::Key(other.path()), "the folder around it")
                    .hint("mount one of them elsewhere"),
            );
        }
    }
}
