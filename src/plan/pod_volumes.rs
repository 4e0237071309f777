//! What containers mount in, the volumes of a pod out: each source once, under a name of its own.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Map;
use serde_json::Value;

use crate::plan::names;
use crate::values::quantity::Quantity;

/// A volume of a pod.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PodVolume {
    pub name: String,
    pub source: VolumeSource,
}

/// What a volume holds.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum VolumeSource {
    Claim(String),
    /// The StatefulSet's claim of this name, one per replica: the pod has the volume by itself.
    ClaimPerReplica(String),
    /// The static volume of this path on the instance's node.
    Local(String),
    Scratch {
        #[serde(skip_serializing_if = "Option::is_none")]
        size: Option<Quantity>,
        memory: bool,
    },
    /// Files of the service's own ConfigMap.
    Files {
        items: BTreeMap<String, FileItem>,
    },
    Secret(Files),
    Config(Files),
    Host {
        path: String,
        /// Whether it must be a folder that is there.
        folder: bool,
    },
    /// The files of an OCI image.
    Image(String),
    /// Sources in Kubernetes' own form, as they were written.
    Projected(Vec<Map<String, Value>>),
}

/// Keys of a Secret or ConfigMap as files.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Files {
    pub name: String,
    /// Empty: every key under its own name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub items: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mode: Option<i32>,
}

/// A key of the service's own ConfigMap as a file.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FileItem {
    pub path: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mode: Option<i32>,
}

/// The volumes of one pod while its containers are planned.
#[derive(Clone, Debug, Default)]
pub struct PodVolumes {
    volumes: Vec<(PodVolume, Origin)>,
    /// Names that a StatefulSet gives.
    reserved: Vec<String>,
}

/// Tells volumes with equal sources apart: a scratch belongs to the container and path that asked for it.
pub type Origin = Option<(String, String)>;

impl PodVolumes {
    pub fn reserving(reserved: Vec<String>) -> Self {
        Self { volumes: Vec::new(), reserved }
    }

    /// The name of the volume with this source: a known one, or a new one called `wish` or the like.
    pub fn name_of(&mut self, source: VolumeSource, origin: Origin, wish: &str) -> String {
        let same = |(volume, from): &&(PodVolume, Origin)| volume.source == source && *from == origin;
        if let Some((volume, _)) = self.volumes.iter().find(same) {
            return volume.name.clone();
        }
        let name = match &source {
            // The name is the template's.
            VolumeSource::ClaimPerReplica(claim) => claim.clone(),
            _ => self.free(wish),
        };
        self.volumes.push((PodVolume { name: name.clone(), source }, origin));
        name
    }

    /// Names a volume of its own for all single files of the service's ConfigMap and adds this one to it.
    pub fn add_file(&mut self, key: &str, mode: Option<i32>) -> String {
        let item = FileItem { path: key.to_owned(), mode };
        let shared = self.volumes.iter_mut().find_map(|(volume, origin)| match &mut volume.source {
            VolumeSource::Files { items } if origin.is_none() => Some((items, &volume.name)),
            _ => None,
        });
        if let Some((items, name)) = shared {
            items.insert(key.to_owned(), item);
            return name.clone();
        }
        self.name_of(VolumeSource::Files { items: [(key.to_owned(), item)].into() }, None, "files")
    }

    pub fn into_sorted(self) -> Vec<PodVolume> {
        let mut volumes: Vec<_> = self.volumes.into_iter().map(|(volume, _)| volume).collect();
        volumes.sort_by(|a, b| a.name.cmp(&b.name));
        volumes
    }

    fn free(&self, wish: &str) -> String {
        // Names of claims may have dots, those of volumes not.
        let wish = names::fitted(&wish.replace('.', "-"), names::LABEL - 4);
        let taken = |name: &str| {
            self.reserved.iter().any(|reserved| reserved == name)
                || self.volumes.iter().any(|(volume, _)| volume.name == name)
        };
        let numbered = (2..).map(|number| format!("{wish}-{number}"));
        std::iter::once(wish.clone()).chain(numbered).find(|name| !taken(name)).unwrap_or_default()
    }
}
