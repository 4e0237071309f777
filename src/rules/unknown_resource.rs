//! A resource that Kubernetes does not have.

use crate::diagnostic::Diagnostic;
use crate::diagnostic::Severity;
use crate::diagnostic::suggestion;
use crate::model::Cluster;
use crate::rules::Area;
use crate::rules::Check;
use crate::rules::Rule;
use crate::rules::walk;

pub const RULE: Rule = Rule {
    code: "unknown-resource",
    severity: Severity::Error,
    area: Area::Services,
    what: "A resource that Kubernetes does not have.",
    why: "Kubernetes refuses a container with a resource that is neither its own nor of a device plugin.",
    example: "services: { web: { image: web:1, resources: { limits: { mem: 1Gi } } } }",
    check: Check::Cluster(check),
};

const KNOWN: &[&str] = &["cpu", "memory", "ephemeral-storage"];

fn check(cluster: &Cluster, findings: &mut Vec<Diagnostic>) {
    for at in walk::containers(cluster) {
        let resources = &at.container.resources;
        for (list, amounts) in [("requests", &resources.requests), ("limits", &resources.limits)] {
            for name in amounts.keys().map(String::as_str) {
                // A device plugin's resource has a domain in front.
                if !KNOWN.contains(&name) && !name.starts_with("hugepages-") && !name.contains('/') {
                    let path = at.path().key("resources").key(list).key(name);
                    let finding = RULE.key(path, format!("there is no resource `{name}`"));
                    findings.push(
                        finding.hint(
                            suggestion(name, KNOWN.iter().copied())
                                .unwrap_or_else(|| "a device plugin's resource is `DOMAIN/NAME`".to_owned()),
                        ),
                    );
                }
            }
        }
    }
}
