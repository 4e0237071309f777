//! Two keys of a Secret or ConfigMap under one file name.

use std::collections::BTreeMap;

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
    code: "file-name-twice",
    severity: Severity::Error,
    area: Area::Services,
    what: "Two keys of a Secret or ConfigMap under one file name.",
    why: "A folder has one file of a name, so one of the keys would be lost.",
    example: "services: { web: { image: web:1, mounts: { /etc/web: { secret: web, keys: { a: x, b: x } } } } }",
    check: Check::Cluster(check),
};

fn check(cluster: &Cluster, findings: &mut Vec<Diagnostic>) {
    for at in walk::mounts(cluster) {
        let keys = match at.mount {
            Mount::Secret(mount) => &mount.keys,
            Mount::Config(mount) => &mount.keys,
            _ => continue,
        };
        let mut taken = BTreeMap::new();
        for (key, file) in keys {
            if let Some(other) = taken.insert(walk::normal(file.as_str()), key) {
                let path = |key: &str| at.path().key("keys").key(key);
                findings.push(
                    RULE.field(path(key.as_str()), format!("the file `{file}` is key `{other}` already"))
                        .label(Place::Field(path(other.as_str())), "the other key")
                        .hint("give it another file name"),
                );
            }
        }
    }
}
