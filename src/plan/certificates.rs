//! Hosts of routes in, the Certificates that cover them out; each is one Secret of the same name.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use serde::Serialize;

use crate::model::Cluster;
use crate::model::TUNNEL;
use crate::plan::addons;
use crate::plan::addons::Addon;
use crate::plan::ceph;
use crate::plan::cert_manager;
use crate::plan::cert_manager::CertManager;
use crate::plan::issuers;
use crate::plan::issuers::IssuerPlan;
use crate::plan::issuers::IssuerSource;
use crate::plan::names;
use crate::values::certificates::IssuerKind;
use crate::values::name::Name;

/// Issuers, and the Certificates of the hosts that a gateway serves.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Certificates {
    pub addon: Addon,
    /// Part of the chart, when it is not there already.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operator: Option<CertManager>,
    pub issuers: BTreeMap<Name, IssuerPlan>,
    /// By name, which is also the Secret's.
    pub certificates: BTreeMap<String, Certificate>,
}

/// One Certificate.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Certificate {
    pub dns_names: Vec<String>,
    pub issuer_kind: IssuerKind,
    pub issuer: String,
    /// The hosts of routes that it covers.
    pub hosts: BTreeSet<String>,
}

impl Certificates {
    /// The Secrets in which cert-manager keeps certificates, those of CAs of our own among them: nobody makes them.
    pub fn secrets(&self) -> impl Iterator<Item = &str> {
        let authorities = self.issuers.values().filter_map(|issuer| match &issuer.source {
            IssuerSource::Ca(ca) => Some(ca.certificate.as_str()),
            _ => None,
        });
        self.certificates.keys().map(String::as_str).chain(authorities)
    }
}

/// Issuers and Certificates; `None` without an issuer.
pub fn plan(cluster: &Cluster) -> Option<Certificates> {
    let addon = addons::plan(cluster).cert_manager?;
    let issuers = issuers::plan(cluster);
    let mut certificates = BTreeMap::new();
    for host in tls_hosts(cluster) {
        let issuer = cluster.issuer_of(&host).and_then(|name| issuers.get(name));
        let (Some((name, dns_names)), Some(issuer)) = (coverage(cluster, &host), issuer) else { continue };
        let certificate =
            Certificate { dns_names, issuer_kind: issuer.kind, issuer: issuer.name.clone(), hosts: BTreeSet::new() };
        certificates.entry(name).or_insert(certificate).hosts.insert(host);
    }
    Some(Certificates { addon, operator: cert_manager::plan(cluster), issuers, certificates })
}

/// The hosts whose TLS ends at a gateway. That of a host which only the tunnel names ends at Cloudflare.
fn tls_hosts(cluster: &Cluster) -> BTreeSet<String> {
    let routes = cluster.services.values().flat_map(|service| &service.routes);
    let served = routes.filter(|route| route.ways.keys().any(|way| way.as_str() != TUNNEL));
    served.map(|route| route.host.clone()).chain(ceph::dashboard(cluster).map(|route| route.host)).collect()
}

/// The name of the Certificate, and of its Secret, that a gateway shows for a complete host. The longest domain with an
/// entry decides; `None` when there is none, or nobody who issues for it.
pub fn certificate_of(cluster: &Cluster, host: &str) -> Option<String> {
    coverage(cluster, host).map(|(name, _)| name)
}

/// Name and DNS names of the Certificate for a host; the name is a label's value as well, so it is no longer than one. A wildcard domain is one Certificate for NAME and *.NAME; a deeper
/// host, or one of another domain, has its own, and so has a deeper `*.`.
fn coverage(cluster: &Cluster, host: &str) -> Option<(String, Vec<String>)> {
    let (domain, values) = cluster.domain_of(host)?;
    cluster.issuers.get(cluster.issuer_of(host)?)?;
    let domain = domain.as_str();
    let below = host.strip_suffix(domain).unwrap_or_default().trim_end_matches('.');
    if values.wildcard && !below.contains('.') {
        return Some((named(domain, "-wildcard"), vec![domain.to_owned(), format!("*.{domain}")]));
    }
    let name = match host.strip_prefix("*.") {
        Some(domain) => named(domain, "-wildcard"),
        None => named(host, "-tls"),
    };
    Some((name, vec![host.to_owned()]))
}

/// Host and suffix. Dots stay and the suffixes are two, so that no two hosts meet in one name.
fn named(host: &str, suffix: &str) -> String {
    names::fitted(host, names::LABEL - suffix.len()) + suffix
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::sample;

    #[test]
    fn the_longest_domain_decides() {
        let cluster = sample::cluster(
            "certificates: { issuers: { home: { ca: {} } },
               domains: { example.com: { wildcard: true }, in.example.com: {}, home.arpa: {} } }",
        );
        let check = |host: &str, expect: Option<&str>| {
            assert_eq!(certificate_of(&cluster, host).as_deref(), expect, "{host}");
        };
        check("example.com", Some("example.com-wildcard"));
        check("photos.example.com", Some("example.com-wildcard"));
        check("*.example.com", Some("example.com-wildcard"));
        check("a.photos.example.com", Some("a.photos.example.com-tls"));
        check("*.photos.example.com", Some("photos.example.com-wildcard"));
        check("git.in.example.com", Some("git.in.example.com-tls"));
        check("in.example.com", Some("in.example.com-tls"));
        check("nas.home.arpa", Some("nas.home.arpa-tls"));
        check("*.home.arpa", Some("home.arpa-wildcard"));
        check("myexample.com", None);
        check("example.org", None);
        let long = format!("{}.{}.home.arpa", "a".repeat(43), "b".repeat(40));
        let name = certificate_of(&cluster, &long).unwrap();
        assert!(name.len() <= names::LABEL && name.starts_with(&"a".repeat(43)) && name.ends_with("-tls"), "{name}");
    }

    #[test]
    fn only_hosts_of_gateways_have_certificates() {
        let cluster = sample::cluster(
            "
domain: example.com
gateways: { lan: 10.0.0.10 }
tunnel: { cloudflare: { token: { secret: cloudflared, key: token } } }
certificates: { issuers: { home: { ca: {} }, le: { acme: { email: a@b.c, server: staging, http01: {} } } },
  domains: { example.com: { issuer: home, wildcard: true }, example.org: { issuer: le } } }
storage: { ceph: { dashboard: ceph } }
volumes: { media: { size: 1Gi } }
services:
  web: { image: a/b:1, ports: { http: 80 }, routes: { a: http, a/b: http, b.c: http, www.example.org: http } }
  feed: { image: a/b:1, ports: { http: 80 }, routes: { feed.example.org: { port: http, via: [tunnel] } } }",
        );
        let plan = plan(&cluster).unwrap();
        let check = |name: &str, names: &[&str], issuer: &str, hosts: &[&str]| {
            let certificate = &plan.certificates[name];
            assert_eq!(certificate.dns_names, names, "{name}");
            assert_eq!(certificate.issuer, issuer, "{name}");
            assert!(certificate.hosts.iter().eq(hosts), "{name}: {:?}", certificate.hosts);
        };
        check(
            "example.com-wildcard",
            &["example.com", "*.example.com"],
            "home",
            &["a.example.com", "ceph.example.com"],
        );
        check("www.example.org-tls", &["www.example.org"], "le.staging", &["www.example.org"]);
        assert_eq!(plan.certificates.len(), 2);
    }
}
