//! Two issuers that say `default: true`.

use crate::diagnostic::Diagnostic;
use crate::diagnostic::FieldPath;
use crate::diagnostic::Place;
use crate::diagnostic::Severity;
use crate::model::Cluster;
use crate::rules::Area;
use crate::rules::Check;
use crate::rules::Rule;

pub const RULE: Rule = Rule {
    code: "two-default-issuers",
    severity: Severity::Error,
    area: Area::Network,
    what: "Two issuers that say `default: true`.",
    why: "A domain without `issuer` has one issuer, and it would be chance which one.",
    example: "certificates: { issuers: { home: { default: true, ca: {} }, lab: { default: true, ca: {} } } }",
    check: Check::Cluster(check),
};

fn check(cluster: &Cluster, findings: &mut Vec<Diagnostic>) {
    let mut said = cluster.issuers.iter().filter(|(_, issuer)| issuer.default).map(|(name, _)| name);
    let path = |name: &str| FieldPath::of(["certificates", "issuers", name, "default"]);
    let Some(first) = said.next() else { return };
    for name in said {
        findings.push(
            RULE.field(path(name.as_str()), format!("issuer `{first}` is the default one already"))
                .label(Place::Field(path(first.as_str())), "the first one")
                .hint("take one `default: true` out"),
        );
    }
}
