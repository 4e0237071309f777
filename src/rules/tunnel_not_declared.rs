//! A route goes through the tunnel, and there is no `tunnel`.

use crate::diagnostic::Diagnostic;
use crate::diagnostic::FieldPath;
use crate::diagnostic::Severity;
use crate::model::Cluster;
use crate::model::TUNNEL;
use crate::rules::Area;
use crate::rules::Check;
use crate::rules::Rule;
use crate::rules::reference;
use crate::rules::walk;

pub const RULE: Rule = Rule {
    code: "tunnel-not-declared",
    severity: Severity::Error,
    area: Area::Network,
    what: "A route goes through the tunnel, and there is no `tunnel`.",
    why: "Without `tunnel` nothing connects to Cloudflare, and the route is reached by nobody.",
    example: "domain: example.com\n\
        services: { web: { image: web:1, ports: { http: 80 }, routes: { web: { port: http, via: [tunnel] } } } }",
    check: Check::Cluster(check),
};

fn check(cluster: &Cluster, findings: &mut Vec<Diagnostic>) {
    if cluster.tunnel.is_some() || reference::is_incomplete(cluster, &FieldPath::of(["tunnel"])) {
        return;
    }
    for at in walk::routes(cluster).filter(|at| at.route.ways.contains_key(TUNNEL)) {
        let finding = RULE.key(at.path().key("via").key(TUNNEL), "there is no `tunnel` in the file");
        findings
            .push(finding.hint("declare it: `tunnel: { cloudflare: { token: { secret: cloudflared, key: token } } }`"));
    }
}
