//! What one mount means in, the volume of the pod that it is found in out.

use std::collections::BTreeMap;

use crate::model::Workload;
use crate::plan::claims;
use crate::plan::claims::Place;
use crate::plan::classes;
use crate::plan::files;
use crate::plan::mounts::Context;
use crate::plan::mounts::Origin;
use crate::plan::mounts::image;
use crate::plan::mounts::joined;
use crate::plan::names;
use crate::plan::pod_volumes::FileItem;
use crate::plan::pod_volumes::Files;
use crate::plan::pod_volumes::PodVolumes;
use crate::plan::pod_volumes::VolumeSource;
use crate::values::mount::Mount;
use crate::values::name::DataKey;
use crate::values::name::FileMode;
use crate::values::name::SubPath;
use crate::values::quantity::Quantity;

/// What a volume is found under.
pub struct Found {
    pub volume: String,
    pub sub_path: Option<String>,
    pub per_pod: bool,
    pub read_only: bool,
    /// Whether a folder below it may be mounted.
    pub folder: bool,
}

/// Where the volume of a mount is found; `None` when it refers to something unknown.
pub fn found(context: Context, origin: &Origin, main: &str, volumes: &mut PodVolumes) -> Option<Found> {
    let Context { cluster, service, .. } = context;
    let text = |path: &Option<SubPath>| path.as_ref().map(ToString::to_string);
    let folder =
        |volume: String, sub_path, read_only| Found { volume, sub_path, per_pod: false, read_only, folder: true };
    let file = |volume: String, key: &str| Found {
        volume,
        sub_path: Some(key.to_owned()),
        per_pod: false,
        read_only: true,
        folder: false,
    };
    let slug = slug(origin, main);
    let Some(mount) = origin.mount else {
        return Some(folder(scratch(origin, main, None, false, volumes), None, false));
    };
    Some(match mount {
        Mount::Volume(mount) => {
            let shared = classes::shared_volume(cluster, &mount.volume)?;
            let volume = volumes.name_of(VolumeSource::Claim(shared.claim.clone()), None, &shared.claim);
            folder(volume, joined(shared.folder, text(&mount.sub_path)), mount.read_only)
        }
        Mount::Nfs(mount) => {
            cluster.storage.nfs.get(&mount.nfs)?;
            let claim = names::export(&mount.nfs);
            let volume = volumes.name_of(VolumeSource::Claim(claim.clone()), None, &claim);
            folder(volume, text(&mount.sub_path), mount.read_only)
        }
        Mount::Claim(mount) => {
            private(context, claims::place(cluster, context.name, mount)?, text(&mount.sub_path), volumes)
        }
        Mount::Local(mount) => {
            let path = mount.local.to_string();
            let source = match &service.workload {
                Workload::PerNode(nodes) if context.is_job => {
                    let locals = claims::locals(cluster, context.name, service, nodes.first()?);
                    VolumeSource::Claim(locals.into_iter().find(|local| local.path == path)?.claim)
                }
                Workload::PerNode(_) => VolumeSource::Local(path),
                _ => VolumeSource::Host { path, folder: true },
            };
            folder(volumes.name_of(source, None, &format!("local-{}", names::slug(mount.local.as_str()))), None, false)
        }
        Mount::Scratch(mount) => {
            folder(scratch(origin, main, Some(mount.scratch.clone()), mount.memory, volumes), None, false)
        }
        Mount::File(mount) => {
            let key = files::key(service, origin.path, &mount.file)?;
            file(volumes.add_file(&key, bits(mount.mode.as_ref())), &key)
        }
        Mount::FileFrom(_) => return None,
        Mount::FilesFrom(mount) => {
            let keys = files::folder_keys(service, origin.path, &mount.files);
            let mode = bits(mount.mode.as_ref());
            let items = keys.into_iter().map(|(file, key)| (key, FileItem { path: file, mode })).collect();
            let from = Some((origin.container.to_owned(), origin.path.to_owned()));
            let volume = volumes.name_of(VolumeSource::Files { items }, from, &format!("files-{slug}"));
            folder(volume, None, true)
        }
        Mount::Secret(mount) => {
            let source = keys(mount.secret.as_str(), mount.key.as_ref(), &mount.keys, mount.mode.as_ref());
            let volume = volumes.name_of(VolumeSource::Secret(source), None, &format!("secret-{}", mount.secret));
            mount
                .key
                .as_ref()
                .map_or_else(|| folder(volume.clone(), None, true), |key| file(volume.clone(), key.as_str()))
        }
        Mount::Config(mount) => {
            let source = keys(mount.config.as_str(), mount.key.as_ref(), &mount.keys, mount.mode.as_ref());
            let volume = volumes.name_of(VolumeSource::Config(source), None, &format!("config-{}", mount.config));
            mount
                .key
                .as_ref()
                .map_or_else(|| folder(volume.clone(), None, true), |key| file(volume.clone(), key.as_str()))
        }
        Mount::Host(mount) => folder(host(mount.host.as_str(), "host", volumes), None, mount.read_only),
        Mount::Device(mount) => folder(host(mount.device.as_str(), "device", volumes), None, false),
        Mount::Image(mount) => {
            let source = VolumeSource::Image(image(&mount.image.0));
            folder(volumes.name_of(source, None, &format!("image-{slug}")), None, true)
        }
        Mount::Projected(mount) => {
            let source = VolumeSource::Projected(mount.projected.clone());
            folder(volumes.name_of(source, None, &format!("projected-{slug}")), None, true)
        }
        // `same` of the main container means nothing.
        Mount::Same(_) => return None,
    })
}

