//! A service that mounts volumes whose files belong to different groups.

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
    code: "volumes-of-two-groups",
    severity: Severity::Error,
    area: Area::Storage,
    what: "A service that mounts volumes whose files belong to different groups.",
    why: "A pod has one `fsGroup`: on one of the volumes it could not write.",
    example: "volumes: { a: { size: 1Ti, class: longhorn, group: 2000 }, b: { size: 1Ti, class: longhorn, group: 3000 } }\n\
        services: { web: { image: web:1, mounts: { /a: { volume: a }, /b: { volume: b } } } }",
    check: Check::Cluster(check),
};

fn check(cluster: &Cluster, findings: &mut Vec<Diagnostic>) {
    for of in walk::services(cluster) {
        let mut first = None;
        for at in walk::containers_of(of).flat_map(walk::mounts_of) {
            let Mount::Volume(mount) = at.mount else { continue };
            let Some(volume) = cluster.volumes.get(&mount.volume) else { continue };
            let group = volume.group.unwrap_or(cluster.storage.group);
            let (known, other, path) = first.get_or_insert_with(|| (group, mount.volume.as_str(), at.path()));
            if *known != group {
                findings.push(
                    RULE.key(
                        at.path(),
                        format!(
                            "the files of volume `{}` belong to group {group}, those of `{other}` to {known}",
                            mount.volume
                        ),
                    )
                    .label(Place::Key(path.clone()), "the other volume")
                    .hint("give both volumes the same `group`, or split the service"),
                );
                break;
            }
        }
    }
}
