//! A host that Let's Encrypt shall issue for and that the Internet does not have.

use std::collections::BTreeSet;

use crate::diagnostic::Diagnostic;
use crate::diagnostic::Severity;
use crate::model::Cluster;
use crate::model::TUNNEL;
use crate::rules::Area;
use crate::rules::Check;
use crate::rules::Rule;
use crate::rules::walk;
use crate::values::certificates::AcmeServer;

pub const RULE: Rule = Rule {
    code: "acme-private-domain",
    severity: Severity::Error,
    area: Area::Network,
    what: "A host that Let's Encrypt shall issue for and that the Internet does not have.",
    why: "A public CA proves that a name is yours in the public DNS: below such a domain it never issues.",
    example: "domain: home.lan\n\
        gateways: { lan: 192.168.1.240 }\n\
        certificates: { issuers: { le: { acme: { email: a@example.com, http01: {} } } } }\n\
        services: { web: { image: web:1, ports: { http: 80 }, routes: http } }",
    check: Check::Cluster(check),
};

/// Reserved or used inside only (RFC 2606, RFC 6761, RFC 6762, RFC 8375, ICANN's `.internal`).
const PRIVATE: &[&str] =
    &["home.arpa", "local", "localhost", "lan", "internal", "intranet", "private", "corp", "home", "test", "invalid"];

fn check(cluster: &Cluster, findings: &mut Vec<Diagnostic>) {
    let mut said = BTreeSet::new();
    for at in walk::routes(cluster).filter(|at| at.route.ways.keys().any(|way| way.as_str() != TUNNEL)) {
        let host = at.route.host.as_str();
        let Some(name) = cluster.issuer_of(host) else { continue };
        let Some(acme) = cluster.issuers.get(name).and_then(|issuer| issuer.acme.as_ref()) else { continue };
        let ends = |domain: &&&str| host.strip_suffix(**domain).is_some_and(|rest| rest.ends_with('.'));
        let is_public = !matches!(acme.server, AcmeServer::Url(_));
        if let (true, Some(domain)) = (is_public, PRIVATE.iter().find(ends))
            && said.insert(host)
        {
            let finding =
                RULE.key(at.path(), format!("`{name}` cannot issue for `{host}`: nobody has `.{domain}` in public"));
            findings.push(finding.hint("take a domain that is yours, or a CA of your own: `{ ca: {} }`"));
        }
    }
}
