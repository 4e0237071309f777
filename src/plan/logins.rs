//! Logins of the values in, what a gateway does about each request out.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::model::Cluster;
use crate::plan::facts::Facts;
use crate::plan::instances;
use crate::plan::names;
use crate::plan::routes::Upstream;
use crate::plan::routes::upstream_name;
use crate::values::auth;
use crate::values::auth::LoginRequest;
use crate::values::name::Name;

/// A login.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Login {
    /// Another service is asked about every request.
    Request(AskedService),
    /// User names and passwords of a Secret's key `htpasswd`.
    Basic { secret: String },
}

/// The service that knows who is logged in.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AskedService {
    /// Key of the upstream in the gateway's plan.
    pub name: String,
    pub upstream: Upstream,
    pub tls: bool,
    /// `Host` of the question; `None` for that of the request, which services of the cluster want.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
    /// Path and query, encoded.
    pub path: String,
    /// Where a person without a login goes; the wanted URL is added.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signin: Option<String>,
    /// Headers of the answer that the service gets. What the client sends under these names is taken away.
    pub headers: Vec<String>,
}

/// A login by its name; `None` when there is none, or when its URL is none.
pub fn login(facts: &Facts, cluster: &Cluster, name: &Name) -> Option<Login> {
    match cluster.auth.get(name)? {
        auth::Login::Basic(login) => Some(Login::Basic { secret: login.basic.secret.to_string() }),
        auth::Login::Request(login) => asked(facts, cluster, name, login).map(Login::Request),
    }
}

/// The headers that any login sets. A service that believes them must not get a client's own from any gateway.
pub fn headers(cluster: &Cluster) -> BTreeSet<String> {
    let requests = cluster.auth.values().filter_map(|login| match login {
        auth::Login::Request(login) => Some(&login.headers),
        auth::Login::Basic(_) => None,
    });
    requests.flatten().cloned().collect()
}

fn asked(facts: &Facts, cluster: &Cluster, name: &Name, login: &LoginRequest) -> Option<AskedService> {
    let (tls, rest) = match login.request.strip_prefix("https://") {
        Some(rest) => (true, rest),
        None => (false, login.request.strip_prefix("http://")?),
    };
    let (authority, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    let authority = authority.rsplit_once('@').map_or(authority, |(_, authority)| authority);
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, port.parse().ok()?),
        _ => (authority, if tls { 443 } else { 80 }),
    };
    let service = cluster.services.get_key_value(host);
    let (name, full_host) = match service {
        Some((name, service)) if instances::has_companion(cluster, service) => {
            (upstream_name(name, port), facts.host_of(&names::headless(name)))
        }
        Some((name, _)) => (upstream_name(name, port), facts.host_of(name.as_str())),
        // No name of a service has an underscore.
        None if !host.contains('.') => (format!("login_{name}"), facts.host_of(host)),
        None if host.ends_with(".svc") => (format!("login_{name}"), format!("{host}.{}", facts.cluster_domain)),
        None => (format!("login_{name}"), host.to_owned()),
    };
    let inside = full_host.ends_with(&format!(".svc.{}", facts.cluster_domain));
    Some(AskedService {
        name,
        upstream: Upstream { host: full_host, port },
        tls,
        host: (!inside).then(|| authority.to_owned()),
        path: encoded(path),
        signin: login.signin.clone(),
        headers: login.headers.clone(),
    })
}

/// Path and query as they stand in a request: without a fragment, what is no letter of a URL encoded.
fn encoded(path: &str) -> String {
    let path = path.split('#').next().unwrap_or_default();
    let mut out = if path.starts_with('/') { String::new() } else { "/".to_owned() };
    for byte in path.bytes() {
        match byte {
            b'!'..=b'~' => out.push(char::from(byte)),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::sample;

    #[test]
    fn the_asked_service_is_found() {
        let check = |url: &str, expect: &str| {
            let cluster = sample::cluster(&format!(
                "auth: {{ a: {{ request: '{url}' }} }}
services: {{ one: {{ image: a/b:1, ports: {{ http: 80 }} }}, two: {{ image: a/b:1, replicas: 2, ports: {{ http: 80 }} }} }}"
            ));
            let found = match login(&Facts::of(&cluster), &cluster, &"a".parse().unwrap()) {
                Some(Login::Request(AskedService {
                    name,
                    upstream: Upstream { host, port },
                    tls,
                    host: said,
                    path,
                    ..
                })) => {
                    format!("{name} {tls} {host}:{port} {path} {}", said.unwrap_or_default())
                }
                other => format!("{other:?}"),
            };
            assert_eq!(found.trim_end(), expect, "{url}");
        };
        check("http://one:9091/api/x?a=b", "one-9091 false one.home.svc.cluster.local:9091 /api/x?a=b");
        check("https://two", "two-443 true two-headless.home.svc.cluster.local:443 /");
        check("http://other:1/ä b#c", "login_a false other.home.svc.cluster.local:1 /%C3%A4%20b");
        check("http://a.ns.svc/", "login_a false a.ns.svc.cluster.local:80 /");
        check("http://a.ns.svc.cluster.local/", "login_a false a.ns.svc.cluster.local:80 /");
        check("https://u:p@id.example.com:8443?q", "login_a true id.example.com:8443 /?q id.example.com:8443");
        check("http://one:port/", "None");
        check("ftp://one/", "None");
    }
}
