//! Hosts with certificates of Let's Encrypt's staging directory.

use std::collections::BTreeSet;

use crate::diagnostic::Diagnostic;
use crate::diagnostic::FieldPath;
use crate::diagnostic::Severity;
use crate::model::Cluster;
use crate::model::TUNNEL;
use crate::rules::Area;
use crate::rules::Check;
use crate::rules::Rule;
use crate::rules::walk;
use crate::values::certificates::AcmeServer;
use crate::values::certificates::LetsEncrypt;

pub const RULE: Rule = Rule {
    code: "staging-certificates",
    severity: Severity::Advice,
    area: Area::Network,
    what: "Hosts with certificates of Let's Encrypt's staging directory.",
    why: "No browser trusts them: they are for trying.",
    example: "domain: example.com\n\
        gateways: { lan: 192.168.1.240 }\n\
        certificates: { issuers: { le: { acme: { email: a@example.com, server: staging, http01: {} } } } }\n\
        services: { web: { image: web:1, ports: { http: 80 }, routes: http } }",
    check: Check::Cluster(check),
};

fn check(cluster: &Cluster, findings: &mut Vec<Diagnostic>) {
    let on_gateways = walk::routes(cluster).filter(|at| at.route.ways.keys().any(|way| way.as_str() != TUNNEL));
    let used: BTreeSet<&str> =
        on_gateways.filter_map(|at| cluster.issuer_of(&at.route.host)).map(|issuer| issuer.as_str()).collect();
    for (name, issuer) in &cluster.issuers {
        let server = issuer.acme.as_ref().map(|acme| &acme.server);
        if server == Some(&AcmeServer::Known(LetsEncrypt::Staging)) && used.contains(name.as_str()) {
            let path = FieldPath::of(["certificates", "issuers", name.as_str(), "acme", "server"]);
            let finding = RULE.field(path, "no browser trusts the certificates of the staging directory");
            findings.push(finding.hint("write `server: production` once everything works"));
        }
    }
}
