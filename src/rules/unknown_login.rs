//! A route asks for a login that `auth` does not have.

use crate::diagnostic::Diagnostic;
use crate::diagnostic::Place;
use crate::diagnostic::Severity;
use crate::model::Cluster;
use crate::model::Kind;
use crate::rules::Area;
use crate::rules::Check;
use crate::rules::Rule;
use crate::rules::reference;
use crate::rules::walk;

pub const RULE: Rule = Rule {
    code: "unknown-login",
    severity: Severity::Error,
    area: Area::Network,
    what: "A route asks for a login that `auth` does not have.",
    why: "A route without its login would be open to everybody.",
    example: "domain: example.com\n\
        gateways: { lan: 192.168.1.240 }\n\
        certificates: { issuers: { home: { ca: {} } } }\n\
        auth: { family: { basic: { secret: family } } }\n\
        services: { web: { image: web:1, ports: { http: 80 }, routes: { web: { port: http, auth: familiy } } } }",
    check: Check::Cluster(check),
};

fn check(cluster: &Cluster, findings: &mut Vec<Diagnostic>) {
    for at in walk::routes(cluster) {
        if let Some(login) = &at.route.auth {
            let place = || Place::Field(at.path().key("auth"));
            findings.extend(reference::unknown(&RULE, cluster, Kind::Login, login.as_str(), place));
        }
        for (name, way) in &at.route.ways {
            if let Some(login) = way.auth.as_ref().filter(|login| at.route.auth.as_ref() != Some(login)) {
                let place = || Place::Field(at.path().key("via").key(name.as_str()).key("auth"));
                findings.extend(reference::unknown(&RULE, cluster, Kind::Login, login.as_str(), place));
            }
        }
    }
}
