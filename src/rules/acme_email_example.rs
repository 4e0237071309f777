//! An address of nobody for Let's Encrypt to write to.

use crate::diagnostic::Diagnostic;
use crate::diagnostic::FieldPath;
use crate::diagnostic::Severity;
use crate::model::Cluster;
use crate::rules::Area;
use crate::rules::Check;
use crate::rules::Rule;
use crate::values::certificates::AcmeServer;

pub const RULE: Rule = Rule {
    code: "acme-email-example",
    severity: Severity::Advice,
    area: Area::Network,
    what: "An address of nobody for Let's Encrypt to write to.",
    why: "Let's Encrypt refuses accounts with an address of example.com, example.net or example.org.",
    example: "domain: lab.dev\n\
        gateways: { lan: 192.168.1.240 }\n\
        certificates: { issuers: { le: { acme: { email: me@example.com, http01: {} } } } }\n\
        services: { web: { image: web:1, ports: { http: 80 }, routes: http } }",
    check: Check::Cluster(check),
};

fn check(cluster: &Cluster, findings: &mut Vec<Diagnostic>) {
    for (name, issuer) in &cluster.issuers {
        let Some(acme) = &issuer.acme else { continue };
        let domain = acme.email.rsplit('@').next().unwrap_or_default();
        if ["example.com", "example.net", "example.org"].contains(&domain) && !matches!(acme.server, AcmeServer::Url(_))
        {
            let path = FieldPath::of(["certificates", "issuers", name.as_str(), "acme", "email"]);
            let finding = RULE.field(path, format!("`{}` belongs to nobody", acme.email));
            findings.push(finding.hint("write your own address: you are warned there before a certificate ends"));
        }
    }
}
