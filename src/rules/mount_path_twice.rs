//! Two mounts of a container at the same path.

use std::collections::BTreeMap;

use crate::diagnostic::Diagnostic;
use crate::diagnostic::Place;
use crate::diagnostic::Severity;
use crate::model::Cluster;
use crate::rules::Area;
use crate::rules::Check;
use crate::rules::Rule;
use crate::rules::walk;

pub const RULE: Rule = Rule {
    code: "mount-path-twice",
    severity: Severity::Error,
    area: Area::Services,
    what: "Two mounts of a container at the same path.",
    why: "Kubernetes refuses a container with two mounts at one path.",
    example: "services: { web: { image: web:1, mounts: { /data: { scratch: 1Gi }, /data/: { scratch: 1Gi } } } }",
    check: Check::Cluster(check),
};

fn check(cluster: &Cluster, findings: &mut Vec<Diagnostic>) {
    for container in walk::containers(cluster) {
        let mut taken: BTreeMap<String, &str> = BTreeMap::new();
        for at in walk::mounts_of(container) {
            let path = walk::normal(at.at.as_str());
            if let Some(other) = taken.get(&path) {
                findings.push(
                    RULE.key(at.path(), format!("`{}` is the same path as `{other}`", at.at))
                        .label(Place::Key(container.path().key("mounts").key(other)), "the other mount")
                        .hint("take one of them out"),
                );
            } else {
                taken.insert(path, at.at.as_str());
            }
        }
    }
}
