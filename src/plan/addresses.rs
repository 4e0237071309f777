//! Address pools: the declared ones, and one for each gateway that nothing else can take an address from.

use std::collections::BTreeMap;
use std::net::IpAddr;

use ipnet::IpNet;
use serde::Serialize;

use crate::model::Cluster;
use crate::plan::addons;
use crate::plan::addons::Addon;
use crate::plan::metallb;
use crate::plan::metallb::MetalLb;
use crate::plan::names;

/// MetalLB's pools; each is announced as it says itself, so none is without an advertisement.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Addresses {
    pub addon: Addon,
    /// Part of the chart, when it is not there already.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operator: Option<MetalLb>,
    pub pools: BTreeMap<String, Pool>,
}

/// A pool with its advertisement on layer 2.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Pool {
    /// Ranges and networks.
    pub addresses: Vec<String>,
    /// Whether a Service that names no pool may get an address of it.
    pub auto_assign: bool,
    /// The only namespace whose Services may have an address of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// Interfaces that announce it; empty for every one.
    pub interfaces: Vec<String>,
    /// Nodes that announce it; empty for every one.
    pub nodes: Vec<String>,
}

/// The pools; `None` when nothing has an address.
pub fn plan(cluster: &Cluster) -> Option<Addresses> {
    let addon = addons::plan(cluster).metallb?;
    let declared = cluster.pools.iter().map(|(name, pool)| {
        let pool = Pool {
            addresses: pool.ranges.iter().map(ToString::to_string).collect(),
            auto_assign: true,
            namespace: None,
            interfaces: pool.interfaces.clone(),
            nodes: pool.nodes.iter().map(ToString::to_string).collect(),
        };
        (name.to_string(), pool)
    });
    let gateways = cluster.gateways.iter().map(|(name, gateway)| {
        let announced = gateway.pool.as_ref().and_then(|pool| cluster.pools.get(pool));
        let pool = Pool {
            addresses: gateway.addresses.iter().map(|address| alone(*address)).collect(),
            auto_assign: false,
            namespace: Some(cluster.namespace.to_string()),
            interfaces: announced.map(|pool| pool.interfaces.clone()).unwrap_or_default(),
            nodes: announced.map(|pool| pool.nodes.iter().map(ToString::to_string).collect()).unwrap_or_default(),
        };
        (names::gateway(name), pool)
    });
    Some(Addresses { addon, operator: metallb::plan(cluster), pools: declared.chain(gateways).collect() })
}

/// For people: every pool with its addresses.
pub fn lines(plan: Option<&Addresses>) -> Vec<String> {
    let pools = plan.into_iter().flat_map(|plan| &plan.pools);
    pools.map(|(name, pool)| format!("{name}: {}", pool.addresses.join(", "))).collect()
}

/// The network of one address: `/32` or `/128`.
fn alone(address: IpAddr) -> String {
    IpNet::from(address).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::sample;

    #[test]
    fn a_gateway_has_a_pool_of_its_own() {
        let cluster = sample::cluster(
            "loadBalancer: { pools: { lan: { addresses: 10.0.0.20-10.0.0.30, interfaces: [eth1] } } }
gateways: { lan: { address: [10.0.0.10, fd00::10] } }",
        );
        let pools = plan(&cluster).unwrap().pools;
        let check = |name: &str, addresses: &[&str], auto_assign: bool, namespace: Option<&str>| {
            let pool = &pools[name];
            assert_eq!(pool.addresses, addresses, "{name}");
            assert_eq!((pool.auto_assign, pool.namespace.as_deref()), (auto_assign, namespace), "{name}");
            assert_eq!(pool.interfaces, ["eth1"], "{name}");
        };
        check("lan", &["10.0.0.20-10.0.0.30"], true, None);
        check("gateway-lan", &["10.0.0.10/32", "fd00::10/128"], false, Some("home"));
        let unused = sample::cluster("loadBalancer: { pools: { lan: { addresses: 10.0.0.20-10.0.0.30 } } }");
        assert_eq!(plan(&unused), None);
    }
}