fn scratch(origin: &Origin, main: &str, size: Option<Quantity>, memory: bool, volumes: &mut PodVolumes) -> String {
    let from = Some((origin.container.to_owned(), origin.path.to_owned()));
    volumes.name_of(VolumeSource::Scratch { size, memory }, from, &slug(origin, main))
}

/// The words of a path; of another container than the main one with its name in front.
fn slug(origin: &Origin, main: &str) -> String {
    let slug = names::slug(origin.path);
    if origin.container == main { slug } else { format!("{}-{slug}", origin.container) }
}

fn private(context: Context, place: Place, sub_path: Option<String>, volumes: &mut PodVolumes) -> Found {
    let per_replica = context.service.workload == Workload::StatefulSet;
    let found = |volume, sub_path, per_pod| Found { volume, sub_path, per_pod, read_only: false, folder: true };
    match place {
        Place::Claim(claim) => {
            let source = match (per_replica, context.is_job) {
                (true, false) => VolumeSource::ClaimPerReplica(claim.name.clone()),
                (true, true) => VolumeSource::Claim(format!("{}-{}-0", claim.name, names::with_label(context.name))),
                (false, _) => VolumeSource::Claim(claim.name.clone()),
            };
            found(volumes.name_of(source, None, &claim.name), sub_path, false)
        }
        Place::Folder { claim, folder } => {
            let volume = volumes.name_of(VolumeSource::Claim(claim.clone()), None, &claim);
            let set = names::with_label(context.name);
            let (folder, per_pod) = match (per_replica, context.is_job) {
                (true, false) => (format!("{folder}/$(HA_POD_NAME)"), true),
                (true, true) => (format!("{folder}/{set}-0"), false),
                (false, _) => (folder, false),
            };
            let sub_path = sub_path.map(|path| if per_pod { path.replace("$(", "$$(") } else { path });
            found(volume, joined(Some(folder), sub_path), per_pod)
        }
    }
}

fn keys(name: &str, key: Option<&DataKey>, keys: &BTreeMap<DataKey, SubPath>, mode: Option<&FileMode>) -> Files {
    let one = key.map(|key| (key.to_string(), key.to_string()));
    let several = keys.iter().map(|(key, path)| (key.to_string(), path.to_string()));
    Files { name: name.to_owned(), items: one.into_iter().chain(several).collect(), mode: bits(mode) }
}

fn bits(mode: Option<&FileMode>) -> Option<i32> {
    mode.map(FileMode::bits)
}

fn host(path: &str, word: &str, volumes: &mut PodVolumes) -> String {
    let source = VolumeSource::Host { path: path.to_owned(), folder: false };
    volumes.name_of(source, None, &format!("{word}-{}", names::slug(path)))
}
