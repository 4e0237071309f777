//! Cluster in, its gateways out: what nginx serves on each virtual IP, and what cloudflared finds behind it.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::net::IpAddr;

use serde::Serialize;

use crate::model::Cluster;
use crate::model::Gateway;
use crate::model::TUNNEL;
use crate::plan::ceph;
use crate::plan::certificates;
use crate::plan::facts::Facts;
use crate::plan::logins;
use crate::plan::logins::Login;
use crate::plan::names;
use crate::plan::routes;
use crate::plan::routes::Location;
use crate::plan::routes::Upstream;
use crate::plan::streams;
use crate::plan::streams::StreamPlan;
use crate::plan::tunnel;
use crate::values::name::Name;

/// Nginx with `server ... resolve` and `ssl_certificate_cache` (1.27.3, 1.27.4), running as uid 101, with a shell and
/// openssl for the check of the certificates.
pub const IMAGE: &str = "docker.io/nginxinc/nginx-unprivileged:1.28.3";

/// The headless Service of cert-manager's HTTP-01 solvers.
pub const SOLVERS: &str = "acme-solvers";

/// The upstream of Ceph's dashboard. No name of a service has an underscore.
const DASHBOARD: &str = "ceph_dashboard";

/// One gateway.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct GatewayPlan {
    /// As the values name it.
    pub name: String,
    /// Of its objects and its address pool.
    pub object: String,
    /// The Service that cloudflared alone reaches.
    pub tunnel_object: String,
    pub addresses: Vec<IpAddr>,
    /// Nodes that run it; empty for all.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub nodes: Vec<String>,
    pub image: String,
    pub families: Families,
    /// Who answers nginx about names of Services: one alone, for nginx asks several in turn.
    pub resolver: IpAddr,
    /// By host, on the virtual IP.
    pub servers: Vec<Server>,
    /// By host, on the port that cloudflared alone reaches. Empty when nothing comes through the tunnel.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tunnel_servers: Vec<Server>,
    pub upstreams: BTreeMap<String, Upstream>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub logins: BTreeMap<String, Login>,
    /// Headers of logins: never a client's own.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub login_headers: BTreeSet<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub streams: Vec<StreamPlan>,
    /// Full name of the Service of HTTP-01 solvers, when an issuer of one of its hosts asks over HTTP.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub solvers: Option<String>,
}

/// The families of addresses in the cluster's own networks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Families {
    pub ipv4: bool,
    pub ipv6: bool,
}

/// One host.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Server {
    /// Complete, perhaps with a leading `*.`.
    pub host: String,
    /// The Secret that holds its certificate; `None` at the tunnel, and when nobody issues for it, which a finding says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub certificate: Option<String>,
    /// Whether its issuer asks over HTTP.
    pub http01: bool,
    /// By path.
    pub locations: Vec<Location>,
}

/// The gateways by name.
pub fn plan(cluster: &Cluster) -> Vec<GatewayPlan> {
    let facts = Facts::of(cluster);
    cluster.gateways.iter().map(|(name, gateway)| gateway_plan(&facts, cluster, name, gateway)).collect()
}

fn gateway_plan(facts: &Facts, cluster: &Cluster, name: &Name, gateway: &Gateway) -> GatewayPlan {
    let mut found = Found::default();
    let mut servers = found.servers(facts, cluster, name.as_str(), |_| true);
    for server in &mut servers {
        server.certificate = certificates::certificate_of(cluster, &server.host);
        server.http01 = is_http01(cluster, &server.host);
    }
    let tunnel_servers = match tunnel::carrier(cluster) == Some(name) {
        true => {
            let guarded = tunnel::guarded_hosts(cluster);
            found.servers(facts, cluster, TUNNEL, |host| guarded.contains(host))
        }
        false => Vec::new(),
    };
    GatewayPlan {
        name: name.to_string(),
        object: names::gateway(name),
        tunnel_object: names::gateway_of_tunnel(name),
        addresses: gateway.addresses.clone(),
        nodes: gateway.nodes.iter().map(ToString::to_string).collect(),
        image: IMAGE.to_owned(),
        families: families(cluster),
        resolver: facts.dns_servers.first().copied().unwrap_or(cluster.k3s.cluster_dns),
        solvers: servers.iter().any(|server| server.http01).then(|| facts.host_of(SOLVERS)),
        servers,
        tunnel_servers,
        upstreams: found.upstreams,
        logins: found.logins,
        login_headers: logins::headers(cluster),
        streams: streams::streams(facts, cluster, name),
    }
}

fn families(cluster: &Cluster) -> Families {
    let has = |v4: bool| cluster.k3s.cluster_cidrs.iter().any(|network| network.addr().is_ipv4() == v4);
    Families { ipv4: has(true), ipv6: has(false) }
}

