//! A service in, what runs its pods out.

use serde::Serialize;

use crate::model;
use crate::model::Cluster;
use crate::model::Service;
use crate::plan::claims;
use crate::plan::claims::Claim;
use crate::plan::claims::LocalVolume;
use crate::plan::facts::Facts;
use crate::plan::instances;
use crate::plan::names;
use crate::values::name::ServiceName;
use crate::values::storage::AccessMode;

/// The most replicas that a person may ask for when the chart is installed.
const MOST_REPLICAS: u32 = 1000;

/// What runs the pods.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Workload {
    Deployment {
        name: String,
        replicas: Replicas,
        update: Update,
    },
    StatefulSet {
        name: String,
        replicas: Replicas,
        /// The headless companion, which names each pod.
        #[serde(skip_serializing_if = "Option::is_none")]
        companion: Option<String>,
        /// One of each per replica.
        claims: Vec<Claim>,
    },
    DaemonSet {
        name: String,
    },
    CronJob {
        name: String,
        schedule: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        time_zone: Option<String>,
        suspend: bool,
        retries: u32,
    },
    /// A Deployment of one pod per node.
    PerNode(Vec<Instance>),
}

/// How many pods there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Replicas {
    pub default: u32,
    pub maximum: u32,
}

/// How old pods are replaced by new ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Update {
    /// The old pod ends before the new one starts.
    Recreate,
    /// A new pod is ready before an old one ends.
    OneMore,
    /// An old pod ends before a new one starts: two of them cannot share the ports of a node.
    OneLess,
}

/// One instance of a `perNode` service.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Instance {
    /// Of its Deployment and its Service.
    pub name: String,
    pub address: String,
    pub node: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub locals: Vec<LocalVolume>,
}

/// What runs the pods of a service.
pub fn workload(facts: &Facts, cluster: &Cluster, name: &ServiceName, service: &Service) -> Workload {
    let replicas = |maximum| Replicas { default: service.replicas.unwrap_or(1), maximum };
    match &service.workload {
        model::Workload::Deployment => {
            let single = instances::is_single_writer(service);
            Workload::Deployment {
                name: name.to_string(),
                replicas: replicas(if single { 1 } else { MOST_REPLICAS }),
                update: update(service, single || is_held_by_one_node(cluster, name, service)),
            }
        }
        model::Workload::StatefulSet => Workload::StatefulSet {
            name: names::with_label(name),
            replicas: replicas(MOST_REPLICAS),
            companion: instances::has_companion(cluster, service).then(|| names::headless(name)),
            claims: claims::claims(cluster, name, service),
        },
        model::Workload::DaemonSet => Workload::DaemonSet { name: name.to_string() },
        model::Workload::CronJob(job) => Workload::CronJob {
            name: names::with_label(name),
            schedule: job.cron.clone(),
            time_zone: facts.timezone.clone(),
            suspend: job.suspend,
            retries: job.retries,
        },
        model::Workload::PerNode(nodes) => {
            let instance = |node| {
                let instance = names::instance(name, node);
                Instance {
                    address: facts.host_of(&instance),
                    name: instance,
                    node: node.to_string(),
                    locals: claims::locals(cluster, name, service, node),
                }
            };
            Workload::PerNode(nodes.iter().map(instance).collect())
        }
    }
}

/// Whether a claim is attached to one node at a time: a new pod on another one would wait for it forever.
fn is_held_by_one_node(cluster: &Cluster, name: &ServiceName, service: &Service) -> bool {
    claims::claims(cluster, name, service).iter().any(|claim| claim.access_mode == AccessMode::ReadWriteOnce)
}

fn update(service: &Service, one_at_a_time: bool) -> Update {
    let shares_node = service.host_network && !service.ports.is_empty();
    match (one_at_a_time, shares_node) {
        (true, _) => Update::Recreate,
        (false, false) => Update::OneMore,
        (false, true) if service.replicas.unwrap_or(1) < 2 => Update::Recreate,
        (false, true) => Update::OneLess,
    }
}

impl Workload {
    /// Whether the loss of one pod at a time keeps the service alive, so that drains have to wait for each other.
    pub fn is_replicated(&self) -> bool {
        match self {
            Self::Deployment { replicas, .. } | Self::StatefulSet { replicas, .. } => replicas.default >= 2,
            Self::PerNode(instances) => instances.len() >= 2,
            Self::DaemonSet { .. } | Self::CronJob { .. } => false,
        }
    }
}
