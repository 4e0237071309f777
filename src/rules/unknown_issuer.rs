//! A domain names an issuer that `certificates.issuers` does not have.

use crate::diagnostic::Diagnostic;
use crate::diagnostic::FieldPath;
use crate::diagnostic::Place;
use crate::diagnostic::Severity;
use crate::model::Cluster;
use crate::model::Kind;
use crate::rules::Area;
use crate::rules::Check;
use crate::rules::Rule;
use crate::rules::reference;

pub const RULE: Rule = Rule {
    code: "unknown-issuer",
    severity: Severity::Error,
    area: Area::Network,
    what: "A domain names an issuer that `certificates.issuers` does not have.",
    why: "Nobody issues the certificates of the domain, and its hosts answer with none.",
    example: "certificates: { issuers: { home: { ca: {} } }, domains: { home.arpa: { issuer: hoem } } }",
    check: Check::Cluster(check),
};

fn check(cluster: &Cluster, findings: &mut Vec<Diagnostic>) {
    for (name, domain) in &cluster.domains {
        if let Some(issuer) = &domain.issuer {
            let place = || Place::Field(FieldPath::of(["certificates", "domains", name.as_str(), "issuer"]));
            findings.extend(reference::unknown(&RULE, cluster, Kind::Issuer, issuer.as_str(), place));
        }
    }
}
