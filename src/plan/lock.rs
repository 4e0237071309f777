//! Cluster in, the entries of its lock out; and the other way round, what a lock adds to a cluster.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::lock::Claim;
use crate::lock::Fields;
use crate::lock::Local;
use crate::lock::Lock;
use crate::model::Cluster;
use crate::model::Service;
use crate::model::Workload;
use crate::plan::addons;
use crate::plan::addons::Addon;
use crate::plan::ceph;
use crate::plan::ceph::Ceph;
use crate::plan::claims;
use crate::plan::classes::Class;
use crate::plan::cluster_dns;
use crate::plan::instances;
use crate::plan::names;
use crate::values::addons::DnsSource;
use crate::values::mount::ClaimMount;
use crate::values::mount::Mount;
use crate::values::quantity::Quantity;
use crate::values::storage::ClassName;

/// What was decided before, and what the values decide now.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LockPlan {
    /// `None` for a new cluster.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub old: Option<Lock>,
    pub next: Lock,
}

/// What the values decide, without a lock.
pub fn plan(cluster: &Cluster) -> LockPlan {
    let ceph = ceph::plan(cluster);
    let lock = Lock {
        addons: platform(cluster),
        ceph: ceph.as_ref().map(ceph_names).unwrap_or_default(),
        exports: exports(cluster),
        fixed: fixed(cluster),
        volumes: volumes(cluster),
        claims: private(cluster),
        locals: locals(cluster),
        ..Lock::empty(cluster.name.as_str(), cluster.namespace.as_str())
    };
    let words =
        lock.all_claims().filter_map(|(_, claim)| claim.class.clone()).collect::<std::collections::BTreeSet<_>>();
    let classes =
        words.into_iter().filter_map(|word| Some((word.clone(), class(cluster, ceph.as_ref(), &word.parse().ok()?)?)));
    LockPlan { old: None, next: Lock { classes: classes.collect(), ..lock } }
}

/// The platform set, as far as the cluster uses it.
fn platform(cluster: &Cluster) -> Fields {
    let used = addons::plan(cluster);
    let named = [("rook", used.rook), ("metallb", used.metallb), ("cert-manager", used.cert_manager)];
    let builtin = named.into_iter().filter_map(|(name, addon)| Some((name, addon.filter(Addon::is_builtin)?)));
    builtin.map(|(name, addon)| (name.to_owned(), addon.version.to_owned())).collect()
}

fn ceph_names(plan: &Ceph) -> Fields {
    let filesystem = plan.filesystem.as_ref();
    let names = [
        ("cluster", Some(plan.name)),
        ("namespace", Some(plan.addon.namespace.as_str())),
        ("dataDirHostPath", Some(plan.data_dir_host_path.as_str())),
        ("filesystem", filesystem.map(|filesystem| filesystem.name)),
        ("dataPool", filesystem.map(|filesystem| filesystem.data_pool)),
        ("blockPool", plan.block_pool),
    ];
    names.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?.to_owned()))).collect()
}

/// `provisioner`, `parameters`, `reclaimPolicy` and `volumeBindingMode` of a StorageClass never change
/// (`pkg/apis/storage/validation`); of a class that is not ours, which one it is and whether it is shared.
fn class(cluster: &Cluster, ceph: Option<&Ceph>, word: &ClassName) -> Option<Fields> {
    let class = Class::of(cluster, word)?;
    let ours = ceph.and_then(|plan| plan.storage_classes.get(class.storage_class())).cloned();
    let fields: Vec<(String, String)> = match (&class, ours) {
        (Class::Nfs(_), _) => return None,
        (Class::CephFs | Class::CephBlock, Some(ours)) => {
            let own = [
                ("provisioner", ours.provisioner),
                ("reclaimPolicy", ours.reclaim_policy.to_owned()),
                ("volumeBindingMode", ours.volume_binding_mode.to_owned()),
            ];
            let parameters = ours.parameters.into_iter().map(|(key, value)| (format!("parameters.{key}"), value));
            own.map(|(key, value)| (key.to_owned(), value)).into_iter().chain(parameters).collect()
        }
        _ => {
            let mode = if class.is_shared() { "ReadWriteMany" } else { "ReadWriteOnce" };
            vec![("storageClass".to_owned(), class.storage_class().to_owned()), ("mode".to_owned(), mode.to_owned())]
        }
    };
    Some(fields.into_iter().collect())
}

