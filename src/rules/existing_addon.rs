//! An add-on that must be there already.

use crate::diagnostic::Diagnostic;
use crate::diagnostic::FieldPath;
use crate::diagnostic::Severity;
use crate::model::Cluster;
use crate::plan;
use crate::rules::Area;
use crate::rules::Check;
use crate::rules::Rule;

pub const RULE: Rule = Rule {
    code: "existing-addon",
    severity: Severity::Advice,
    area: Area::Versions,
    what: "An add-on that must be there already.",
    why: "The chart brings neither its programs nor its CRDs: without them the install stops at the first custom resource.",
    example: "gateways: { lan: 192.168.1.240 }\naddons: { metallb: { source: existing, namespace: metallb } }",
    check: Check::Cluster(check),
};

fn check(cluster: &Cluster, findings: &mut Vec<Diagnostic>) {
    let addons = plan::addons::plan(cluster);
    for (name, addon) in [("rook", &addons.rook), ("metallb", &addons.metallb), ("cert-manager", &addons.cert_manager)]
    {
        let Some(addon) = addon.as_ref().filter(|addon| !addon.is_builtin()) else { continue };
        let (version, namespace) = (addon.version, &addon.namespace);
        let message =
            format!("`{name}` must run in the namespace `{namespace}`, with its CRDs; ours are written for {version}");
        findings.push(RULE.field(FieldPath::of(["addons", name, "source"]), message));
    }
}
