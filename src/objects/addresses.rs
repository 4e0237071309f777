//! Address pools -> the subchart `metallb`: for each pool the addresses and their advertisement on layer 2.

use serde::Serialize;
use serde_json::Value;
use serde_json::json;

use crate::objects::ChartObject;
use crate::objects::ChartObjects;
use crate::objects::addons;
use crate::objects::addons::PRIVILEGED;
use crate::objects::custom::Kind;
use crate::objects::custom::checked;
use crate::objects::custom::in_namespace;
use crate::objects::metadata::metadata;
use crate::objects::operators;
use crate::plan::addresses::Addresses;
use crate::plan::addresses::Pool;
use crate::plan::facts::Facts;

const NAME: &str = "metallb";
const POOL: Kind = Kind { api_version: "metallb.io/v1beta1", kind: "IPAddressPool" };
const ADVERTISEMENT: Kind = Kind { api_version: "metallb.io/v1beta1", kind: "L2Advertisement" };

/// `IPAddressPool.spec` (MetalLB, `api/v1beta1/ipaddresspool_types.go`).
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PoolSpec<'a> {
    addresses: &'a [String],
    auto_assign: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    service_allocation: Option<ServiceAllocation<'a>>,
}

#[derive(Serialize)]
struct ServiceAllocation<'a> {
    namespaces: [&'a str; 1],
}

/// `L2Advertisement.spec` (MetalLB, `api/v1beta1/l2advertisement_types.go`). Nodes without one of the interfaces may
/// still be elected, and are silent then: whoever names interfaces of some nodes only names these nodes as well.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AdvertisementSpec<'a> {
    #[serde(rename = "ipAddressPools")]
    pools: [&'a str; 1],
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    interfaces: &'a [String],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    node_selectors: Vec<Value>,
}

/// The subchart.
pub fn chart(facts: &Facts, plan: &Addresses) -> ChartObjects {
    let metadata = |name: &str| checked(in_namespace(metadata(facts, NAME, name), &plan.addon.namespace));
    let mut objects: Vec<ChartObject> = addons::namespace(facts, NAME, &plan.addon, PRIVILEGED).into_iter().collect();
    objects.extend(plan.operator.iter().flat_map(|operator| operators::metallb(facts, operator)));
    for (name, pool) in &plan.pools {
        objects
            .push(ChartObject::new(format!("ipaddresspool-{name}.yaml"), POOL.object(metadata(name), pool_spec(pool))));
        objects.push(ChartObject::new(
            format!("l2advertisement-{name}.yaml"),
            ADVERTISEMENT.object(metadata(name), advertisement_spec(name, pool)),
        ));
    }
    ChartObjects {
        name: NAME.to_owned(),
        description: "Addresses of the LAN for Services of type LoadBalancer, announced on layer 2.".to_owned(),
        app_version: plan.addon.version.to_owned(),
        optional: false,
        objects,
    }
}

fn pool_spec(pool: &Pool) -> PoolSpec<'_> {
    PoolSpec {
        addresses: &pool.addresses,
        auto_assign: pool.auto_assign,
        service_allocation: pool.namespace.as_deref().map(|namespace| ServiceAllocation { namespaces: [namespace] }),
    }
}

fn advertisement_spec<'a>(name: &'a str, pool: &'a Pool) -> AdvertisementSpec<'a> {
    let selector = || {
        let nodes = json!({ "key": "kubernetes.io/hostname", "operator": "In", "values": pool.nodes });
        json!({ "matchExpressions": [nodes] })
    };
    AdvertisementSpec {
        pools: [name],
        interfaces: &pool.interfaces,
        node_selectors: if pool.nodes.is_empty() { Vec::new() } else { vec![selector()] },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::sample;
    use crate::plan;

    #[test]
    fn a_pool_is_announced_where_it_says() {
        let cluster = sample::cluster(
            "
nodes: { a: { address: 10.0.0.2/24, role: server } }
loadBalancer: { pools: { lan: { addresses: 10.0.0.20-10.0.0.30, interfaces: [eth1], nodes: [a] } } }
gateways: { web: 10.0.0.10 }",
        );
        let chart = chart(&Facts::of(&cluster), &plan::addresses::plan(&cluster).unwrap());
        let check = |file: &str, expect: Value| {
            let object = chart.objects.iter().find(|object| object.file == file).unwrap();
            assert_eq!(object.object.json()["spec"], expect, "{file}");
            assert_eq!(object.object.json()["metadata"]["labels"]["helm-ha.dev/checked"], "true", "{file}");
        };
        let node = json!({ "key": "kubernetes.io/hostname", "operator": "In", "values": ["a"] });
        let announced = |pool: &str| json!({ "ipAddressPools": [pool], "interfaces": ["eth1"], "nodeSelectors": [{ "matchExpressions": [node] }] });
        check("ipaddresspool-lan.yaml", json!({ "addresses": ["10.0.0.20-10.0.0.30"], "autoAssign": true }));
        check("l2advertisement-lan.yaml", announced("lan"));
        let only_here = json!({ "namespaces": ["home"] });
        check(
            "ipaddresspool-gateway-web.yaml",
            json!({ "addresses": ["10.0.0.10/32"], "autoAssign": false, "serviceAllocation": only_here }),
        );
        check("l2advertisement-gateway-web.yaml", announced("gateway-web"));
        assert_eq!(
            chart.objects.iter().filter(|object| object.object.api_version().starts_with("metallb.io/")).count(),
            4
        );
    }
}