fn exports(cluster: &Cluster) -> BTreeMap<String, Fields> {
    let used = crate::plan::volumes::plan(cluster).exports;
    let named = cluster.storage.nfs.keys().filter_map(|name| Some((name, used.get(&names::export(name))?)));
    let fields = |server: &str, path: &str| {
        [("server".to_owned(), server.to_owned()), ("path".to_owned(), path.to_owned())].into()
    };
    named.map(|(name, export)| (name.to_string(), fields(&export.server, &export.path))).collect()
}

fn volumes(cluster: &Cluster) -> BTreeMap<String, Claim> {
    let of = cluster.volumes.iter().map(|(name, volume)| {
        let group = volume.group.unwrap_or(cluster.storage.group);
        let claim = match &volume.existing {
            Some(existing) => {
                Claim { claim: existing.claim.to_string(), class: None, group, per_replica_of: None, size: None }
            }
            None => Claim {
                claim: names::volume(cluster, name),
                class: Some(volume.class.as_ref().unwrap_or(&cluster.storage.shared).to_string()),
                group,
                per_replica_of: None,
                size: volume.size.clone(),
            },
        };
        (name.to_string(), claim)
    });
    of.collect()
}

fn private(cluster: &Cluster) -> BTreeMap<String, Claim> {
    let mut claims: BTreeMap<String, Claim> = BTreeMap::new();
    for (name, service) in &cluster.services {
        for mount in claim_mounts(service) {
            let entry = names::claim_entry(name, mount.name.as_ref());
            let Some((_, key)) = entry.split_once('.') else { continue };
            let known = claims.entry(key.to_owned()).or_insert_with(|| Claim {
                claim: names::claim(cluster, name, mount.name.as_ref()),
                class: Some(mount.class.as_ref().unwrap_or(&cluster.storage.private).to_string()),
                group: group(cluster, service),
                per_replica_of: (service.workload == Workload::StatefulSet).then(|| names::with_label(name)),
                size: None,
            });
            if known.size.as_ref().is_none_or(|size| size.thousandths() < mount.claim.thousandths()) {
                known.size = Some(mount.claim.clone());
            }
        }
    }
    claims
}

/// The group that the files of a service's volumes get.
fn group(cluster: &Cluster, service: &Service) -> u32 {
    let mounts = service.containers().flat_map(|(_, container)| container.mounts.values());
    let of_volume = mounts.filter_map(|mount| match mount {
        Mount::Volume(mount) => cluster.volumes.get(&mount.volume)?.group,
        _ => None,
    });
    of_volume.into_iter().next().unwrap_or(cluster.storage.group)
}

/// The private volumes of a service, where they are mounted.
pub fn claim_mounts(service: &Service) -> impl Iterator<Item = &ClaimMount> {
    service.containers().flat_map(|(_, container)| container.mounts.values()).filter_map(|mount| match mount {
        Mount::Claim(mount) => Some(mount),
        _ => None,
    })
}

fn locals(cluster: &Cluster) -> BTreeMap<String, Local> {
    let mut locals = BTreeMap::new();
    for (name, service) in &cluster.services {
        let Workload::PerNode(nodes) = &service.workload else { continue };
        for node in nodes {
            for local in claims::locals(cluster, name, service, node) {
                let entry =
                    Local { node: node.to_string(), path: local.path, service: name.to_string(), size: local.size };
                locals.insert(local.claim, entry);
            }
        }
    }
    locals
}

