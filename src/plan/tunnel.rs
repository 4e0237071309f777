//! Cluster in, what cloudflared serves out: each host goes to its service, or to a gateway where it is protected.

use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::fmt;

use serde::Serialize;

use crate::model::Cluster;
use crate::model::Service;
use crate::model::TUNNEL;
use crate::plan::facts::Facts;
use crate::plan::names;
use crate::plan::routes;
use crate::plan::routes::Upstream;
use crate::values::auth::Login;
use crate::values::name::Name;
use crate::values::route::Backend;
use crate::values::secret::SecretKey;
use crate::values::tunnel::Managed;

pub const IMAGE: &str = "docker.io/cloudflare/cloudflared:2026.6.1";

/// The name of cloudflared's objects, and of the subchart.
pub const OBJECT: &str = "tunnel";

/// The port on which a gateway serves cloudflared, inside its pods and of its Service for the tunnel.
pub const PORT: u16 = 8444;

/// The Cloudflare Tunnel.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TunnelPlan {
    pub image: String,
    /// At Cloudflare.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Whether the rules are cloudflared's own configuration; else they are what a person enters in the dashboard.
    pub managed: Managed,
    pub replicas: u32,
    pub token: SecretKey,
    /// Whether pods have no IPv4 address.
    pub ipv6_only: bool,
    /// In the order in which cloudflared tries them; what fits none is not found.
    pub rules: Vec<Rule>,
}

/// One rule of `ingress`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Rule {
    pub host: String,
    /// Path prefix in whole segments; `/` for the whole host.
    pub path: String,
    /// Where its requests go.
    pub url: String,
    /// The gateway that does what the routes of the host ask for; `None` when it is the service itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gateway: Option<String>,
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = if self.path == "/" { "" } else { &self.path };
        write!(f, "{}{path} -> {}", self.host, self.url)
    }
}

/// The tunnel; `None` when none is declared.
pub fn plan(cluster: &Cluster) -> Option<TunnelPlan> {
    let tunnel = cluster.tunnel.as_ref()?;
    Some(TunnelPlan {
        image: IMAGE.to_owned(),
        name: tunnel.name.as_ref().map(Name::to_string),
        managed: tunnel.managed,
        replicas: tunnel.replicas,
        token: tunnel.token.clone(),
        ipv6_only: !cluster.k3s.cluster_cidrs.iter().any(|network| network.addr().is_ipv4()),
        rules: rules(&Facts::of(cluster), cluster),
    })
}

/// The most specific first: whole names before wildcards, long ones before short ones.
fn rules(facts: &Facts, cluster: &Cluster) -> Vec<Rule> {
    let guarded = guarded_hosts(cluster);
    let carrier = carrier(cluster);
    let mut rules = BTreeSet::new();
    let mut taken = BTreeSet::new();
    for (name, service) in &cluster.services {
        for route in service.routes.iter().filter(|route| route.ways.contains_key(TUNNEL)) {
            let host = route.host.clone();
            if guarded.contains(host.as_str()) {
                // Without a gateway nothing protects it: a finding says so, and it is not served.
                rules.extend(carrier.map(|gateway| Rule {
                    host,
                    path: "/".to_owned(),
                    url: format!("http://{}:{PORT}", facts.host_of(&names::gateway_of_tunnel(gateway))),
                    gateway: Some(gateway.to_string()),
                }));
                continue;
            }
            let Some(Upstream { host: to, port }) = routes::upstream(facts, cluster, name, service, &route.port) else {
                continue;
            };
            let scheme = if route.backend == Backend::Https { "https" } else { "http" };
            let path = routes::prefix(&route.path);
            if taken.insert((host.clone(), path.clone())) {
                rules.insert(Rule { host, path, url: format!("{scheme}://{to}:{port}"), gateway: None });
            }
        }
    }
    let mut rules: Vec<Rule> = rules.into_iter().collect();
    rules.sort_by_key(|rule| {
        (rule.host.starts_with("*."), Reverse(rule.host.len()), rule.host.clone(), Reverse(rule.path.len()))
    });
    rules
}

