//! A route through the tunnel with a login, an allow list or the like, in a file without a gateway.

use crate::diagnostic::Diagnostic;
use crate::diagnostic::Severity;
use crate::model::Cluster;
use crate::model::Kind;
use crate::model::TUNNEL;
use crate::rules::Area;
use crate::rules::Check;
use crate::rules::Rule;
use crate::rules::reference;
use crate::rules::walk;

pub const RULE: Rule = Rule {
    code: "tunnel-without-gateway",
    severity: Severity::Error,
    area: Area::Network,
    what: "A route through the tunnel with a login, an allow list or the like, in a file without a gateway.",
    why: "Logins, allow lists, limits and changes are the gateway's work; through the tunnel alone the route would be open.",
    example: "domain: example.com\n\
        tunnel: { cloudflare: { token: { secret: cloudflared, key: token } } }\n\
        auth: { family: { basic: { secret: family } } }\n\
        services: { web: { image: web:1, ports: { http: 80 }, routes: { web: { port: http, auth: family, via: [tunnel] } } } }",
    check: Check::Cluster(check),
};

fn check(cluster: &Cluster, findings: &mut Vec<Diagnostic>) {
    if !cluster.gateways.is_empty() || reference::is_incomplete(cluster, &Kind::Gateway.path()) {
        return;
    }
    for at in walk::routes(cluster) {
        if at.route.ways.get(TUNNEL).is_some_and(|way| at.route.needs_gateway(way)) {
            let message = "the route asks for what only a gateway does, and there is none";
            let finding = RULE.key(at.path(), message);
            findings.push(finding.hint("declare a gateway: the tunnel then goes through it"));
        }
    }
}
