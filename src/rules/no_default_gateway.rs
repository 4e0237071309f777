//! A route or stream that names no gateway, in a file where no gateway is the default one.

use crate::diagnostic::Diagnostic;
use crate::diagnostic::Severity;
use crate::model::Cluster;
use crate::model::Kind;
use crate::rules::Area;
use crate::rules::Check;
use crate::rules::Rule;
use crate::rules::reference;
use crate::rules::walk;

pub const RULE: Rule = Rule {
    code: "no-default-gateway",
    severity: Severity::Error,
    area: Area::Network,
    what: "A route or stream that names no gateway, in a file where no gateway is the default one.",
    why: "Without a default gateway nobody knows on which address the route should answer.",
    example: "domain: example.com\n\
        gateways: { lan: 192.168.1.240, guests: 192.168.1.239 }\n\
        certificates: { issuers: { home: { ca: {} } } }\n\
        services: { web: { image: web:1, ports: { http: 80 }, routes: http } }",
    check: Check::Cluster(check),
};

fn check(cluster: &Cluster, findings: &mut Vec<Diagnostic>) {
    if cluster.default_gateway().is_some() || reference::is_incomplete(cluster, &Kind::Gateway.path()) {
        return;
    }
    let (message, hint) = match (cluster.gateways.is_empty(), &cluster.tunnel) {
        (true, None) => ("there is no gateway", "declare one: `gateways: { lan: ADDRESS }`"),
        (true, Some(_)) => {
            ("there is no gateway", "write `via: [tunnel]`, or declare one: `gateways: { lan: ADDRESS }`")
        }
        (false, _) => ("none of the gateways is the default one", "name it in `via`, or mark one with `default: true`"),
    };
    for at in walk::routes(cluster).filter(|at| at.route.ways.is_empty()) {
        findings.push(RULE.key(at.path(), format!("the route names no gateway, and {message}")).hint(hint));
    }
    for at in walk::services(cluster) {
        for (port, _) in at.service.streams.iter().filter(|(_, stream)| stream.via.is_empty()) {
            let path = at.field("streams").key(port.as_str());
            findings.push(RULE.key(path, format!("the stream names no gateway, and {message}")).hint(hint));
        }
    }
}
