//! A list of who may come that has everybody on it.

use crate::diagnostic::Diagnostic;
use crate::diagnostic::Severity;
use crate::model::Cluster;
use crate::rules::Area;
use crate::rules::Check;
use crate::rules::Rule;
use crate::rules::walk;

pub const RULE: Rule = Rule {
    code: "allow-everybody",
    severity: Severity::Advice,
    area: Area::Network,
    what: "A list of who may come that has everybody on it.",
    why: "It lets everybody in, and looks as if it did not.",
    example: "gateways: { lan: 192.168.1.240 }\n\
        services: { web: { image: web:1, ports: { http: 80 }, routes: { web.example.com: { port: http, allow: [0.0.0.0/0] } } } }",
    check: Check::Cluster(check),
};

fn check(cluster: &Cluster, findings: &mut Vec<Diagnostic>) {
    for at in walk::routes(cluster) {
        let open = at.route.ways.values().flat_map(|way| &way.allow).find(|network| network.prefix_len() == 0);
        if let Some(network) = open {
            let finding = RULE.key(at.path(), format!("`allow` has `{network}` on it, which is everybody"));
            findings.push(finding.hint("name the networks that may come, or leave `allow` out"));
        }
    }
}
