//! Two gateways that say `default: true`.

use crate::diagnostic::Diagnostic;
use crate::diagnostic::FieldPath;
use crate::diagnostic::Place;
use crate::diagnostic::Severity;
use crate::model::Cluster;
use crate::rules::Area;
use crate::rules::Check;
use crate::rules::Rule;

pub const RULE: Rule = Rule {
    code: "two-default-gateways",
    severity: Severity::Error,
    area: Area::Network,
    what: "Two gateways that say `default: true`.",
    why: "A route without `via` has one gateway, and it would be chance which one.",
    example: "gateways: { lan: { address: 192.168.1.240, default: true }, guests: { address: 192.168.1.239, default: true } }",
    check: Check::Cluster(check),
};

fn check(cluster: &Cluster, findings: &mut Vec<Diagnostic>) {
    let mut said = cluster.gateways.iter().filter(|(_, gateway)| gateway.says_default).map(|(name, _)| name);
    let path = |name: &str| FieldPath::of(["gateways", name, "default"]);
    let Some(first) = said.next() else { return };
    for name in said {
        findings.push(
            RULE.field(path(name.as_str()), format!("gateway `{first}` is the default one already"))
                .label(Place::Field(path(first.as_str())), "the first one")
                .hint("take one `default: true` out"),
        );
    }
}
