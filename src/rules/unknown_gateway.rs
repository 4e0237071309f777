//! A route or a stream goes through a gateway that `gateways` does not have.

use crate::diagnostic::Diagnostic;
use crate::diagnostic::Place;
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
    code: "unknown-gateway",
    severity: Severity::Error,
    area: Area::Network,
    what: "A route or a stream goes through a gateway that `gateways` does not have.",
    why: "What goes through a gateway that does not exist is reached by nobody.",
    example: "domain: example.com\n\
        gateways: { lan: 192.168.1.240 }\n\
        certificates: { issuers: { home: { ca: {} } } }\n\
        services: { web: { image: web:1, ports: { http: 80 }, routes: { web: { port: http, via: [lam] } } } }",
    check: Check::Cluster(check),
};

fn check(cluster: &Cluster, findings: &mut Vec<Diagnostic>) {
    for at in walk::routes(cluster) {
        for name in at.route.ways.keys().filter(|name| name.as_str() != TUNNEL) {
            let place = || Place::Key(at.path().key("via").key(name.as_str()));
            findings.extend(reference::unknown(&RULE, cluster, Kind::Gateway, name.as_str(), place));
        }
    }
    for at in walk::services(cluster) {
        for (port, stream) in &at.service.streams {
            for (index, name) in stream.via.iter().enumerate().filter(|(_, name)| name.as_str() != TUNNEL) {
                let place = || Place::Field(at.field("streams").key(port.as_str()).key("via").index(index));
                findings.extend(reference::unknown(&RULE, cluster, Kind::Gateway, name.as_str(), place));
            }
        }
    }
}
