//! A mount below the path of a file.

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
    code: "mount-below-file",
    severity: Severity::Error,
    area: Area::Services,
    what: "A mount below the path of a file.",
    why: "A file has nothing below it, so the container cannot start.",
    example: "services: { web: { image: web:1, mounts: { /etc/web: { file: \"x\" }, /etc/web/d: { scratch: 1Gi } } } }",
    check: Check::Cluster(check),
};

fn check(cluster: &Cluster, findings: &mut Vec<Diagnostic>) {
    for (at, other) in walk::nested(cluster) {
        let is_file = match other.mount {
            Mount::File(_) | Mount::FileFrom(_) => true,
            Mount::Secret(mount) => mount.key.is_some(),
            Mount::Config(mount) => mount.key.is_some(),
            _ => false,
        };
        if is_file {
            findings.push(
                RULE.key(at.path(), format!("`{}` lies below `{}`, which is a file", at.at, other.at))
                    .label(Place::Key(other.path()), "the file")
                    .hint("mount one of them elsewhere"),
            );
        }
    }
}
