//! A mount of a Secret or ConfigMap with `key` and `keys`.

use crate::diagnostic::Diagnostic;
use crate::diagnostic::Severity;
use crate::model::Cluster;
use crate::rules::Area;
use crate::rules::Check;
use crate::rules::Rule;
use crate::rules::walk;
use crate::values::mount::Mount;

pub const RULE: Rule = Rule {
    code: "key-and-keys",
    severity: Severity::Error,
    area: Area::Services,
    what: "A mount of a Secret or ConfigMap with `key` and `keys`.",
    why: "`key` makes the path a file, `keys` makes it a folder.",
    example: "services: { web: { image: web:1, mounts: { /etc/web: { secret: web, key: a, keys: { b: c } } } } }",
    check: Check::Cluster(check),
};

fn check(cluster: &Cluster, findings: &mut Vec<Diagnostic>) {
    for at in walk::mounts(cluster) {
        let both = match at.mount {
            Mount::Secret(mount) => mount.key.is_some() && !mount.keys.is_empty(),
            Mount::Config(mount) => mount.key.is_some() && !mount.keys.is_empty(),
            _ => false,
        };
        if both {
            let finding = RULE.key(at.path().key("keys"), "`key` and `keys` exclude each other");
            findings.push(finding.hint("write `key` for one file, `keys` for a folder of files"));
        }
    }
}
