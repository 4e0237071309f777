//! Private volumes of a service in, its claims out, and the static volumes on the disks of nodes.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::model::Cluster;
use crate::model::Service;
use crate::plan::classes::Class;
use crate::plan::names;
use crate::values::mount::ClaimMount;
use crate::values::mount::Mount;
use crate::values::name::NodeName;
use crate::values::name::ServiceName;
use crate::values::quantity::Quantity;
use crate::values::storage::AccessMode;

/// A claim of a service, or the template of one per replica.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Claim {
    pub name: String,
    /// The StorageClass.
    pub class: String,
    pub size: Quantity,
    pub access_mode: AccessMode,
}

/// A folder on the disk of a node, as a volume with the claim that it is kept for.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LocalVolume {
    /// The PersistentVolume.
    pub name: String,
    pub claim: String,
    pub path: String,
    pub size: Quantity,
}

/// Where a private volume lies.
#[derive(Clone, Debug, PartialEq)]
pub enum Place {
    Claim(Claim),
    /// A folder of the static claim of an NFS export.
    Folder {
        claim: String,
        folder: String,
    },
}

/// Where the private volume of a mount lies; `None` when its class is none.
pub fn place(cluster: &Cluster, service: &ServiceName, mount: &ClaimMount) -> Option<Place> {
    let name = names::claim(cluster, service, mount.name.as_ref());
    Some(match Class::of(cluster, mount.class.as_ref().unwrap_or(&cluster.storage.private))? {
        Class::Nfs(export) => Place::Folder { claim: names::export(&export), folder: name },
        class => Place::Claim(Claim {
            name,
            class: class.storage_class().to_owned(),
            size: mount.claim.clone(),
            // On a class that can, the next pod may mount it while the last one still ends.
            access_mode: if class.is_shared() { AccessMode::ReadWriteMany } else { AccessMode::ReadWriteOnce },
        }),
    })
}

/// The claims of a service by name. The largest size of several mounts of one claim counts.
pub fn claims(cluster: &Cluster, name: &ServiceName, service: &Service) -> Vec<Claim> {
    let mut claims: BTreeMap<String, Claim> = BTreeMap::new();
    for mount in service.containers().flat_map(|(_, container)| container.mounts.values()) {
        let Mount::Claim(mount) = mount else { continue };
        if let Some(Place::Claim(claim)) = place(cluster, name, mount) {
            let known = claims.entry(claim.name.clone()).or_insert_with(|| claim.clone());
            if known.size.thousandths() < claim.size.thousandths() {
                known.size = claim.size;
            }
        }
    }
    claims.into_values().collect()
}

/// The local volumes of one instance. Their names hold the path, for a volume on another path is another volume.
pub fn locals(cluster: &Cluster, name: &ServiceName, service: &Service, node: &NodeName) -> Vec<LocalVolume> {
    let mut locals: BTreeMap<&str, LocalVolume> = BTreeMap::new();
    for mount in service.containers().flat_map(|(_, container)| container.mounts.values()) {
        let Mount::Local(mount) = mount else { continue };
        let path = mount.local.as_str();
        let claim =
            names::fitted(&format!("{}-{}", names::instance(name, node), names::exact_slug(path)), names::LABEL);
        let volume = LocalVolume {
            name: names::fitted(&format!("{}-{claim}", cluster.namespace), names::LABEL),
            claim,
            path: path.to_owned(),
            size: mount.size.clone(),
        };
        locals.entry(path).or_insert(volume);
    }
    locals.into_values().collect()
}
