//! Two ports of a service with the same number and protocol.

use std::collections::BTreeMap;

use crate::diagnostic::Diagnostic;
use crate::diagnostic::Place;
use crate::diagnostic::Severity;
use crate::model::Cluster;
use crate::rules::Area;
use crate::rules::Check;
use crate::rules::Rule;
use crate::rules::walk;

pub const RULE: Rule = Rule {
    code: "port-number-twice",
    severity: Severity::Error,
    area: Area::Services,
    what: "Two ports of a service with the same number and protocol.",
    why: "A container can listen once on a port, and Kubernetes refuses a Service with the same port twice.",
    example: "services: { web: { image: web:1, ports: { http: 8080, admin: 8080 } } }",
    check: Check::Cluster(check),
};

fn check(cluster: &Cluster, findings: &mut Vec<Diagnostic>) {
    for at in walk::services(cluster) {
        let mut taken = BTreeMap::new();
        for (name, port) in &at.service.ports {
            for protocol in &port.protocols {
                if let Some(other) = taken.insert((port.port, *protocol), name) {
                    let path = |name: &str| at.field("ports").key(name).key("port");
                    findings.push(
                        RULE.field(path(name.as_str()), format!("port {} is `{other}` already", port.port))
                            .label(Place::Field(path(other.as_str())), "taken here")
                            .hint("take one of them out, or give it the number that the program listens on"),
                    );
                    break;
                }
            }
        }
    }
}
