//! The host of a route has no dot, and there is no `domain` that completes it.

use crate::diagnostic::Diagnostic;
use crate::diagnostic::FieldPath;
use crate::diagnostic::Severity;
use crate::model::Cluster;
use crate::rules::Area;
use crate::rules::Check;
use crate::rules::Rule;
use crate::rules::reference;
use crate::rules::walk;

pub const RULE: Rule = Rule {
    code: "host-without-domain",
    severity: Severity::Error,
    area: Area::Network,
    what: "The host of a route has no dot, and there is no `domain` that completes it.",
    why: "A name without a dot is nobody's on the Internet, and no certificate can be issued for it.",
    example: "gateways: { lan: 192.168.1.240 }\n\
        services: { web: { image: web:1, ports: { http: 80 }, routes: http } }",
    check: Check::Cluster(check),
};

fn check(cluster: &Cluster, findings: &mut Vec<Diagnostic>) {
    if cluster.domain.is_some() || reference::was_removed(cluster, &FieldPath::of(["domain"])) {
        return;
    }
    let has_no_dot = |host: &str| !host.strip_prefix("*.").unwrap_or(host).contains('.');
    let hint = "set `domain`, or write the whole name";
    for at in walk::routes(cluster).filter(|at| has_no_dot(&at.route.host)) {
        let message = format!("the host `{}` has no dot, and there is no `domain`", at.route.host);
        findings.push(RULE.key(at.path(), message).hint(hint));
    }
    if let Some(host) = walk::dashboard_host(cluster).filter(|host| has_no_dot(host)) {
        let path = FieldPath::of(["storage", "ceph", "dashboard"]);
        findings.push(RULE.field(path, format!("the host `{host}` has no dot, and there is no `domain`")).hint(hint));
    }
}
