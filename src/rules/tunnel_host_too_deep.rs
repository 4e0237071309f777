//! A host of the tunnel that Cloudflare's certificate does not cover.

use crate::diagnostic::Diagnostic;
use crate::diagnostic::Severity;
use crate::model::Cluster;
use crate::model::TUNNEL;
use crate::rules::Area;
use crate::rules::Check;
use crate::rules::Rule;
use crate::rules::walk;

pub const RULE: Rule = Rule {
    code: "tunnel-host-too-deep",
    severity: Severity::Advice,
    area: Area::Network,
    what: "A host of the tunnel that Cloudflare's certificate does not cover.",
    why: "Cloudflare's universal certificate has the domain and one level below it: browsers warn about a deeper host.",
    example: "domain: example.com\n\
        tunnel: { cloudflare: { name: x, token: { secret: cf, key: token } } }\n\
        services: { web: { image: web:1, ports: { http: 80 }, routes: { a.b.example.com: { port: http, via: [tunnel] } } } }",
    check: Check::Cluster(check),
};

fn check(cluster: &Cluster, findings: &mut Vec<Diagnostic>) {
    // The zone is what was registered; only where `domain` is that can it be told.
    let Some(domain) =
        cluster.domain.as_ref().map(|domain| domain.as_str()).filter(|domain| domain.matches('.').count() == 1)
    else {
        return;
    };
    for at in walk::routes(cluster).filter(|at| at.route.ways.keys().any(|way| way.as_str() == TUNNEL)) {
        let below = at.route.host.strip_suffix(domain).and_then(|rest| rest.strip_suffix('.'));
        if below.is_some_and(|rest| rest.contains('.')) {
            let message = format!("`{}` is more than one level below `{domain}`", at.route.host);
            let finding = RULE.key(at.path(), message);
            findings
                .push(finding.hint("take a host right below the domain, or order a certificate for it at Cloudflare"));
        }
    }
}