/// What else Kubernetes never changes: `serviceName` and the templates of a StatefulSet (`pkg/apis/apps/validation`),
/// and whether a Service has an address (`pkg/apis/core/validation`).
fn fixed(cluster: &Cluster) -> BTreeMap<String, Fields> {
    let mut fixed = BTreeMap::new();
    for (name, service) in &cluster.services {
        match &service.workload {
            Workload::StatefulSet => {
                let companion = instances::has_companion(cluster, service).then(|| names::headless(name));
                let templates: Vec<String> =
                    claims::claims(cluster, name, service).into_iter().map(|claim| claim.name).collect();
                let fields = [("serviceName", companion.unwrap_or_default()), ("claims", templates.join(" "))];
                fixed.insert(format!("StatefulSet/{}", names::with_label(name)), fields_of(fields));
            }
            Workload::PerNode(nodes) => {
                let address = if service.ports.is_empty() { "none" } else { "own" };
                let names = nodes.iter().map(|node| format!("Service/{}", names::instance(name, node)));
                fixed.extend(names.map(|name| (name, fields_of([("address", address.to_owned())]))));
            }
            _ => {}
        }
    }
    if cluster_dns::source(cluster) == Some(DnsSource::Builtin) {
        let addresses: Vec<String> = cluster_dns::addresses(cluster).iter().map(ToString::to_string).collect();
        fixed.insert(format!("Service/{}", cluster_dns::NAME), fields_of([("address", addresses.join(" "))]));
    }
    fixed
}

fn fields_of<const N: usize>(fields: [(&str, String); N]) -> Fields {
    fields.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
}

/// Volumes without a class keep the one that they have, and moved ones the claim that they were moved to.
pub fn keep(cluster: &mut Cluster, lock: &Lock) {
    let mut placed = std::mem::take(&mut cluster.placed);
    let mut class_of = |entry: &str, said: Option<&ClassName>, default: &ClassName, new: &str| {
        let claim = lock.claim(entry)?;
        let class: Option<ClassName> = claim.class.as_ref().and_then(|class| class.parse().ok());
        if class.is_some() && claim.claim != new {
            placed.claims.insert(entry.to_owned(), claim.claim.clone());
        }
        let class = class.filter(|_| said.is_none())?;
        if class != *default {
            placed.classes.insert(entry.to_owned());
        }
        Some(class)
    };
    let storage = &cluster.storage;
    for (name, volume) in cluster.volumes.iter_mut().filter(|(_, volume)| volume.existing.is_none()) {
        let class = class_of(&names::volume_entry(name), volume.class.as_ref(), &storage.shared, name.as_str());
        volume.class = class.or(volume.class.take());
    }
    for (name, service) in &mut cluster.services {
        for container in service.containers_mut() {
            for mount in container.mounts.values_mut() {
                let Mount::Claim(mount) = mount else { continue };
                let entry = names::claim_entry(name, mount.name.as_ref());
                let new = names::new_claim(name, mount.name.as_ref());
                let class = class_of(&entry, mount.class.as_ref(), &storage.private, &new);
                mount.class = class.or(mount.class.take());
            }
        }
    }
    cluster.placed = placed;
}

