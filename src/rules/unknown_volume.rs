//! A mount names a shared volume that `volumes` does not have.

use crate::diagnostic::Diagnostic;
use crate::diagnostic::Place;
use crate::diagnostic::Severity;
use crate::model::Cluster;
use crate::model::Kind;
use crate::rules::Area;
use crate::rules::Check;
use crate::rules::Rule;
use crate::rules::reference;
use crate::rules::walk;
use crate::values::mount::Mount;

pub const RULE: Rule = Rule {
    code: "unknown-volume",
    severity: Severity::Error,
    area: Area::Storage,
    what: "A mount names a shared volume that `volumes` does not have.",
    why: "A pod that mounts a claim which does not exist never starts.",
    example: "volumes: { media: { size: 1Ti } }\n\
        services: { web: { image: web:1, mounts: { /data: { volume: medai } } } }",
    check: Check::Cluster(check),
};

fn check(cluster: &Cluster, findings: &mut Vec<Diagnostic>) {
    for at in walk::mounts(cluster) {
        if let Mount::Volume(mount) = at.mount {
            let place = || Place::Field(at.path().key("volume"));
            findings.extend(reference::unknown(&RULE, cluster, Kind::Volume, mount.volume.as_str(), place));
        }
    }
}
