//! Two services that write the same folder of a volume, or one below the other's.

use std::collections::BTreeMap;

use crate::diagnostic::Diagnostic;
use crate::diagnostic::Place;
use crate::diagnostic::Severity;
use crate::model::Cluster;
use crate::rules::Area;
use crate::rules::Check;
use crate::rules::Rule;
use crate::rules::walk;
use crate::rules::walk::MountAt;
use crate::values::mount::Mount;

pub const RULE: Rule = Rule {
    code: "shared-path-writers",
    severity: Severity::Advice,
    area: Area::Storage,
    what: "Two services that write the same folder of a volume, or one below the other's.",
    why: "Neither knows what the other one writes; programs that are made for it get along, others break each other's files.",
    example: "nodes: { a: { address: 192.168.1.11/24, role: server, devices: [/dev/disk/by-id/x] } }\n\
        storage: { ceph: { replicas: 1 } }\n\
        volumes: { media: { size: 1Ti } }\n\
        services: { a: { image: a:1, mounts: { /m: { volume: media } } }, b: { image: b:1, mounts: { /m: { volume: media, subPath: b } } } }",
    check: Check::Cluster(check),
};

fn check(cluster: &Cluster, findings: &mut Vec<Diagnostic>) {
    let mut writers: BTreeMap<&str, Vec<(String, MountAt)>> = BTreeMap::new();
    for at in walk::mounts(cluster) {
        if let Mount::Volume(mount) = at.mount
            && !mount.read_only
        {
            let folder = walk::normal(mount.sub_path.as_ref().map_or("", |path| path.as_str()));
            writers.entry(mount.volume.as_str()).or_default().push((folder, at));
        }
    }
    for (volume, mut mounts) in writers {
        // A folder comes before what lies below it; the stack holds the folders around the current one.
        mounts.sort_by(|(a, _), (b, _)| a.split('/').cmp(b.split('/')));
        let mut around: Vec<&(String, MountAt)> = Vec::new();
        for entry in &mounts {
            let (folder, at) = entry;
            around.retain(|(outer, _)| outer == folder || walk::is_below(folder, outer));
            let other = around.iter().find(|(_, other)| other.container.of.name != at.container.of.name);
            if let Some((outer, other)) = other {
                let what = if outer == folder { "the same folder" } else { "the folder around it" };
                let message = format!("service `{}` writes {what} on volume `{volume}`", other.container.of.name);
                findings.push(
                    RULE.key(at.path(), message)
                        .label(Place::Key(other.path()), "written here as well")
                        .hint("give each a `subPath` of its own, or one of them `readOnly: true`"),
                );
            }
            around.push(entry);
        }
    }
}
