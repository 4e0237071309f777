//! A host on a gateway that no issuer issues a certificate for.

use crate::diagnostic::Diagnostic;
use crate::diagnostic::FieldPath;
use crate::diagnostic::Place;
use crate::diagnostic::Severity;
use crate::model::Cluster;
use crate::model::TUNNEL;
use crate::rules::Area;
use crate::rules::Check;
use crate::rules::Rule;
use crate::rules::reference;
use crate::rules::walk;

pub const RULE: Rule = Rule {
    code: "host-without-issuer",
    severity: Severity::Error,
    area: Area::Network,
    what: "A host on a gateway that no issuer issues a certificate for.",
    why: "The gateway would have no certificate to show, and browsers would refuse the page.",
    example: "gateways: { lan: 192.168.1.240 }\n\
        services: { web: { image: web:1, ports: { http: 80 }, routes: { web.example.org: http } } }",
    check: Check::Cluster(check),
};

fn check(cluster: &Cluster, findings: &mut Vec<Diagnostic>) {
    let parts = ["domain", "certificates"].map(|key| FieldPath::of([key]));
    if parts.iter().any(|part| reference::is_incomplete(cluster, part)) {
        return;
    }
    for at in walk::routes(cluster) {
        if at.route.ways.keys().any(|way| way.as_str() != TUNNEL) {
            findings.extend(missing(cluster, &at.route.host, || Place::Key(at.path())));
        }
    }
    if let Some(host) = walk::dashboard_host(cluster) {
        let place = || Place::Field(FieldPath::of(["storage", "ceph", "dashboard"]));
        findings.extend(missing(cluster, &host, place));
    }
}

fn missing(cluster: &Cluster, host: &str, place: impl FnOnce() -> Place) -> Option<Diagnostic> {
    // A name without a dot is another rule's.
    if cluster.issuer_of(host).is_some() || !host.strip_prefix("*.").unwrap_or(host).contains('.') {
        return None;
    }
    let parent = host.split_once('.').map_or(host, |(_, parent)| parent);
    let domain = cluster.domain_of(host).map(|(domain, _)| domain.as_str());
    // Its domain would have an entry if there were a default issuer.
    let is_ours = cluster.domain.as_ref().is_some_and(|domain| walk::is_host_of(host, domain.as_str()));
    let hint = match domain {
        _ if cluster.issuers.is_empty() => {
            "declare an issuer: `certificates: { issuers: { home: { ca: {} } } }`".to_owned()
        }
        None if is_ours => "mark one of `certificates.issuers` with `default: true`".to_owned(),
        None => format!("say who issues: `certificates: {{ domains: {{ {parent}: {{ issuer: NAME }} }} }}`"),
        Some(domain) => format!("give `certificates.domains.{domain}` an `issuer`, or mark one with `default: true`"),
    };
    let message = match domain {
        _ if cluster.issuers.is_empty() => "there is no issuer".to_owned(),
        Some(domain) => format!("domain `{domain}` has no issuer"),
        None if is_ours => "none of the issuers is the default one".to_owned(),
        None => "it belongs to no domain".to_owned(),
    };
    let message = format!("nobody issues the certificate of `{host}`: {message}");
    Some(RULE.at(place(), message).hint(hint))
}
