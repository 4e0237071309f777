//! The entries of a lock, typed.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::Serialize;

use crate::values::quantity::Quantity;

/// The field of a locked image that holds the digest of its name; the others are named after their platform.
pub const DIGEST: &str = "digest";

/// Texts by the name of what they say.
pub type Fields = BTreeMap<String, String>;

/// Every decision about a cluster that must not change by accident.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Lock {
    /// The cluster's.
    pub name: String,
    /// The release namespace: in another one nothing would be found again.
    pub namespace: String,
    /// The versions of the add-ons in use that this program installs: with their images one platform set.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub addons: Fields,
    /// Ceph's names, and the folder on the nodes that its monitors live in.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub ceph: Fields,
    /// What a storage class of the values is: of our own the fields that Kubernetes never changes.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub classes: BTreeMap<String, Fields>,
    /// Server and path of an NFS export, which its static volume can never change.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub exports: BTreeMap<String, Fields>,
    /// Fields of other objects that Kubernetes never changes, by `KIND/NAME`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub fixed: BTreeMap<String, Fields>,
    /// Shared volumes by their name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub volumes: BTreeMap<String, Claim>,
    /// Private volumes, by `SERVICE` or `SERVICE/NAME`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub claims: BTreeMap<String, Claim>,
    /// Folders on the disks of nodes, by their claim.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub locals: BTreeMap<String, Local>,
    /// The digests of images by their name: what the name means, and what it means on each platform.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub images: BTreeMap<String, Fields>,
    /// What was moved away from and still holds the old files, by its claim or folder.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub kept: BTreeMap<String, Kept>,
}

/// Where the files of a volume lie.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Claim {
    /// The claim, or the folder of an NFS export.
    pub claim: String,
    /// As the values name it; `None` for a claim that was there already.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class: Option<String>,
    /// Owner group of the files.
    pub group: u32,
    /// The name of the StatefulSet whose replicas have one each.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per_replica_of: Option<String>,
    /// The largest that was ever asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<Quantity>,
}

/// A static volume on the disk of a node.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Local {
    pub node: String,
    pub path: String,
    pub service: String,
    pub size: Quantity,
}

/// What was moved away from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kept {
    pub class: String,
    /// The entry whose files it held, such as `volumes.media`.
    pub of: String,
}

/// Whether other versions of the add-ons may take the place of the locked ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Upgrade {
    Refused,
    Wanted,
}

impl Lock {
    /// The lock of a cluster of which nothing is decided yet.
    pub fn empty(name: &str, namespace: &str) -> Self {
        Self { name: name.to_owned(), namespace: namespace.to_owned(), ..Self::default() }
    }

    /// Shared and private volumes, by their entry: `volumes.media`, `claims.git`.
    pub fn all_claims(&self) -> impl Iterator<Item = (String, &Claim)> {
        let volumes = self.volumes.iter().map(|(name, claim)| (format!("volumes.{name}"), claim));
        volumes.chain(self.claims.iter().map(|(name, claim)| (format!("claims.{name}"), claim)))
    }

    /// The volume of an entry `volumes.NAME` or `claims.NAME`.
    pub fn claim(&self, entry: &str) -> Option<&Claim> {
        match entry.split_once('.')? {
            ("volumes", name) => self.volumes.get(name),
            ("claims", name) => self.claims.get(name),
            _ => None,
        }
    }

    /// The same, to change it.
    pub fn claim_mut(&mut self, entry: &str) -> Option<&mut Claim> {
        match entry.split_once('.')? {
            ("volumes", name) => self.volumes.get_mut(name),
            ("claims", name) => self.claims.get_mut(name),
            _ => None,
        }
    }
}
