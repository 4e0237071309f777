//! A port with two hyphens in a row in its name.

use crate::diagnostic::Diagnostic;
use crate::diagnostic::Severity;
use crate::model::Cluster;
use crate::rules::Area;
use crate::rules::Check;
use crate::rules::Rule;
use crate::rules::walk;

pub const RULE: Rule = Rule {
    code: "port-name-hyphens",
    severity: Severity::Error,
    area: Area::Services,
    what: "A port with two hyphens in a row in its name.",
    why: "Kubernetes refuses such a name (`IsValidPortName`).",
    example: "services: { web: { image: web:1, ports: { http--api: 80 } } }",
    check: Check::Cluster(check),
};

fn check(cluster: &Cluster, findings: &mut Vec<Diagnostic>) {
    for at in walk::services(cluster) {
        for name in at.service.ports.keys().filter(|name| name.as_str().contains("--")) {
            let finding =
                RULE.key(at.field("ports").key(name.as_str()), format!("port `{name}` has two hyphens in a row"));
            findings.push(finding.hint("write one hyphen"));
        }
    }
}
