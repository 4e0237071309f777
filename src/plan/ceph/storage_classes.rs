//! The storage classes of the Ceph cluster. None of their fields can change once a class exists.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::plan::ceph::BLOCK_POOL;
use crate::plan::ceph::DATA_POOL;
use crate::plan::ceph::FILESYSTEM;

/// A StorageClass: kept volumes (`Retain`), expandable, bound at once, never the default class.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct StorageClass {
    pub provisioner: String,
    pub reclaim_policy: &'static str,
    pub volume_binding_mode: &'static str,
    pub parameters: BTreeMap<String, String>,
}

/// The classes in use. Parameters and Secrets are those of Rook's `deploy/examples/csi/*/storageclass.yaml`; the
/// prefix of a driver is the operator's namespace (`pkg/operator/ceph/csi/controller.go`).
pub fn of(namespace: &str, filesystem: bool, block: bool) -> BTreeMap<&'static str, StorageClass> {
    let mut classes = BTreeMap::new();
    if filesystem {
        let pool = format!("{FILESYSTEM}-{DATA_POOL}");
        classes.insert("cephfs", class(namespace, "cephfs", &[("fsName", FILESYSTEM), ("pool", &pool)]));
    }
    if block {
        let parameters = [
            ("pool", BLOCK_POOL),
            ("imageFormat", "2"),
            ("imageFeatures", "layering"),
            ("csi.storage.k8s.io/fstype", "ext4"),
        ];
        classes.insert("ceph-block", class(namespace, "rbd", &parameters));
    }
    classes
}

fn class(namespace: &str, driver: &str, own: &[(&str, &str)]) -> StorageClass {
    let mut parameters: BTreeMap<String, String> =
        own.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    parameters.insert("clusterID".to_owned(), namespace.to_owned());
    for (step, account) in [
        ("provisioner", "provisioner"),
        ("controller-expand", "provisioner"),
        ("controller-publish", "provisioner"),
        ("node-stage", "node"),
    ] {
        parameters.insert(format!("csi.storage.k8s.io/{step}-secret-name"), format!("rook-csi-{driver}-{account}"));
        parameters.insert(format!("csi.storage.k8s.io/{step}-secret-namespace"), namespace.to_owned());
    }
    StorageClass {
        provisioner: format!("{namespace}.{driver}.csi.ceph.com"),
        reclaim_policy: "Retain",
        volume_binding_mode: "Immediate",
        parameters,
    }
}
