//! A service in, its pods out: containers, volumes, where they run, and as whom.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::model::Service;
use crate::model::Workload;
use crate::plan::account::Account;
use crate::plan::classes;
use crate::plan::cluster_dns;
use crate::plan::cluster_dns::Resolver;
use crate::plan::container;
use crate::plan::container::Container;
use crate::plan::container::Role;
use crate::plan::facts::Facts;
use crate::plan::files;
use crate::plan::instances;
use crate::plan::mounts::Context;
use crate::plan::names;
use crate::plan::placement;
use crate::plan::placement::Placement;
use crate::plan::pod_volumes::PodVolume;
use crate::plan::pod_volumes::PodVolumes;
use crate::plan::pod_volumes::VolumeSource;
use crate::values::mount::Mount;
use crate::values::name::Name;

/// The pods of a workload or of a Job.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Pod {
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub annotations: BTreeMap<String, String>,
    /// Digest of the files in the service's ConfigMap that the pod mounts: it is another pod when they change.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub files: Option<String>,
    /// `None`: the namespace's default one, without a token.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<Account>,
    pub main: Container,
    /// In the order in which they run.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub init: Vec<Container>,
    /// Started one after another, behind the init containers and before the main one.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sidecars: Vec<Container>,
    pub volumes: Vec<PodVolume>,
    /// Owner group of the files on its volumes (`fsGroup`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub files_group: Option<u32>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host_users: Option<bool>,
    pub host_network: bool,
    #[serde(rename = "hostPID")]
    pub host_pid: bool,
    /// `None`: Kubernetes' own, which is K3s' server alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dns: Option<Dns>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub runtime_class: Option<String>,
    pub placement: Placement,
    /// Seconds.
    pub grace: u32,
}

/// Whom pods ask for names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Dns {
    /// One of Kubernetes' own ways, by its name.
    Policy(String),
    Resolver(Resolver),
}

/// The pods of the service's workload.
pub fn pod(facts: &Facts, context: Context) -> Pod {
    let service = context.service;
    let templates = match service.workload {
        Workload::StatefulSet => crate::plan::claims::claims(context.cluster, context.name, service),
        _ => Vec::new(),
    };
    let mut volumes = PodVolumes::reserving(templates.into_iter().map(|claim| claim.name).collect());
    let main_name = context.name.as_str();
    let mut taken = vec![main_name.to_owned()];
    let main = container::container(facts, context, Role::Main, "", main_name, &service.main, &mut volumes);
    let mut beside = |role, word: &str, containers: &indexmap::IndexMap<Name, crate::model::Container>| -> Vec<_> {
        let plan = containers.iter().map(|(said, container)| {
            let said = said.as_str();
            // Containers of a pod have names of their own, whatever they are.
            let name = if taken.iter().any(|name| name == said) { format!("{said}-{word}") } else { said.to_owned() };
            taken.push(name.clone());
            container::container(facts, context, role, said, &name, container, &mut volumes)
        });
        plan.collect()
    };
    let init = beside(Role::Init, "init", &service.init);
    let sidecars = beside(Role::Sidecar, "sidecar", &service.sidecars);
    let placement = placement::placement(service, instances::instances(context.cluster, service));
    Pod { init, sidecars, ..around(facts, context, main, volumes, placement) }
}

/// The pod of a Job of `once`.
pub fn pod_of_job(facts: &Facts, context: Context, said: &Name, container: &crate::model::Container) -> Pod {
    let mut volumes = PodVolumes::default();
    let said = said.as_str();
    let main = container::container(facts, context, Role::Once, said, said, container, &mut volumes);
    around(facts, context, main, volumes, placement::of_job(context.service))
}

/// A pod with this container alone.
fn around(facts: &Facts, context: Context, main: Container, volumes: PodVolumes, placement: Placement) -> Pod {
    let service = context.service;
    let volumes = volumes.into_sorted();
    Pod {
        labels: service.pod_labels.clone(),
        annotations: service.pod_annotations.clone(),
        files: digest_of_files(service, &volumes),
        account: crate::plan::account::account(context.cluster, context.name, service),
        main,
        init: Vec::new(),
        sidecars: Vec::new(),
        files_group: files_group(context, &volumes),
        volumes,
        groups: service.groups.clone(),
        host_users: service.host_users,
        host_network: service.host_network,
        host_pid: service.host_pid,
        dns: dns_policy(facts, service),
        runtime_class: service.runtime_class.as_ref().map(ToString::to_string),
        placement,
        grace: service.grace,
    }
}

/// What the service says, else the cluster's own DNS. On the node's network Kubernetes' own default would be the node's,
/// which knows no Service.
fn dns_policy(facts: &Facts, service: &Service) -> Option<Dns> {
    if let Some(policy) = service.dns_policy {
        return Some(Dns::Policy(format!("{policy:?}")));
    }
    let on_host = || service.host_network.then(|| Dns::Policy("ClusterFirstWithHostNet".to_owned()));
    cluster_dns::resolver(facts, &facts.namespace).map(Dns::Resolver).or_else(on_host)
}

fn digest_of_files(service: &Service, volumes: &[PodVolume]) -> Option<String> {
    let mut texts = String::new();
    let data = files::data(service);
    for volume in volumes {
        let VolumeSource::Files { items } = &volume.source else { continue };
        for (key, text) in items.keys().filter_map(|key| Some((key, data.get(key)?))) {
            texts.push_str(&format!("{key}\n{}\n{text}", text.len()));
        }
    }
    (!texts.is_empty()).then(|| names::long_digest(texts.as_bytes()))
}

/// The group of the volumes that are written by more than one pod's life; the first one where a file names several.
/// Files that not everybody may read need it as well: Kubernetes gives them to root and this group.
fn files_group(context: Context, volumes: &[PodVolume]) -> Option<u32> {
    let Context { cluster, service, .. } = context;
    let mounts = service.containers().flat_map(|(_, container)| container.mounts.values());
    let of_volume = mounts
        .filter_map(|mount| match mount {
            Mount::Volume(mount) => classes::shared_volume(cluster, &mount.volume).map(|volume| volume.group),
            _ => None,
        })
        .next();
    let secluded = |mode: &Option<i32>| mode.is_some_and(|mode| mode & 0o004 == 0);
    let wanted = volumes.iter().any(|volume| match &volume.source {
        VolumeSource::Claim(_) | VolumeSource::ClaimPerReplica(_) | VolumeSource::Local(_) => true,
        VolumeSource::Secret(files) | VolumeSource::Config(files) => secluded(&files.mode),
        VolumeSource::Files { items } => items.values().any(|item| secluded(&item.mode)),
        _ => false,
    });
    wanted.then(|| of_volume.unwrap_or(cluster.storage.group))
}
