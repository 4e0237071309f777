//! An HTTP probe of a service without ports.

use crate::diagnostic::Diagnostic;
use crate::diagnostic::Severity;
use crate::model::Cluster;
use crate::rules::Area;
use crate::rules::Check;
use crate::rules::Rule;
use crate::rules::reference;
use crate::rules::walk;

pub const RULE: Rule = Rule {
    code: "probe-without-port",
    severity: Severity::Error,
    area: Area::Services,
    what: "An HTTP probe of a service without ports.",
    why: "The kubelet would not know which port to ask.",
    example: "services: { web: { image: web:1, probe: { http: / } } }",
    check: Check::Cluster(check),
};

fn check(cluster: &Cluster, findings: &mut Vec<Diagnostic>) {
    for at in walk::containers(cluster) {
        let of = at.of;
        if !of.service.ports.is_empty() || reference::is_incomplete(cluster, &of.field("ports")) {
            continue;
        }
        for (key, _) in at.probes().filter(|(_, probe)| probe.http.is_some() && probe.port.is_none()) {
            let finding = RULE.field(at.path().key("probes").key(key).key("http"), "the service has no port to ask");
            findings.push(finding.hint("declare what it listens on: `ports: { http: NUMBER }`"));
        }
    }
}
