//! More certificates for one domain than Let's Encrypt issues in a week.

use std::collections::BTreeMap;

use crate::diagnostic::Diagnostic;
use crate::diagnostic::FieldPath;
use crate::diagnostic::Severity;
use crate::plan::certificates;
use crate::rules::Area;
use crate::rules::Charts;
use crate::rules::Check;
use crate::rules::Rule;
use crate::values::certificates::AcmeServer;
use crate::values::certificates::LetsEncrypt;

pub const RULE: Rule = Rule {
    code: "too-many-certificates",
    severity: Severity::Advice,
    area: Area::Network,
    what: "More certificates for one domain than Let's Encrypt issues in a week.",
    why: "It issues 50 certificates a week below one registered domain: the hosts beyond them wait for days.",
    example: "domain: lab.dev\n\
        gateways: { lan: 192.168.1.240 }\n\
        certificates: { issuers: { le: { acme: { email: a@lab.dev, http01: {} } } } }",
    check: Check::Charts(check),
};

/// Per registered domain and week (letsencrypt.org/docs/rate-limits).
const LIMIT: usize = 50;

fn check(charts: &Charts, findings: &mut Vec<Diagnostic>) {
    let cluster = charts.cluster;
    let Some(plan) = certificates::plan(cluster) else { return };
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for certificate in plan.certificates.values() {
        let host = certificate.dns_names.first().map_or("", |name| name.trim_start_matches("*."));
        let acme =
            cluster.issuer_of(host).and_then(|name| cluster.issuers.get(name)).and_then(|issuer| issuer.acme.as_ref());
        if acme
            .is_some_and(|acme| matches!(acme.server, AcmeServer::Unsaid | AcmeServer::Known(LetsEncrypt::Production)))
        {
            let mut labels: Vec<&str> = host.rsplit('.').take(2).collect();
            labels.reverse();
            *counts.entry(labels.join(".")).or_default() += 1;
        }
    }
    for (domain, count) in counts.into_iter().filter(|(_, count)| *count > LIMIT) {
        let message = format!("{count} certificates below `{domain}`, of which {LIMIT} are issued in a week");
        let finding = RULE.key(FieldPath::of(["certificates"]), message);
        findings.push(finding.hint("let a wildcard cover them: `wildcard: true`, proved by DNS"));
    }
}
