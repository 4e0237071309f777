//! Shared volumes -> the subchart `volumes`: claims, and static volumes over NFS exports. Everything is kept.

use k8s_openapi::api::core::v1::NFSVolumeSource;
use k8s_openapi::api::core::v1::ObjectReference;
use k8s_openapi::api::core::v1::PersistentVolume;
use k8s_openapi::api::core::v1::PersistentVolumeClaim;
use k8s_openapi::api::core::v1::PersistentVolumeClaimSpec;
use k8s_openapi::api::core::v1::PersistentVolumeSpec;
use k8s_openapi::api::core::v1::VolumeResourceRequirements;
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;

use crate::objects::ChartObject;
use crate::objects::ChartObjects;
use crate::objects::Object;
use crate::objects::metadata::kept;
use crate::objects::metadata::metadata;
use crate::plan::facts::Facts;
use crate::plan::volumes::Export;
use crate::plan::volumes::Volumes;

const NAME: &str = "volumes";

/// The subchart; `None` when there is no claim to make.
pub fn chart(facts: &Facts, plan: &Volumes) -> Option<ChartObjects> {
    let mut objects = Vec::new();
    for (name, claim) in &plan.claims {
        let object = shared_claim(facts, name, &claim.storage_class, claim.size.as_str(), None);
        objects.push(ChartObject::new(format!("claim-{name}.yaml"), object));
    }
    for (name, export) in &plan.exports {
        objects.push(ChartObject::new(format!("volume-{name}.yaml"), volume(facts, name, export)));
        let object = shared_claim(facts, name, "", export.size, Some(&export.volume));
        objects.push(ChartObject::new(format!("claim-{name}.yaml"), object));
    }
    if objects.is_empty() {
        return None;
    }
    Some(ChartObjects {
        name: NAME.to_owned(),
        description: "The volumes that services share; they stay when the release goes.".to_owned(),
        app_version: String::new(),
        optional: false,
        objects,
    })
}

/// A claim that pods of every node may mount; `volume` binds it to a static one.
fn shared_claim(facts: &Facts, name: &str, class: &str, size: &str, volume: Option<&str>) -> Object {
    let requests = [("storage".to_owned(), Quantity(size.to_owned()))].into();
    Object::of(PersistentVolumeClaim {
        metadata: kept(metadata(facts, NAME, name)),
        spec: Some(PersistentVolumeClaimSpec {
            access_modes: Some(vec!["ReadWriteMany".to_owned()]),
            resources: Some(VolumeResourceRequirements { requests: Some(requests), limits: None }),
            storage_class_name: Some(class.to_owned()),
            volume_name: volume.map(str::to_owned),
            ..PersistentVolumeClaimSpec::default()
        }),
        status: None,
    })
}

/// The volume over an export; no other claim can take it.
fn volume(facts: &Facts, claim: &str, export: &Export) -> Object {
    Object::of(PersistentVolume {
        metadata: kept(metadata(facts, NAME, &export.volume)),
        spec: Some(PersistentVolumeSpec {
            access_modes: Some(vec!["ReadWriteMany".to_owned()]),
            capacity: Some([("storage".to_owned(), Quantity(export.size.to_owned()))].into()),
            claim_ref: Some(ObjectReference {
                api_version: Some("v1".to_owned()),
                kind: Some("PersistentVolumeClaim".to_owned()),
                name: Some(claim.to_owned()),
                namespace: Some(export.namespace.clone()),
                ..ObjectReference::default()
            }),
            mount_options: Some(export.mount_options.iter().map(|option| (*option).to_owned()).collect()),
            nfs: Some(NFSVolumeSource { path: export.path.clone(), server: export.server.clone(), read_only: None }),
            persistent_volume_reclaim_policy: Some("Retain".to_owned()),
            storage_class_name: Some(String::new()),
            ..PersistentVolumeSpec::default()
        }),
        status: None,
    })
}