/// The cluster with one volume in this class and claim, whatever the values and the lock say, and of this size if one
/// is named.
pub fn placed_at(cluster: &Cluster, entry: &str, class: &ClassName, claim: &str, size: Option<&Quantity>) -> Cluster {
    let mut cluster = cluster.clone();
    cluster.placed.claims.insert(entry.to_owned(), claim.to_owned());
    for (_, volume) in cluster.volumes.iter_mut().filter(|(name, _)| names::volume_entry(name) == entry) {
        volume.class = Some(class.clone());
        volume.size = size.cloned().or(volume.size.take());
    }
    for (name, service) in &mut cluster.services {
        for container in service.containers_mut() {
            for mount in container.mounts.values_mut() {
                let Mount::Claim(mount) = mount else { continue };
                if names::claim_entry(name, mount.name.as_ref()) == entry {
                    mount.class = Some(class.clone());
                    mount.claim = size.unwrap_or(&mount.claim).clone();
                }
            }
        }
    }
    cluster
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lock::describe;
    use crate::model::sample;

    const VALUES: &str = "
nodes: { a: { address: 10.0.0.2/24, role: server, devices: [/dev/sda] } }
storage: { shared: cephfs, private: local-path, nfs: { nas: { server: 10.0.0.9, path: /a } } }
volumes: { media: { size: 1Ti, group: 3000 }, films: { size: 1Ti, class: nfs.nas }, theirs: { existing: { claim: x } } }
services:
  db: { image: a/b:1, kind: StatefulSet, ports: { sql: 1 }, mounts: { /d: { claim: 1Gi }, /e: { claim: 2Gi, name: log } } }
  git: { image: a/b:1, mounts: { /d: { claim: 1Gi }, /m: { volume: media } } }
  node: { image: a/b:1, perNode: [a], mounts: { /d: { local: /vols/d, size: 5Gi } } }
";

    #[test]
    fn what_data_depends_on_is_locked() {
        let lock = plan(&sample::cluster(VALUES)).next;
        let lines: Vec<String> = describe(&lock).into_iter().map(|(entry, text)| format!("{entry}: {text}")).collect();
        let expect = [
            "ceph.cluster: rook-ceph",
            "ceph.dataDirHostPath: /var/lib/rook",
            "ceph.dataPool: data0",
            "ceph.filesystem: cephfs",
            "ceph.namespace: rook-ceph",
            "claims.db: claim db, class local-path, group 2000, perReplicaOf db, size 1Gi",
            "claims.db/log: claim db-log, class local-path, group 2000, perReplicaOf db, size 2Gi",
            "claims.git: claim git, class local-path, group 3000, size 1Gi",
            "classes.local-path: mode ReadWriteOnce, storageClass local-path",
            "exports.nas: path /a, server 10.0.0.9",
            "fixed.Service/node-a: address none",
            "fixed.StatefulSet/db: claims db db-log, serviceName db-headless",
            "locals.node-a-vols-d: node a, path /vols/d, service node, size 5Gi",
            "volumes.films: claim films, class nfs.nas, group 2000, size 1Ti",
            "volumes.media: claim media, class cephfs, group 3000, size 1Ti",
            "volumes.theirs: claim x, group 2000",
        ];
        let shown: Vec<&str> = lines
            .iter()
            .map(String::as_str)
            .filter(|line| !line.starts_with("addons.") && !line.starts_with("classes.cephfs"))
            .collect();
        assert_eq!(shown, expect);
        assert!(
            lines.iter().any(|line| line.starts_with("classes.cephfs: parameters.clusterID rook-ceph, ")),
            "{lines:#?}"
        );
    }

    #[test]
    fn what_was_decided_is_kept() {
        let lock = plan(&sample::cluster(VALUES)).next;
        let mut cluster = sample::cluster(
            &VALUES.replace("shared: cephfs, private: local-path", "shared: longhorn, private: cephfs"),
        );
        keep(&mut cluster, &lock);
        assert_eq!(
            cluster.placed.classes.iter().map(String::as_str).collect::<Vec<_>>(),
            ["claims.db", "claims.db/log", "claims.git", "volumes.media"]
        );
        assert_eq!(plan(&cluster).next, lock);
        let mut moved = lock.clone();
        for (entry, claim) in [("volumes.media", "media-2"), ("claims.git", "git-2")] {
            moved.claim_mut(entry).unwrap().claim = claim.to_owned();
        }
        keep(&mut cluster, &moved);
        assert_eq!(plan(&cluster).next, moved);
        let volumes = crate::plan::volumes::plan(&cluster);
        assert_eq!(volumes.claims.keys().collect::<Vec<_>>(), ["media-2"]);
    }
}
