//! Every decision between the values and the objects: a value that `helm ha plan` prints. The rest decides nothing.

pub mod facts;
pub mod names;
pub mod classes;
pub mod instances;
pub mod addons;
pub mod ceph;
pub mod addresses;
pub mod metallb;
pub mod cert_manager;
pub mod volumes;
pub mod lock;
pub mod moves;
pub mod issuers;
pub mod certificates;
pub mod snippets;
pub mod routes;
pub mod logins;
pub mod streams;
pub mod tunnel;
pub mod gateways;
pub mod secrets;
pub mod dns;
pub mod cluster_dns;
pub mod k3s_images;
pub mod services;
pub mod extra_objects;
pub mod workload;
pub mod pod;
pub mod container;
pub mod variables;
pub mod environment;
pub mod mounts;
mod mount_sources;
pub mod pod_volumes;
pub mod files;
pub mod claims;
pub mod ports;
pub mod probes;
pub mod security;
pub mod placement;
pub mod account;
pub mod monitor;

use serde::Serialize;

use crate::model::Cluster;
use crate::plan::addons::Addons;
use crate::plan::addresses::Addresses;
use crate::plan::ceph::Ceph;
use crate::plan::certificates::Certificates;
use crate::plan::extra_objects::ExtraObject;
use crate::plan::facts::Facts;
use crate::plan::gateways::GatewayPlan;
use crate::plan::lock::LockPlan;
use crate::plan::secrets::Secrets;
use crate::plan::services::ServicePlan;
use crate::plan::tunnel::TunnelPlan;
use crate::plan::volumes::Volumes;

/// Every decision about a cluster.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Plan {
    pub facts: Facts,
    pub addons: Addons,
    /// The add-ons whose CRDs are in the chart.
    pub crds: Vec<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub addresses: Option<Addresses>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub certificates: Option<Certificates>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ceph: Option<Ceph>,
    pub volumes: Volumes,
    pub services: Vec<ServicePlan>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub extra_objects: Vec<ExtraObject>,
    /// Images that no field of an object names which we know to hold one.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub images: Vec<String>,
    pub gateways: Vec<GatewayPlan>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tunnel: Option<TunnelPlan>,
    /// What must exist before the install.
    pub secrets: Secrets,
    /// Where names must lead.
    pub dns: Vec<dns::Record>,
    /// What must not change by accident.
    pub lock: LockPlan,
}

/// Decides everything. Total: what is wrong in a cluster has been found by the rules, and what is left is planned.
pub fn plan(cluster: &Cluster) -> Plan {
    Plan {
        facts: Facts::of(cluster),
        addons: addons::plan(cluster),
        crds: addons::crds(cluster),
        addresses: addresses::plan(cluster),
        certificates: certificates::plan(cluster),
        ceph: ceph::plan(cluster),
        volumes: volumes::plan(cluster),
        services: services::plan(cluster),
        extra_objects: extra_objects::plan(cluster),
        images: cluster.images.iter().map(|image| image.0.clone()).collect(),
        gateways: gateways::plan(cluster),
        tunnel: tunnel::plan(cluster),
        secrets: secrets::plan(cluster),
        dns: dns::records(cluster),
        lock: lock::plan(cluster),
    }
}
