//! What a storage class of the values is in the cluster.

use crate::model::Cluster;
use crate::plan::names;
use crate::values::name::Name;
use crate::values::name::VolumeName;
use crate::values::storage::AccessMode;
use crate::values::storage::ClassName;

/// Where the volumes of a class come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Class {
    /// A filesystem of the Ceph cluster; the StorageClass is ours.
    CephFs,
    /// Block devices of the Ceph cluster; the StorageClass is ours.
    CephBlock,
    /// Folders of an NFS export: every volume is a folder of the export's one static claim.
    Nfs(Name),
    /// A StorageClass that exists: declared, `longhorn`, or K3s' `local-path`.
    Existing { name: String, modes: Vec<AccessMode> },
}

impl Class {
    /// The class of a word in the values; `None` when nothing has that name.
    pub fn of(cluster: &Cluster, word: &ClassName) -> Option<Self> {
        let existing =
            |name: &str, modes: &[AccessMode]| Self::Existing { name: name.to_owned(), modes: modes.to_vec() };
        match word.as_str() {
            "cephfs" => Some(Self::CephFs),
            "ceph-block" => Some(Self::CephBlock),
            "longhorn" => Some(existing("longhorn", &[AccessMode::ReadWriteOnce, AccessMode::ReadWriteMany])),
            "local-path" => Some(existing("local-path", &[AccessMode::ReadWriteOnce])),
            text => match text.strip_prefix("nfs.") {
                Some(export) => cluster.storage.nfs.keys().find(|name| name.as_str() == export).cloned().map(Self::Nfs),
                None => cluster
                    .storage
                    .classes
                    .get(text)
                    .map(|class| existing(class.existing.as_str(), &class.access_modes)),
            },
        }
    }

    /// Whether pods of several nodes may mount one volume.
    pub fn is_shared(&self) -> bool {
        match self {
            Self::CephFs | Self::Nfs(_) => true,
            Self::CephBlock => false,
            Self::Existing { modes, .. } => modes.contains(&AccessMode::ReadWriteMany),
        }
    }

    /// The name of the StorageClass in the cluster; empty for static volumes.
    pub fn storage_class(&self) -> &str {
        match self {
            Self::CephFs => "cephfs",
            Self::CephBlock => "ceph-block",
            Self::Nfs(_) => "",
            Self::Existing { name, .. } => name,
        }
    }
}

/// Where a shared volume lies: a claim, and the folder in it that is the volume's root.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SharedVolume {
    pub claim: String,
    pub folder: Option<String>,
    /// Owner group of the files.
    pub group: u32,
}

/// Where a volume of the values lies; `None` when there is none of that name or class.
pub fn shared_volume(cluster: &Cluster, name: &VolumeName) -> Option<SharedVolume> {
    let volume = cluster.volumes.get(name)?;
    let group = volume.group.unwrap_or(cluster.storage.group);
    if let Some(existing) = &volume.existing {
        return Some(SharedVolume { claim: existing.claim.to_string(), folder: None, group });
    }
    let word = volume.class.as_ref().unwrap_or(&cluster.storage.shared);
    Some(match Class::of(cluster, word)? {
        Class::Nfs(export) => {
            SharedVolume { claim: names::export(&export), folder: Some(names::volume(cluster, name)), group }
        }
        _ => SharedVolume { claim: names::volume(cluster, name), folder: None, group },
    })
}
