//! A gateway with the name `tunnel`.

use crate::diagnostic::Diagnostic;
use crate::diagnostic::FieldPath;
use crate::diagnostic::Severity;
use crate::model::Cluster;
use crate::model::TUNNEL;
use crate::rules::Area;
use crate::rules::Check;
use crate::rules::Rule;

pub const RULE: Rule = Rule {
    code: "gateway-named-tunnel",
    severity: Severity::Error,
    area: Area::Network,
    what: "A gateway with the name `tunnel`.",
    why: "In `via` the word `tunnel` means the way through Cloudflare.",
    example: "gateways: { tunnel: 192.168.1.240 }",
    check: Check::Cluster(check),
};

fn check(cluster: &Cluster, findings: &mut Vec<Diagnostic>) {
    if cluster.gateways.contains_key(TUNNEL) {
        let path = FieldPath::of(["gateways", TUNNEL]);
        let finding =
            RULE.key(path, "a gateway cannot be called `tunnel`: in `via` that is the way through Cloudflare");
        findings.push(finding.hint("give the gateway another name"));
    }
}
