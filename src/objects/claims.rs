//! Planned claims in, Kubernetes' claims and the static volumes on nodes' disks out.

use k8s_openapi::api::core::v1::LocalVolumeSource;
use k8s_openapi::api::core::v1::NodeSelector;
use k8s_openapi::api::core::v1::NodeSelectorRequirement;
use k8s_openapi::api::core::v1::NodeSelectorTerm;
use k8s_openapi::api::core::v1::ObjectReference;
use k8s_openapi::api::core::v1::PersistentVolume;
use k8s_openapi::api::core::v1::PersistentVolumeClaim;
use k8s_openapi::api::core::v1::PersistentVolumeClaimSpec;
use k8s_openapi::api::core::v1::PersistentVolumeSpec;
use k8s_openapi::api::core::v1::VolumeNodeAffinity;
use k8s_openapi::api::core::v1::VolumeResourceRequirements;
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use crate::objects::metadata;
use crate::plan::claims::Claim;
use crate::plan::claims::LocalVolume;
use crate::plan::placement::HOSTNAME;
use crate::plan::workload::Instance;

/// A claim, or a StatefulSet's template of one.
pub fn claim(plan: &Claim, metadata: ObjectMeta) -> PersistentVolumeClaim {
    let spec = PersistentVolumeClaimSpec {
        access_modes: Some(vec![plan.access_mode.as_str().to_owned()]),
        storage_class_name: Some(plan.class.clone()),
        resources: Some(storage(&plan.size.to_string())),
        ..PersistentVolumeClaimSpec::default()
    };
    PersistentVolumeClaim { metadata, spec: Some(spec), status: None }
}

fn storage(size: &str) -> VolumeResourceRequirements {
    let requests = [("storage".to_owned(), Quantity(size.to_owned()))].into();
    VolumeResourceRequirements { requests: Some(requests), limits: None }
}

/// The claim of a local volume. Each names the other, so that nothing else is ever bound to one of them; the empty
/// class keeps provisioners away.
pub fn local_claim(plan: &LocalVolume, metadata: ObjectMeta) -> PersistentVolumeClaim {
    let spec = PersistentVolumeClaimSpec {
        access_modes: Some(vec!["ReadWriteOnce".to_owned()]),
        storage_class_name: Some(String::new()),
        volume_name: Some(plan.name.clone()),
        resources: Some(storage(&plan.size.to_string())),
        ..PersistentVolumeClaimSpec::default()
    };
    PersistentVolumeClaim { metadata, spec: Some(spec), status: None }
}

/// A local volume on the node of its instance.
pub fn local_volume(
    plan: &LocalVolume,
    instance: &Instance,
    namespace: &str,
    metadata: ObjectMeta,
) -> PersistentVolume {
    let here = NodeSelectorRequirement {
        key: HOSTNAME.to_owned(),
        operator: "In".to_owned(),
        values: Some(vec![instance.node.clone()]),
    };
    let spec = PersistentVolumeSpec {
        access_modes: Some(vec!["ReadWriteOnce".to_owned()]),
        capacity: Some([("storage".to_owned(), Quantity(plan.size.to_string()))].into()),
        claim_ref: Some(ObjectReference {
            api_version: Some("v1".to_owned()),
            kind: Some("PersistentVolumeClaim".to_owned()),
            namespace: Some(namespace.to_owned()),
            name: Some(plan.claim.clone()),
            ..ObjectReference::default()
        }),
        local: Some(LocalVolumeSource { path: plan.path.clone(), fs_type: None }),
        node_affinity: Some(VolumeNodeAffinity {
            required: Some(NodeSelector {
                node_selector_terms: vec![NodeSelectorTerm { match_expressions: Some(vec![here]), match_fields: None }],
            }),
        }),
        persistent_volume_reclaim_policy: Some("Retain".to_owned()),
        volume_mode: Some("Filesystem".to_owned()),
        ..PersistentVolumeSpec::default()
    };
    PersistentVolume { metadata: metadata::kept(metadata), spec: Some(spec), status: None }
}
