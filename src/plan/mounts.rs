//! Mounts of a container as they were written in, where each finds which volume of the pod out.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::model::Cluster;
use crate::model::Container;
use crate::model::Service;
use crate::oci::ImageReference;
use crate::plan::mount_sources;
use crate::plan::pod_volumes::PodVolumes;
use crate::values::mount::Mount;
use crate::values::name::ServiceName;
use crate::values::name::SubPath;

/// The scratch folder that every container has.
pub const TMP: &str = "/tmp";

/// Where a container finds a volume.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct VolumeMount {
    pub path: String,
    pub volume: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sub_path: Option<String>,
    /// Whether `sub_path` holds the name of the pod, as `$(HA_POD_NAME)`.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub per_pod: bool,
    pub read_only: bool,
}

/// The service whose containers are planned, and what stands around it.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    pub cluster: &'a Cluster,
    pub name: &'a ServiceName,
    pub service: &'a Service,
    /// The pods are a Job's: claims of one replica or instance are those of the first.
    pub is_job: bool,
}

/// What a mount means: the container and path that it comes from, and what `same` adds.
pub struct Origin<'a> {
    pub container: &'a str,
    pub path: &'a str,
    /// `None`: the scratch that nobody wrote.
    pub mount: Option<&'a Mount>,
    below: Option<&'a SubPath>,
    read_only: bool,
}

/// The mounts of a container by path, with `/tmp`. What refers to something unknown is left out.
/// `main`: the name of the service's main container, which `same` means.
pub fn mounts(
    context: Context,
    main: &str,
    container_name: &str,
    container: &Container,
    volumes: &mut PodVolumes,
) -> Vec<VolumeMount> {
    let written = container.mounts.iter().map(|(path, mount)| (path.as_str(), Some(mount)));
    let mut wanted: BTreeMap<&str, Option<&Mount>> = written.collect();
    if !wanted.keys().any(|path| path.trim_end_matches('/') == TMP) {
        wanted.insert(TMP, None);
    }
    wanted
        .into_iter()
        .filter_map(|(path, mount)| {
            let origin = origin(context.service, main, container_name, path, mount)?;
            let found = mount_sources::found(context, &origin, main, volumes)?;
            let below = origin.below.filter(|_| found.folder).map(|below| match found.per_pod {
                true => below.as_str().replace("$(", "$$("),
                false => below.to_string(),
            });
            Some(VolumeMount {
                path: path.to_owned(),
                volume: found.volume,
                sub_path: joined(found.sub_path, below),
                per_pod: found.per_pod,
                read_only: found.read_only || origin.read_only,
            })
        })
        .collect()
}

/// Whether the container mounts a device file, also by `same`.
pub fn has_device(service: &Service, container: &Container) -> bool {
    container.mounts.iter().any(|(path, mount)| {
        let origin = origin(service, "", "", path.as_str(), Some(mount));
        origin.is_some_and(|origin| matches!(origin.mount, Some(Mount::Device(_))))
    })
}

fn origin<'a>(
    service: &'a Service,
    main: &'a str,
    container: &'a str,
    path: &'a str,
    mount: Option<&'a Mount>,
) -> Option<Origin<'a>> {
    let Some(Mount::Same(same)) = mount else {
        return Some(Origin { container, path, mount, below: None, read_only: false });
    };
    let path = same.same.as_str();
    let mount = match service.main.mounts.get(path) {
        Some(Mount::Same(_)) => return None,
        Some(mount) => Some(mount),
        None if path == TMP => None,
        None => return None,
    };
    Some(Origin { container: main, path, mount, below: same.sub_path.as_ref(), read_only: same.read_only })
}

/// One folder below another.
pub fn joined(first: Option<String>, second: Option<String>) -> Option<String> {
    match (first, second) {
        (Some(first), Some(second)) => Some(format!("{first}/{second}")),
        (first, second) => first.or(second),
    }
}

/// An image with everything said; as it was written when it cannot be read.
pub fn image(text: &str) -> String {
    text.parse::<ImageReference>().map_or_else(|_| text.to_owned(), |reference| reference.to_string())
}
