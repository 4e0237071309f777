//! How many pods of a service run at once, and what follows from it.

use crate::model::Cluster;
use crate::model::Service;
use crate::model::Workload;
use crate::values::mount::Mount;

/// Whether the service writes files that outlive a pod, in any of its containers.
pub fn writes_files(service: &Service) -> bool {
    service.containers().flat_map(|(_, container)| container.mounts.values()).any(|mount| match mount {
        Mount::Volume(mount) => !mount.read_only,
        Mount::Nfs(mount) => !mount.read_only,
        Mount::Claim(_) | Mount::Local(_) => true,
        _ => false,
    })
}

/// Whether two pods must never run at once: a Deployment that writes files and does not say `replicas` (3.11 of the
/// design: `Recreate`, at most 1 replica).
pub fn is_single_writer(service: &Service) -> bool {
    service.workload == Workload::Deployment && service.replicas.is_none() && writes_files(service)
}

/// The number of pods with default values; of a DaemonSet the number of nodes. 0 for a CronJob.
pub fn instances(cluster: &Cluster, service: &Service) -> usize {
    match &service.workload {
        Workload::Deployment | Workload::StatefulSet => service.replicas.unwrap_or(1) as usize,
        Workload::DaemonSet if service.nodes.is_empty() => cluster.nodes.len(),
        Workload::DaemonSet => service.nodes.len(),
        Workload::CronJob(_) => 0,
        Workload::PerNode(nodes) => nodes.len(),
    }
}

/// Whether the service has a headless companion Service, through which nginx sees every pod. A StatefulSet needs one.
pub fn has_companion(cluster: &Cluster, service: &Service) -> bool {
    !service.ports.is_empty() && (service.workload == Workload::StatefulSet || instances(cluster, service) >= 2)
}
