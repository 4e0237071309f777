//! Shared volumes -> claims, and the NFS exports in use -> one static volume with its claim each.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use serde::Serialize;

use crate::model::Cluster;
use crate::plan::classes::Class;
use crate::plan::names;
use crate::values::mount::Mount;
use crate::values::name::Name;
use crate::values::quantity::Quantity;
use crate::values::storage::ClassName;

/// What is kept when the release goes: files of several services.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Volumes {
    /// By name of the claim, which is the volume's unless it was moved.
    pub claims: BTreeMap<String, Claim>,
    /// By name of the claim, `nfs-NAME`.
    pub exports: BTreeMap<String, Export>,
}

/// The claim of a shared volume, ReadWriteMany.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Claim {
    /// As the values name it.
    pub class: ClassName,
    /// The StorageClass in the cluster.
    pub storage_class: String,
    pub size: Quantity,
    /// Owner group of the files.
    pub group: u32,
}

/// A static volume over an NFS export, prebound to its claim.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Export {
    /// The PersistentVolume: the name of a cluster's object has the namespace in front.
    pub volume: String,
    pub namespace: String,
    pub server: String,
    pub path: String,
    pub mount_options: &'static [&'static str],
    /// What claim and volume say; nothing enforces it, and it can never change.
    pub size: &'static str,
}

/// NFS 4.1 needs no other port than 2049; `hard` makes a writer wait for a server that reboots (`man 5 nfs`).
const MOUNT_OPTIONS: &[&str] = &["nfsvers=4.1", "hard", "noatime"];

/// Claims and exports; both may be empty. A volume of an unknown class, or of none that exists, is left out.
pub fn plan(cluster: &Cluster) -> Volumes {
    let exports = used_exports(cluster).into_iter().filter_map(|name| {
        let export = cluster.storage.nfs.get(name)?;
        let plan = Export {
            volume: format!("{}-{}", cluster.namespace, names::export(name)),
            namespace: cluster.namespace.to_string(),
            server: export.server.clone(),
            path: export.path.to_string(),
            mount_options: MOUNT_OPTIONS,
            size: "1Ti",
        };
        Some((names::export(name), plan))
    });
    Volumes { claims: claims(cluster), exports: exports.collect() }
}

fn claims(cluster: &Cluster) -> BTreeMap<String, Claim> {
    let of = cluster.volumes.iter().filter_map(|(name, volume)| {
        let size = volume.size.clone().filter(|_| volume.existing.is_none())?;
        let word = volume.class.as_ref().unwrap_or(&cluster.storage.shared);
        let class = Class::of(cluster, word).filter(|class| !matches!(class, Class::Nfs(_)))?;
        let claim = Claim {
            class: word.clone(),
            storage_class: class.storage_class().to_owned(),
            size,
            group: volume.group.unwrap_or(cluster.storage.group),
        };
        Some((names::volume(cluster, name), claim))
    });
    of.collect()
}

/// The exports that a mount or a class `nfs.NAME` names.
fn used_exports(cluster: &Cluster) -> BTreeSet<&Name> {
    let storage = &cluster.storage;
    let volumes = cluster.volumes.values().filter(|volume| volume.existing.is_none());
    let shared = volumes.filter_map(|volume| export_of(cluster, volume.class.as_ref().unwrap_or(&storage.shared)));
    let containers = cluster.services.values().flat_map(|service| service.containers());
    let mounted = containers.flat_map(|(_, container)| container.mounts.values()).filter_map(|mount| match mount {
        Mount::Nfs(mount) => Some(&mount.nfs),
        Mount::Claim(claim) => export_of(cluster, claim.class.as_ref().unwrap_or(&storage.private)),
        _ => None,
    });
    shared.chain(mounted).collect()
}

fn export_of<'a>(cluster: &'a Cluster, word: &ClassName) -> Option<&'a Name> {
    let name = word.as_str().strip_prefix("nfs.")?;
    cluster.storage.nfs.keys().find(|export| export.as_str() == name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::sample;

    #[test]
    fn only_what_is_used_is_made() {
        let cluster = sample::cluster(
            "
storage: { nfs: { nas: { server: 10.0.0.9, path: /a }, old: { server: 10.0.0.9, path: /b }, films: { server: nas, path: /c } } }
volumes:
  media: { size: 1Ti, group: 3000 }
  backup: { size: 1Ti, class: nfs.nas }
  theirs: { existing: { claim: theirs } }
services: { web: { image: a/b:1, mounts: { /films: { nfs: films } } } }",
        );
        let plan = plan(&cluster);
        assert_eq!(plan.claims.keys().collect::<Vec<_>>(), ["media"]);
        assert_eq!((plan.claims["media"].storage_class.as_str(), plan.claims["media"].group), ("cephfs", 3000));
        assert_eq!(plan.exports.keys().collect::<Vec<_>>(), ["nfs-films", "nfs-nas"]);
        assert_eq!(plan.exports["nfs-nas"].volume, "home-nfs-nas");
    }
}
