//! Routes of services in, the locations of gateways out: what answers below a path, and what is done on the way to it.

use std::collections::BTreeMap;

use indexmap::IndexMap;
use serde::Serialize;

use crate::model::Cluster;
use crate::model::Route;
use crate::model::Service;
use crate::model::Way;
use crate::plan::facts::Facts;
use crate::plan::instances;
use crate::plan::names;
use crate::plan::snippets;
use crate::values::name::Name;
use crate::values::name::PortName;
use crate::values::name::ServiceName;
use crate::values::route::Backend;
use crate::values::route::RateLimit;

/// A route on one way in.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Location {
    /// The path and all below it, in whole segments: `/api` is also `/api/users`, and not `/apix`. Without `/` at its
    /// end; `/` for the whole host. The longest one that fits decides.
    pub path: String,
    /// Key of [`Upstream`] in the gateway's plan.
    pub upstream: String,
    pub backend: Backend,
    /// Name of the login that it asks for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub login: Option<String>,
    /// Networks that may reach it; empty for all. Together with a login both are asked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub allow: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rate_limit: Option<RateLimit>,
    /// Headers of the answer that replace the service's.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub set_headers: BTreeMap<String, String>,
    /// Headers of the service's answer that are left out.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub hide_headers: Vec<String>,
    /// Texts replaced in the body of the answer.
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub replace: IndexMap<String, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub snippet: Option<String>,
}

impl Location {
    /// What answers for a whole host, with nothing done on the way to it.
    pub fn of_whole_host(upstream: &str) -> Self {
        Self {
            path: "/".to_owned(),
            upstream: upstream.to_owned(),
            backend: Backend::Http,
            login: None,
            allow: Vec::new(),
            rate_limit: None,
            set_headers: BTreeMap::new(),
            hide_headers: Vec::new(),
            replace: IndexMap::new(),
            snippet: None,
        }
    }
}

/// Where a port of a service is reached from other pods.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Upstream {
    /// Full name: of the headless companion where the service has one, so that a dead pod is passed by at once.
    pub host: String,
    pub port: u16,
}

/// The location of a route on one way, and what it leads to. `None` when the port or the login does not exist, which a
/// finding says: what is protected is never served without its protection.
pub fn location(
    facts: &Facts,
    cluster: &Cluster,
    name: &ServiceName,
    service: &Service,
    route: &Route,
    way: &Way,
) -> Option<(Location, Upstream)> {
    let upstream = upstream(facts, cluster, name, service, &route.port)?;
    if way.auth.as_ref().is_some_and(|login| !cluster.auth.contains_key(login)) {
        return None;
    }
    let location = Location {
        path: prefix(&route.path),
        upstream: upstream_name(name, upstream.port),
        backend: route.backend,
        login: way.auth.as_ref().map(Name::to_string),
        allow: way.allow.iter().map(|network| network.trunc().to_string()).collect(),
        rate_limit: route.rate_limit.clone(),
        set_headers: route.headers.set.iter().map(|(name, text)| (name.to_string(), text.clone())).collect(),
        hide_headers: route.headers.hide.iter().map(ToString::to_string).collect(),
        replace: route.replace.iter().filter(|(from, _)| !from.is_empty()).map(pair).collect(),
        snippet: route.snippet.clone().filter(|text| snippets::broken(text).is_none()),
    };
    Some((location, upstream))
}

fn pair((from, to): (&String, &String)) -> (String, String) {
    (from.clone(), to.clone())
}

/// The name of an upstream: no two ports of services share one, for what follows the last dash is the number.
pub fn upstream_name(service: &ServiceName, port: u16) -> String {
    format!("{service}-{port}")
}

/// Where a port of a service is reached; `None` when it has no such port.
pub fn upstream(
    facts: &Facts,
    cluster: &Cluster,
    name: &ServiceName,
    service: &Service,
    port: &PortName,
) -> Option<Upstream> {
    let port = service.ports.get(port)?.port;
    let host = match instances::has_companion(cluster, service) {
        true => facts.host_of(&names::headless(name)),
        false => facts.host_of(name.as_str()),
    };
    Some(Upstream { host, port })
}

/// The path prefix that nginx compares with: decoded, slashes merged, none at the end (as nginx' `merge_slashes` does
/// with the path of a request).
pub fn prefix(path: &str) -> String {
    let decoded = decoded(path);
    let segments: Vec<&str> = decoded.split('/').filter(|segment| !segment.is_empty()).collect();
    format!("/{}", segments.join("/"))
}

/// Whether nginx refuses a text: a word of its configuration has at most 4,096 bytes (`NGX_CONF_BUFFER`), and some letters
/// take more than one.
pub fn is_too_long(text: &str) -> bool {
    let bytes = text.bytes().map(|byte| match byte {
        b'"' | b'\\' => 2,
        b'$' => "${dollar}".len(),
        _ => 1,
    });
    bytes.sum::<usize>() > 4000
}

/// `%XX` decoded; unchanged where that is no text.
fn decoded(path: &str) -> String {
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        let byte = match tail {
            [high, low, ..] if *first == b'%' => digit(*high).zip(digit(*low)).map(|(high, low)| high * 16 + low),
            _ => None,
        };
        bytes.push(byte.unwrap_or(*first));
        rest = if byte.is_some() { tail.get(2..).unwrap_or_default() } else { tail };
    }
    String::from_utf8(bytes).unwrap_or_else(|_| path.to_owned())
}

fn digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_prefixes_of_whole_segments() {
        let check = |path: &str, expect: &str| assert_eq!(prefix(path), expect, "{path}");
        check("/", "/");
        check("/api", "/api");
        check("/api/", "/api");
        check("//api///v1/", "/api/v1");
        check("/a%20b/%7E", "/a b/~");
        check("/100%", "/100%");
        check("/%zz/%e", "/%zz/%e");
        check("/%ff", "/%ff");
        check("/%C3%BC", "/ü");
    }

    #[test]
    fn words_of_nginx_end_somewhere() {
        let check =
            |text: &str, count: usize, expect: bool| assert_eq!(is_too_long(&text.repeat(count)), expect, "{text}");
        check("a", 4000, false);
        check("a", 4001, true);
        check("$", 450, true);
        check("\"", 2001, true);
    }
}
