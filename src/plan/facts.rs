//! Cluster in, what every chart needs to know of the whole out.

use std::net::IpAddr;

use serde::Serialize;

use crate::model::Cluster;
use crate::plan::cluster_dns;

/// Facts of the whole cluster.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Facts {
    /// Chart and release name.
    pub name: String,
    /// Version of the umbrella chart.
    pub version: String,
    /// The release namespace, where the services live.
    pub namespace: String,
    pub cluster_domain: String,
    /// Whom pods ask for names, K3s' own DNS last.
    pub dns_servers: Vec<IpAddr>,
    /// Whether Services have an address of each family.
    pub dual_stack: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timezone: Option<String>,
    /// Whether the Prometheus Operator is there, so that ServiceMonitors can be written.
    pub prometheus: bool,
    /// Whether Stakater Reloader is there.
    pub reloader: bool,
}

impl Facts {
    pub fn of(cluster: &Cluster) -> Self {
        Self {
            name: cluster.name.to_string(),
            version: cluster.version.clone(),
            namespace: cluster.namespace.to_string(),
            cluster_domain: cluster.k3s.cluster_domain.to_string(),
            dns_servers: cluster_dns::servers(cluster),
            dual_stack: cluster.is_dual_stack(),
            timezone: cluster.timezone.clone(),
            prometheus: cluster.addons.prometheus.is_some(),
            reloader: cluster.addons.reloader.is_some(),
        }
    }

    /// The full name under which pods reach a Service of the release namespace.
    pub fn host_of(&self, service: &str) -> String {
        format!("{service}.{}.svc.{}", self.namespace, self.cluster_domain)
    }
}
