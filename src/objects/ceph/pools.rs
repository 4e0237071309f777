//! The pools of the plan: `CephFilesystem` with the group of subvolumes that CSI uses, and `CephBlockPool`.

use k8s_openapi::api::core::v1::PodAffinityTerm;
use k8s_openapi::api::core::v1::PodAntiAffinity;
use k8s_openapi::api::core::v1::ResourceRequirements;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde::Serialize;

use crate::objects::ChartObject;
use crate::objects::ceph::cluster::Placement;
use crate::objects::ceph::cluster::requirements;
use crate::objects::custom::Kind;
use crate::plan::ceph::Ceph;
use crate::plan::ceph::Filesystem;

const FILESYSTEM: Kind = Kind { api_version: "ceph.rook.io/v1", kind: "CephFilesystem" };
const GROUP: Kind = Kind { api_version: "ceph.rook.io/v1", kind: "CephFilesystemSubVolumeGroup" };
const BLOCK_POOL: Kind = Kind { api_version: "ceph.rook.io/v1", kind: "CephBlockPool" };

/// `PoolSpec`: copies on different nodes.
#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
struct Pool {
    failure_domain: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'static str>,
    replicated: Replicated,
}

#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
struct Replicated {
    require_safe_replica_size: bool,
    size: u32,
}

/// `CephFilesystem.spec`. The files stay when the object is deleted.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct FilesystemSpec {
    data_pools: [Pool; 1],
    metadata_pool: Pool,
    metadata_server: MetadataServer,
    preserve_filesystem_on_delete: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct MetadataServer {
    active_count: u32,
    active_standby: bool,
    placement: Placement,
    priority_class_name: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    resources: Option<ResourceRequirements>,
}

/// `CephFilesystemSubVolumeGroup.spec`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct GroupSpec {
    filesystem_name: &'static str,
    name: &'static str,
    pinning: Pinning,
}

#[derive(Serialize)]
struct Pinning {
    distributed: u32,
}

/// The pools in use.
pub fn objects(own: impl Fn(&str) -> ObjectMeta, plan: &Ceph) -> Vec<ChartObject> {
    let mut objects = Vec::new();
    if let Some(filesystem) = &plan.filesystem {
        let object = FILESYSTEM.object(own(filesystem.name), filesystem_spec(plan, filesystem));
        objects.push(ChartObject::new("cephfilesystem.yaml", object));
        let spec = GroupSpec { filesystem_name: filesystem.name, name: "csi", pinning: Pinning { distributed: 1 } };
        let object = GROUP.object(own(&format!("{}-csi", filesystem.name)), spec);
        objects.push(ChartObject::new("cephfilesystemsubvolumegroup.yaml", object));
    }
    if let Some(name) = plan.block_pool {
        objects.push(ChartObject::new("cephblockpool.yaml", BLOCK_POOL.object(own(name), pool(plan, None))));
    }
    objects
}

fn filesystem_spec(plan: &Ceph, filesystem: &Filesystem) -> FilesystemSpec {
    let placement =
        Placement { pod_anti_affinity: Some(apart("rook-ceph-mds", filesystem.name)), ..Placement::of(plan) };
    FilesystemSpec {
        data_pools: [pool(plan, Some(filesystem.data_pool))],
        metadata_pool: pool(plan, None),
        metadata_server: MetadataServer {
            active_count: 1,
            active_standby: filesystem.standby,
            placement,
            priority_class_name: "system-cluster-critical",
            resources: plan.resources.get("mds").map(|resources| requirements(*resources)),
        },
        preserve_filesystem_on_delete: true,
    }
}

/// Ceph refuses a single copy unless it is told that this is meant.
fn pool(plan: &Ceph, name: Option<&'static str>) -> Pool {
    let replicated = Replicated { require_safe_replica_size: plan.replicas > 1, size: plan.replicas };
    Pool { failure_domain: "host", name, replicated }
}

/// Never two metadata servers of a filesystem on one node.
fn apart(app: &str, filesystem: &str) -> PodAntiAffinity {
    let labels = [("app".to_owned(), app.to_owned()), ("rook_file_system".to_owned(), filesystem.to_owned())];
    let term = PodAffinityTerm {
        label_selector: Some(LabelSelector { match_labels: Some(labels.into()), match_expressions: None }),
        topology_key: "kubernetes.io/hostname".to_owned(),
        ..PodAffinityTerm::default()
    };
    PodAntiAffinity {
        required_during_scheduling_ignored_during_execution: Some(vec![term]),
        ..PodAntiAffinity::default()
    }
}
