//! A device plugin's resource without a limit, with another request, or in pieces.

use crate::diagnostic::Diagnostic;
use crate::diagnostic::Severity;
use crate::model::Cluster;
use crate::rules::Area;
use crate::rules::Check;
use crate::rules::Rule;
use crate::rules::walk;

pub const RULE: Rule = Rule {
    code: "device-resource",
    severity: Severity::Error,
    area: Area::Services,
    what: "A device plugin's resource without a limit, with another request, or in pieces.",
    why: "Devices are given out whole, and Kubernetes takes their number from the limit.",
    example: "services: { web: { image: web:1, resources: { requests: { gpu.intel.com/i915: 1 } } } }",
    check: Check::Cluster(check),
};

fn check(cluster: &Cluster, findings: &mut Vec<Diagnostic>) {
    let is_device = |name: &&String| name.contains('/');
    for at in walk::containers(cluster) {
        let resources = &at.container.resources;
        let path = |list: &str, name: &str| at.path().key("resources").key(list).key(name);
        for (name, limit) in resources.limits.iter().filter(|(name, _)| is_device(name)) {
            if limit.thousandths() % 1000 != 0 {
                let finding = RULE.field(path("limits", name), format!("expected a whole number, found `{limit}`"));
                findings.push(finding.hint("write how many devices it may have"));
            }
        }
        for (name, request) in resources.requests.iter().filter(|(name, _)| is_device(name)) {
            let limit = resources.limits.get(name);
            if limit.is_none_or(|limit| limit.thousandths() != request.thousandths()) {
                let finding = RULE.field(path("requests", name), format!("the request of `{name}` is not its limit"));
                findings.push(finding.hint("write it under `limits` alone"));
            }
        }
    }
}
