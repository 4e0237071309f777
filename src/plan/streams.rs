//! Streams of services in, the TCP and UDP ports of a gateway out.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::model::Cluster;
use crate::plan::facts::Facts;
use crate::plan::routes;
use crate::plan::routes::Upstream;
use crate::values::name::Name;
use crate::values::ports::Protocol;

/// The ports of the gateway's own Service: no stream can have them.
const HTTP: [u16; 2] = [80, 443];

/// Nginx listens on ports from this one on: it may not open those below 1024, and its own are below it as well.
const FIRST_INSIDE: u16 = 10000;

/// One port of a gateway in one protocol.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct StreamPlan {
    /// `tcp-2222`: of the Service's port and the pod's.
    pub name: String,
    /// Port of the gateway's address.
    pub port: u16,
    pub protocol: Protocol,
    /// The port inside the pods. It may change with other streams: the Service finds it by its name.
    pub inside: u16,
    pub upstream: Upstream,
    /// Whether the service gets the client's address by the PROXY protocol.
    pub proxy_protocol: bool,
}

/// The streams of a gateway by port. Of two that want the same one the first service by name has it.
pub fn streams(facts: &Facts, cluster: &Cluster, gateway: &Name) -> Vec<StreamPlan> {
    let mut wanted = BTreeMap::new();
    for (name, service) in &cluster.services {
        for (port_name, stream) in service.streams.iter().filter(|(_, stream)| stream.via.contains(gateway)) {
            let Some(upstream) = routes::upstream(facts, cluster, name, service, port_name) else { continue };
            let protocols = service.ports.get(port_name).map(|port| port.protocols.as_slice()).unwrap_or_default();
            for protocol in protocols {
                if *protocol == Protocol::Udp || !HTTP.contains(&stream.port) {
                    let proxy_protocol = stream.proxy_protocol && *protocol == Protocol::Tcp;
                    wanted.entry((stream.port, *protocol)).or_insert((upstream.clone(), proxy_protocol));
                }
            }
        }
    }
    let inside = FIRST_INSIDE..=u16::MAX;
    let plan =
        |(((port, protocol), (upstream, proxy_protocol)), inside): (((u16, Protocol), (Upstream, bool)), u16)| {
            let name = format!("{}-{port}", protocol.as_str().to_lowercase());
            StreamPlan { name, port, protocol, inside, upstream, proxy_protocol }
        };
    wanted.into_iter().zip(inside).map(plan).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::sample;

    #[test]
    fn each_protocol_has_its_port() {
        let cluster = sample::cluster(
            "
gateways: { lan: { address: 10.0.0.10, default: true }, guests: 10.0.0.11 }
services:
  dns: { image: a/b:1, replicas: 2, ports: { dns: { port: 53, protocol: [TCP, UDP] } }, streams: { dns: { port: 53, proxyProtocol: true } } }
  git: { image: a/b:1, ports: { ssh: 22, web: 80 }, streams: { ssh: { port: 2222, via: [lan, guests] }, web: 443 } }
  other: { image: a/b:1, ports: { ssh: 22 }, streams: { ssh: 2222, gone: 7 } }",
        );
        let check = |gateway: &str, expect: &[&str]| {
            let streams = streams(&Facts::of(&cluster), &cluster, &gateway.parse().unwrap());
            let found = streams.iter().map(|stream| {
                let Upstream { host, port } = &stream.upstream;
                format!("{} {} {host}:{port} {}", stream.name, stream.inside, stream.proxy_protocol)
            });
            assert_eq!(found.collect::<Vec<_>>(), expect, "{gateway}");
        };
        check(
            "lan",
            &[
                "tcp-53 10000 dns-headless.home.svc.cluster.local:53 true",
                "udp-53 10001 dns-headless.home.svc.cluster.local:53 false",
                "tcp-2222 10002 git.home.svc.cluster.local:22 false",
            ],
        );
        check("guests", &["tcp-2222 10000 git.home.svc.cluster.local:22 false"]);
    }
}