fn is_http01(cluster: &Cluster, host: &str) -> bool {
    let issuer = cluster.issuer_of(host).and_then(|name| cluster.issuers.get(name));
    issuer.and_then(|issuer| issuer.acme.as_ref()).is_some_and(|acme| acme.http01.is_some())
}

/// What the locations of a gateway refer to.
#[derive(Default)]
struct Found {
    upstreams: BTreeMap<String, Upstream>,
    logins: BTreeMap<String, Login>,
}

impl Found {
    /// The hosts with routes that come in on one way. Of two routes with one path the first service by name has it.
    fn servers(&mut self, facts: &Facts, cluster: &Cluster, way: &str, serves: impl Fn(&str) -> bool) -> Vec<Server> {
        let mut hosts: BTreeMap<String, BTreeMap<String, Location>> = BTreeMap::new();
        for (name, service) in &cluster.services {
            for route in service.routes.iter().filter(|route| serves(&route.host)) {
                let Some(way) = route.ways.get(way) else { continue };
                let Some((location, upstream)) = routes::location(facts, cluster, name, service, route, way) else {
                    continue;
                };
                if let Some(name) = &way.auth {
                    let Some(login) = logins::login(facts, cluster, name) else { continue };
                    if let Login::Request(asked) = &login {
                        self.upstreams.insert(asked.name.clone(), asked.upstream.clone());
                    }
                    self.logins.insert(name.to_string(), login);
                }
                self.upstreams.insert(location.upstream.clone(), upstream);
                hosts.entry(route.host.clone()).or_default().entry(location.path.clone()).or_insert(location);
            }
        }
        if let Some(dashboard) = ceph::dashboard(cluster).filter(|dashboard| dashboard.gateway.as_str() == way) {
            let host = format!("{}.{}.svc.{}", dashboard.service, dashboard.namespace, facts.cluster_domain);
            let location = Location::of_whole_host(DASHBOARD);
            self.upstreams.insert(DASHBOARD.to_owned(), Upstream { host, port: dashboard.port });
            hosts.entry(dashboard.host).or_default().entry(location.path.clone()).or_insert(location);
        }
        let server = |(host, locations): (String, BTreeMap<String, Location>)| Server {
            host,
            certificate: None,
            http01: false,
            locations: locations.into_values().collect(),
        };
        hosts.into_iter().map(server).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::sample;

    #[test]
    fn routes_meet_at_their_host() {
        let cluster = sample::cluster(
            "
domain: example.com
k3s: { serviceCidr: [10.43.0.0/16, 'fd43::/112'], clusterCidr: [10.42.0.0/16, 'fd42::/56'] }
gateways: { lan: { address: 10.0.0.10, default: true }, guests: 10.0.0.11 }
tunnel: { cloudflare: { token: { secret: cloudflared, key: token } } }
certificates: { issuers: { web: { acme: { email: a@b.c, http01: {} } } } }
auth: { sso: { request: 'http://id:9091/', headers: [Remote-User] }, family: { basic: { secret: family } } }
services:
  a: { image: a/b:1, replicas: 2, ports: { http: 80 }, routes: { x: http, x/api: { port: http, auth: family }, no-port: gone, no-login: { port: http, auth: gone } } }
  b: { image: a/b:1, ports: { http: 80 }, routes: { x/api/: http, x/b: { port: http, auth: sso, via: { lan: {}, guests: { auth: null }, tunnel: {} } } } }",
        );
        let plans = plan(&cluster);
        let check = |gateway: usize, tunnel: bool, expect: &[&str]| {
            let plan = &plans[gateway];
            let servers = if tunnel { &plan.tunnel_servers } else { &plan.servers };
            let lines = servers.iter().flat_map(|server| {
                server.locations.iter().map(|location| {
                    let login = location.login.as_deref().unwrap_or("-");
                    format!("{}{} {} {login}", server.host, location.path, location.upstream)
                })
            });
            assert_eq!(lines.collect::<Vec<_>>(), expect, "{}", plan.name);
        };
        check(1, false, &["x.example.com/ a-80 -", "x.example.com/api a-80 family", "x.example.com/b b-80 sso"]);
        check(1, true, &["x.example.com/b b-80 sso"]);
        check(0, false, &["x.example.com/b b-80 -"]);
        check(0, true, &[]);
        let lan = &plans[1];
        assert_eq!(lan.families, Families { ipv4: true, ipv6: true });
        assert_eq!(lan.solvers.as_deref(), Some("acme-solvers.home.svc.cluster.local"));
        assert_eq!(lan.servers[0].certificate.as_deref(), Some("x.example.com-tls"));
        assert!(lan.upstreams["a-80"].host.starts_with("a-headless.") && lan.upstreams.contains_key("login_sso"));
        assert_eq!(plans[0].login_headers.iter().collect::<Vec<_>>(), ["Remote-User"]);
    }
}
