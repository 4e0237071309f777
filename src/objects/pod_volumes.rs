//! Planned volumes of a pod in, Kubernetes' volumes out.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::ConfigMapVolumeSource;
use k8s_openapi::api::core::v1::EmptyDirVolumeSource;
use k8s_openapi::api::core::v1::HostPathVolumeSource;
use k8s_openapi::api::core::v1::ImageVolumeSource;
use k8s_openapi::api::core::v1::KeyToPath;
use k8s_openapi::api::core::v1::PersistentVolumeClaimVolumeSource;
use k8s_openapi::api::core::v1::ProjectedVolumeSource;
use k8s_openapi::api::core::v1::SecretVolumeSource;
use k8s_openapi::api::core::v1::Volume;
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;

use crate::plan::pod_volumes::Files;
use crate::plan::pod_volumes::PodVolume;
use crate::plan::pod_volumes::VolumeSource;
use crate::plan::workload::Instance;

/// A volume; `None` for one that the pod has without saying so. `files`: the service's own ConfigMap.
/// The sources of a projected one are added later, in the form in which they were written.
pub fn volume(plan: &PodVolume, files: &str, instance: Option<&Instance>) -> Option<Volume> {
    let mut volume = Volume { name: plan.name.clone(), ..Volume::default() };
    match &plan.source {
        VolumeSource::ClaimPerReplica(_) => return None,
        VolumeSource::Claim(claim) => volume.persistent_volume_claim = Some(of_claim(claim)),
        VolumeSource::Local(path) => {
            let local = instance.and_then(|instance| instance.locals.iter().find(|local| local.path == *path))?;
            volume.persistent_volume_claim = Some(of_claim(&local.claim));
        }
        VolumeSource::Scratch { size, memory } => {
            volume.empty_dir = Some(EmptyDirVolumeSource {
                medium: memory.then(|| "Memory".to_owned()),
                size_limit: size.as_ref().map(|size| Quantity(size.to_string())),
            });
        }
        VolumeSource::Files { items } => {
            let item = |(key, item): (&String, &crate::plan::pod_volumes::FileItem)| KeyToPath {
                key: key.clone(),
                path: item.path.clone(),
                mode: item.mode,
            };
            let items = Some(items.iter().map(item).collect());
            let source = ConfigMapVolumeSource { name: files.to_owned(), items, ..ConfigMapVolumeSource::default() };
            volume.config_map = Some(source);
        }
        VolumeSource::Secret(Files { name, items, mode }) => {
            volume.secret = Some(SecretVolumeSource {
                secret_name: Some(name.clone()),
                items: keys(items),
                default_mode: *mode,
                optional: None,
            });
        }
        VolumeSource::Config(Files { name, items, mode }) => {
            volume.config_map = Some(ConfigMapVolumeSource {
                name: name.clone(),
                items: keys(items),
                default_mode: *mode,
                optional: None,
            });
        }
        VolumeSource::Host { path, folder } => {
            let type_ = folder.then(|| "Directory".to_owned());
            volume.host_path = Some(HostPathVolumeSource { path: path.clone(), type_ });
        }
        VolumeSource::Image(image) => {
            volume.image = Some(ImageVolumeSource { reference: Some(image.clone()), pull_policy: None });
        }
        VolumeSource::Projected(_) => volume.projected = Some(ProjectedVolumeSource::default()),
    }
    Some(volume)
}

fn of_claim(name: &str) -> PersistentVolumeClaimVolumeSource {
    PersistentVolumeClaimVolumeSource { claim_name: name.to_owned(), read_only: None }
}

fn keys(items: &BTreeMap<String, String>) -> Option<Vec<KeyToPath>> {
    let items: Vec<_> =
        items.iter().map(|(key, path)| KeyToPath { key: key.clone(), path: path.clone(), mode: None }).collect();
    if items.is_empty() { None } else { Some(items) }
}
