//! A wildcard certificate from an issuer that proves by HTTP.

use crate::diagnostic::Diagnostic;
use crate::diagnostic::FieldPath;
use crate::diagnostic::Severity;
use crate::model::Cluster;
use crate::model::TUNNEL;
use crate::rules::Area;
use crate::rules::Check;
use crate::rules::Rule;
use crate::rules::walk;

pub const RULE: Rule = Rule {
    code: "wildcard-needs-dns",
    severity: Severity::Error,
    area: Area::Network,
    what: "A wildcard certificate from an issuer that proves by HTTP.",
    why: "Let's Encrypt issues wildcards only against a DNS record: a name like `*.example.com` answers no HTTP request.",
    example: "certificates: { issuers: { le: { acme: { email: a@example.com, http01: {} } } }, domains: { example.com: { wildcard: true } } }",
    check: Check::Cluster(check),
};

fn check(cluster: &Cluster, findings: &mut Vec<Diagnostic>) {
    let by_http = |host: &str| {
        let issuer = cluster.issuer_of(host)?;
        cluster.issuers.get(issuer).filter(|values| !values.can_wildcard()).map(|_| issuer)
    };
    for (domain, _) in cluster.domains.iter().filter(|(_, values)| values.wildcard) {
        if let Some(issuer) = by_http(domain.as_str()) {
            let path = FieldPath::of(["certificates", "domains", domain.as_str(), "wildcard"]);
            let finding =
                RULE.field(path, format!("issuer `{issuer}` proves by HTTP and cannot issue for `*.{domain}`"));
            findings.push(
                finding
                    .hint("give the issuer `dns01`, or take `wildcard` out: each host gets a certificate of its own"),
            );
        }
    }
    for at in walk::routes(cluster).filter(|at| at.route.host.starts_with("*.")) {
        let on_gateway = at.route.ways.keys().any(|way| way.as_str() != TUNNEL);
        let covered = cluster.domain_of(&at.route.host).is_some_and(|(_, values)| values.wildcard);
        if let Some(issuer) = by_http(&at.route.host).filter(|_| on_gateway && !covered) {
            let message = format!("issuer `{issuer}` proves by HTTP and cannot issue for `{}`", at.route.host);
            findings.push(RULE.key(at.path(), message).hint("give the issuer `dns01`, or name each host"));
        }
    }
}
