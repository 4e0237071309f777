//! Storage classes, Ceph and NFS exports.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;
use serde::Serialize;

use crate::values::name::HostPath;
use crate::values::name::Name;
use crate::values::name::ObjectName;
use crate::values::name::text_type;
use crate::values::route::Host;

text_type!(
    /// A storage class: `cephfs`, `ceph-block`, `longhorn`, `local-path`, `nfs.NAME` or a declared class.
    ClassName, "^(nfs\\.)?[a-z]([-a-z0-9]*[a-z0-9])?$", 63,
    |text| text.strip_prefix("nfs.").unwrap_or(text).parse::<Name>().is_ok(),
    "a class: `cephfs`, `ceph-block`, `longhorn`, `local-path`, `nfs.NAME` or one of `storage.classes`"
);

/// Where files live. One word here moves every new volume to another system; no service changes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Storage {
    /// Class of new `volumes`: `cephfs`, `nfs.NAME`, `longhorn` or a declared class that allows ReadWriteMany.
    #[serde(default = "cephfs")]
    pub shared: ClassName,
    /// Class of new private claims: also `ceph-block` and `local-path` (K3s' own).
    #[serde(default = "cephfs")]
    pub private: ClassName,
    /// Owner group of the files on volumes: the `fsGroup` of every pod that mounts one.
    #[schemars(range(min = 1, max = 2_147_483_647))]
    #[serde(default = "group")]
    pub group: u32,
    /// The Ceph cluster that Rook runs on the devices of the nodes.
    #[serde(default)]
    pub ceph: Ceph,
    /// NFS exports by name.
    #[schemars(example = &serde_json::json!({"nas": {"server": "192.168.56.10", "path": "/export/media"}}))]
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub nfs: BTreeMap<Name, NfsExport>,
    /// Storage classes that exist already, by the name used in this file.
    #[schemars(example = &serde_json::json!({"fast": {"existing": "openebs-hostpath", "accessModes": ["ReadWriteOnce"]}}))]
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub classes: BTreeMap<Name, DeclaredClass>,
}

impl Default for Storage {
    fn default() -> Self {
        Self {
            shared: cephfs(),
            private: cephfs(),
            group: group(),
            ceph: Ceph::default(),
            nfs: BTreeMap::new(),
            classes: BTreeMap::new(),
        }
    }
}

fn cephfs() -> ClassName {
    ClassName::known("cephfs")
}

fn group() -> u32 {
    2000
}

/// The Ceph cluster.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Ceph {
    /// Copies of every piece of data, each on another node.
    #[schemars(range(min = 1, max = 9))]
    #[serde(default = "replicas")]
    pub replicas: u32,
    /// How much memory and CPU Ceph's daemons ask for.
    #[serde(default)]
    pub size: CephSize,
    /// Folder on the nodes for Ceph's own state. It can never change.
    #[serde(default = "data_dir")]
    pub data_dir_host_path: HostPath,
    /// Host name under which the gateway shows Ceph's dashboard.
    #[schemars(example = &"ceph")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dashboard: Option<Host>,
}

impl Default for Ceph {
    fn default() -> Self {
        Self { replicas: replicas(), size: CephSize::default(), data_dir_host_path: data_dir(), dashboard: None }
    }
}

fn replicas() -> u32 {
    3
}

fn data_dir() -> HostPath {
    HostPath::known("/var/lib/rook")
}

/// How much Ceph's daemons ask for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum CephSize {
    /// Nodes with 8 GB.
    #[default]
    Small,
    /// Nodes with 16 GB.
    Medium,
    /// Nodes with 32 GB or more.
    Large,
}

/// An NFS export.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NfsExport {
    /// Name or address of the server.
    #[schemars(example = &"192.168.56.10")]
    pub server: String,
    /// Exported path.
    #[schemars(example = &"/export/media")]
    pub path: HostPath,
}

/// A storage class that exists already.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DeclaredClass {
    /// Its name in the cluster.
    #[schemars(example = &"openebs-hostpath")]
    pub existing: ObjectName,
    /// What its volumes allow.
    #[schemars(length(min = 1))]
    pub access_modes: Vec<AccessMode>,
}

/// How many may mount a volume.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum AccessMode {
    /// Pods of one node.
    ReadWriteOnce,
    /// Pods of every node.
    ReadWriteMany,
}

impl AccessMode {
    /// As Kubernetes writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ReadWriteOnce => "ReadWriteOnce",
            Self::ReadWriteMany => "ReadWriteMany",
        }
    }
}
