//! The DNS records that must exist: every host of a route, and where it must lead.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::fmt;
use std::net::IpAddr;

use serde::Serialize;

use crate::model::Cluster;
use crate::model::TUNNEL;
use crate::plan::ceph;
use crate::values::name::Name;

/// One name and where it leads.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Record {
    pub host: String,
    /// In the LAN: the addresses of its gateways.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub addresses: BTreeSet<IpAddr>,
    /// In public: whether Cloudflare sends it through the tunnel.
    pub tunnel: bool,
}

impl fmt::Display for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut ways: Vec<String> = self.addresses.iter().map(ToString::to_string).collect();
        if self.tunnel {
            ways.push("the tunnel at Cloudflare".to_owned());
        }
        write!(f, "{} -> {}", self.host, ways.join(", "))
    }
}

/// The records, by host.
pub fn records(cluster: &Cluster) -> Vec<Record> {
    let mut records: BTreeMap<String, Record> = BTreeMap::new();
    let mut add = |host: &str, way: &Name| {
        let record = records.entry(host.to_owned()).or_insert_with(|| Record {
            host: host.to_owned(),
            addresses: BTreeSet::new(),
            tunnel: false,
        });
        match cluster.gateways.get(way) {
            Some(gateway) => record.addresses.extend(&gateway.addresses),
            None => record.tunnel |= way.as_str() == TUNNEL,
        }
    };
    for route in cluster.services.values().flat_map(|service| &service.routes) {
        route.ways.keys().for_each(|way| add(&route.host, way));
    }
    if let (Some(dashboard), Some(gateway)) = (ceph::dashboard(cluster), cluster.default_gateway()) {
        add(&dashboard.host, gateway);
    }
    records.into_values().collect()
}

/// The lines that make the records of a tunnel that has a name.
pub fn tunnel_lines(name: Option<&str>, records: &[Record]) -> Vec<String> {
    let Some(name) = name else { return Vec::new() };
    let routed = records.iter().filter(|record| record.tunnel);
    routed.map(|record| format!("cloudflared tunnel route dns {name} {}", record.host)).collect()
}
