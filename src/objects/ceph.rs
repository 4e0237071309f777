//! The Ceph cluster of the plan -> the custom resources and storage classes of the subchart `rook`. Everything is kept.

mod cluster;
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
