//! A mount names an NFS export that `storage.nfs` does not have.

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
    code: "unknown-export",
    severity: Severity::Error,
    area: Area::Storage,
    what: "A mount names an NFS export that `storage.nfs` does not have.",
    why: "A pod that mounts a claim which does not exist never starts.",
    example: "storage: { nfs: { nas: { server: 192.168.1.5, path: /export } } }\n\
        services: { web: { image: web:1, mounts: { /data: { nfs: nass } } } }",
    check: Check::Cluster(check),
};

fn check(cluster: &Cluster, findings: &mut Vec<Diagnostic>) {
    for at in walk::mounts(cluster) {
        if let Mount::Nfs(mount) = at.mount {
            let place = || Place::Field(at.path().key("nfs"));
            findings.extend(reference::unknown(&RULE, cluster, Kind::Export, mount.nfs.as_str(), place));
        }
    }
}
