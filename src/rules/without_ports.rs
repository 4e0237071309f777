//! A service with `expose` and no ports.

use crate::diagnostic::Diagnostic;
use crate::diagnostic::Severity;
use crate::model::Cluster;
use crate::rules::Area;
use crate::rules::Check;
use crate::rules::Rule;
use crate::rules::reference;
use crate::rules::walk;

pub const RULE: Rule = Rule {
    code: "without-ports",
    severity: Severity::Error,
    area: Area::Services,
    what: "A service with `expose` and no ports.",
    why: "Kubernetes refuses a Service without ports.",
    example: "loadBalancer: { pools: { lan: { addresses: 192.168.1.241-192.168.1.250 } } }\n\
        services: { web: { image: web:1, expose: { pool: lan } } }",
    check: Check::Cluster(check),
};

fn check(cluster: &Cluster, findings: &mut Vec<Diagnostic>) {
    for at in walk::services(cluster).filter(|at| at.service.ports.is_empty() && at.service.expose.is_some()) {
        if !reference::is_incomplete(cluster, &at.field("ports")) {
            let finding = RULE.key(at.field("expose"), "the service has an address and no ports");
            findings.push(finding.hint("declare what it listens on: `ports: { NAME: NUMBER }`"));
        }
    }
}
