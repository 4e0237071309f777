//! What Ceph's daemons ask for, by size. Rook's chart asks for 10 cores and 25 GiB on three nodes; a home has less.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::values::storage::CephSize;

/// Requests of a daemon and its limit of memory. CPU has no limit: a throttled OSD blocks every writer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Resources {
    pub cpu: &'static str,
    pub memory: &'static str,
    pub memory_limit: &'static str,
}

/// Daemon, then CPU, memory and limit for small, medium and large nodes. An OSD keeps its memory near its request,
/// more only while it recovers, and an MDS its cache below half of its limit (Ceph's `osd_memory_target`; Rook's `mdsCacheMemoryLimitFactor`). The limits are not
/// below the least that Rook recommends, except an MDS's 4 GiB on small nodes.
type Row = (&'static str, [&'static str; 3], [&'static str; 3], [&'static str; 3]);

const DAEMONS: &[Row] = &[
    ("operator", ["50m", "100m", "200m"], ["128Mi", "128Mi", "128Mi"], ["512Mi", "512Mi", "512Mi"]),
    ("mon", ["100m", "250m", "500m"], ["512Mi", "1Gi", "2Gi"], ["1Gi", "2Gi", "4Gi"]),
    ("mgr", ["100m", "250m", "500m"], ["512Mi", "1Gi", "1Gi"], ["1Gi", "2Gi", "2Gi"]),
    ("mgr-sidecar", ["10m", "20m", "50m"], ["40Mi", "40Mi", "40Mi"], ["100Mi", "100Mi", "100Mi"]),
    ("osd", ["250m", "500m", "1"], ["2Gi", "4Gi", "6Gi"], ["4Gi", "6Gi", "10Gi"]),
    ("mds", ["100m", "250m", "500m"], ["1Gi", "2Gi", "4Gi"], ["2Gi", "4Gi", "8Gi"]),
    ("prepareosd", ["100m", "250m", "500m"], ["50Mi", "50Mi", "50Mi"], ["2Gi", "2Gi", "2Gi"]),
    ("cleanup", ["100m", "250m", "500m"], ["100Mi", "100Mi", "100Mi"], ["1Gi", "1Gi", "1Gi"]),
    ("crashcollector", ["10m", "10m", "20m"], ["32Mi", "60Mi", "60Mi"], ["64Mi", "64Mi", "64Mi"]),
    ("logcollector", ["10m", "20m", "50m"], ["32Mi", "64Mi", "100Mi"], ["256Mi", "512Mi", "1Gi"]),
    ("exporter", ["10m", "20m", "50m"], ["32Mi", "50Mi", "50Mi"], ["128Mi", "128Mi", "128Mi"]),
];

/// By daemon.
pub fn resources(size: CephSize) -> BTreeMap<&'static str, Resources> {
    let pick = |[small, medium, large]: [&'static str; 3]| match size {
        CephSize::Small => small,
        CephSize::Medium => medium,
        CephSize::Large => large,
    };
    let of = |&(daemon, cpu, memory, limit): &Row| {
        (daemon, Resources { cpu: pick(cpu), memory: pick(memory), memory_limit: pick(limit) })
    };
    DAEMONS.iter().map(of).collect()
}