/// The gateway that serves cloudflared: the default one, else the first by name. `None` without a tunnel.
pub fn carrier(cluster: &Cluster) -> Option<&Name> {
    cluster.tunnel.as_ref()?;
    cluster.default_gateway().or_else(|| cluster.gateways.keys().next())
}

/// The hosts that come through the tunnel to a gateway, with all their paths: a path that cloudflared reads otherwise
/// than the service does (`//admin`) would else go past what protects it.
pub fn guarded_hosts(cluster: &Cluster) -> BTreeSet<&str> {
    let mut hosts = BTreeSet::new();
    for service in cluster.services.values().filter(|service| is_guarded(cluster, service)) {
        let tunneled = service.routes.iter().filter(|route| route.ways.contains_key(TUNNEL));
        hosts.extend(tunneled.map(|route| route.host.as_str()));
    }
    hosts
}

/// Whether a gateway must stand before the service: a route through the tunnel asks for something that cloudflared does
/// not do, or the service believes headers of a login, which a client could send itself.
fn is_guarded(cluster: &Cluster, service: &Service) -> bool {
    let sets_headers =
        |name: &Name| matches!(cluster.auth.get(name), Some(Login::Request(login)) if !login.headers.is_empty());
    let mut ways =
        service.routes.iter().flat_map(|route| route.ways.iter().map(move |(way, asked)| (route, way, asked)));
    ways.any(|(route, way, asked)| {
        asked.auth.as_ref().is_some_and(sets_headers) || (way.as_str() == TUNNEL && route.needs_gateway(asked))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::sample;

    fn check(gateways: &str, services: &str, expect: &[&str]) {
        let cluster = sample::cluster(&format!(
            "
domain: example.com
gateways: {gateways}
tunnel: {{ cloudflare: {{ token: {{ secret: cloudflared, key: token }} }} }}
auth: {{ sso: {{ request: 'http://id/', headers: [Remote-User] }}, family: {{ basic: {{ secret: family }} }} }}
services: {{ {services} }}"
        ));
        let found: Vec<String> = plan(&cluster).unwrap().rules.iter().map(Rule::to_string).collect();
        assert_eq!(found, expect);
    }

    const WEB: &str = "web: { image: a/b:1, ports: { http: 80, tls: 443 }, routes:";
    const LAN: &str = "{ lan: 10.0.0.10 }";
    const SERVICE: &str = "http://web.home.svc.cluster.local:80";
    const GATEWAY: &str = "http://gateway-lan-tunnel.home.svc.cluster.local:8444";

    #[test]
    fn the_most_specific_rule_is_first() {
        let routes = "{ a: { port: http, via: [tunnel] }, a/b/: { port: tls, backend: https, via: [tunnel] }, c: http,
            '*.a': { port: http, via: [tunnel] }, long.a.example.com: { port: http, via: [tunnel, lan] } }";
        let expect = [
            &format!("long.a.example.com -> {SERVICE}"),
            "a.example.com/b -> https://web.home.svc.cluster.local:443",
            &format!("a.example.com -> {SERVICE}"),
            &format!("*.a.example.com -> {SERVICE}"),
        ];
        check(LAN, &format!("{WEB} {routes} }}"), &expect);
    }

    /// With all its paths: `//b` would else be another path for cloudflared, and the same for the service.
    #[test]
    fn a_protected_host_goes_through_a_gateway() {
        let routes = "{ a: { port: http, via: [tunnel] }, a/b: { port: http, auth: family, via: [tunnel] } }";
        check(LAN, &format!("{WEB} {routes} }}"), &[&format!("a.example.com -> {GATEWAY}")]);
        check("{}", &format!("{WEB} {routes} }}"), &[]);
        let only_lan = "{ a: { port: http, auth: family, via: { lan: {}, tunnel: { auth: null } } } }";
        check(LAN, &format!("{WEB} {only_lan} }}"), &[&format!("a.example.com -> {SERVICE}")]);
    }

    #[test]
    fn a_service_that_believes_headers_of_a_login_gets_none_of_a_client() {
        let routes = "{ a: { port: http, auth: sso }, open: { port: http, via: [tunnel] } }";
        check(LAN, &format!("{WEB} {routes} }}"), &[&format!("open.example.com -> {GATEWAY}")]);
    }
}
