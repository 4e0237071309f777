//! The Ceph cluster of the plan -> the custom resources and storage classes of the subchart `rook`. Everything is kept.

mod cluster;
mod operators;
mod pools;

use k8s_openapi::api::storage::v1::StorageClass;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use crate::objects::ChartObject;
use crate::objects::ChartObjects;
use crate::objects::Object;
use crate::objects::addons;
use crate::objects::addons::PRIVILEGED;
use crate::objects::custom::in_namespace;
use crate::objects::metadata::kept;
use crate::objects::metadata::metadata;
use crate::plan;
use crate::plan::ceph::Ceph;
use crate::plan::facts::Facts;

const NAME: &str = "rook";

/// The subchart.
pub fn chart(facts: &Facts, plan: &Ceph) -> ChartObjects {
    let own = |name: &str| kept(in_namespace(metadata(facts, NAME, name), &plan.addon.namespace));
    let mut objects: Vec<ChartObject> = addons::namespace(facts, NAME, &plan.addon, PRIVILEGED).into_iter().collect();
    if plan.addon.is_builtin() {
        objects.extend(operators::objects(facts, plan));
    }
    objects.push(cluster::object(own(plan.name), plan));
    objects.extend(pools::objects(own, plan));
    let classes = plan.storage_classes.iter();
    objects.extend(classes.map(|(name, class)| {
        ChartObject::new(format!("storageclass-{name}.yaml"), storage_class(kept(metadata(facts, NAME, name)), class))
    }));
    ChartObjects {
        name: NAME.to_owned(),
        description: "Ceph on the disks of the nodes, run by Rook, and its storage classes.".to_owned(),
        app_version: plan.addon.version.to_owned(),
        optional: false,
        objects,
    }
}

fn storage_class(metadata: ObjectMeta, class: &plan::ceph::StorageClass) -> Object {
    Object::of(StorageClass {
        allow_volume_expansion: Some(true),
        metadata,
        parameters: Some(class.parameters.clone()),
        provisioner: class.provisioner.clone(),
        reclaim_policy: Some(class.reclaim_policy.to_owned()),
        volume_binding_mode: Some(class.volume_binding_mode.to_owned()),
        ..StorageClass::default()
    })
}

#[cfg(test)]
mod tests {
    use serde_json::Value;
    use serde_json::json;

    use super::*;
    use crate::model::sample;

    fn chart_of(storage: &str) -> ChartObjects {
        let nodes = "
nodes:
  a: { address: 10.0.0.2/24, role: server, devices: [/dev/sda, /dev/sdb] }
  b: { address: 10.0.0.3/24, role: agent }
volumes: { media: { size: 1Ti } }
services: { db: { image: a/b:1, mounts: { /data: { claim: 1Gi, class: ceph-block } } } }
";
        let cluster = sample::cluster(&(nodes.to_owned() + storage));
        chart(&Facts::of(&cluster), &plan::ceph::plan(&cluster).unwrap())
    }

    #[test]
    fn every_object_is_kept() {
        let files: Vec<_> = chart_of("")
            .objects
            .into_iter()
            .map(|object| {
                let kept = object.object.json().pointer("/metadata/annotations/helm.sh~1resource-policy").cloned();
                assert_eq!(kept, Some(json!("keep")), "{}", object.file);
                object.file
            })
            .collect();
        assert_eq!(
            files[files.len() - 6..],
            [
                "cephcluster.yaml",
                "cephfilesystem.yaml",
                "cephfilesystemsubvolumegroup.yaml",
                "cephblockpool.yaml",
                "storageclass-ceph-block.yaml",
                "storageclass-cephfs.yaml",
            ]
        );
        let existing = chart_of("addons: { rook: { source: existing, namespace: theirs } }").objects;
        assert_eq!(existing[0].file, "cephcluster.yaml");
        assert_eq!(existing[0].object.namespace(), "theirs");
    }

    #[test]
    fn only_named_disks_and_as_many_copies_as_said() {
        let chart = chart_of("storage: { ceph: { replicas: 1 } }");
        let check = |file: &str, pointer: &str, expect: Value| {
            let object = chart.objects.iter().find(|object| object.file == file).unwrap();
            assert_eq!(object.object.json().pointer(pointer), Some(&expect), "{file} {pointer}");
        };
        let disks = json!([{ "devices": [{ "name": "/dev/sda" }, { "name": "/dev/sdb" }], "name": "a" }]);
        check(
            "cephcluster.yaml",
            "/spec/storage",
            json!({ "nodes": disks, "useAllDevices": false, "useAllNodes": false }),
        );
        check("cephcluster.yaml", "/spec/mon/count", json!(1));
        check("cephcluster.yaml", "/spec/mgr/count", json!(2));
        check("cephcluster.yaml", "/spec/cephConfig/global/osd_pool_default_size", json!("1"));
        let single = json!({ "requireSafeReplicaSize": false, "size": 1 });
        check("cephfilesystem.yaml", "/spec/metadataPool/replicated", single.clone());
        check("cephblockpool.yaml", "/spec/replicated", single);
        check("storageclass-ceph-block.yaml", "/provisioner", json!("rook-ceph.rbd.csi.ceph.com"));
        check("storageclass-cephfs.yaml", "/reclaimPolicy", json!("Retain"));
    }
}
