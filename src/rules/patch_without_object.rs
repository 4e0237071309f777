//! A patch of objects that the service does not have.

use std::collections::BTreeSet;

use crate::diagnostic::Diagnostic;
use crate::diagnostic::Severity;
use crate::diagnostic::suggestion;
use crate::objects;
use crate::rules::Area;
use crate::rules::Charts;
use crate::rules::Check;
use crate::rules::Rule;
use crate::rules::manifests;

pub const RULE: Rule = Rule {
    code: "patch-without-object",
    severity: Severity::Error,
    area: Area::Objects,
    what: "A patch of objects that the service does not have.",
    why: "It changes nothing, and whoever wrote it believes that it does.",
    example: "services: { web: { image: web:1, patch: { StatefulSet: { spec: { replicas: 2 } } } } }",
    check: Check::Charts(check),
};

fn check(charts: &Charts, findings: &mut Vec<Diagnostic>) {
    let patches: Vec<_> = manifests::patches(charts.cluster).collect();
    let is_used = |at: &manifests::PatchAt| manifests::patched(at, charts.charts).next().is_some();
    for at in patches.iter().filter(|at| !is_used(at)) {
        let target = at.target.as_str();
        // `defaults` may patch kinds that only some services have.
        let is_default = charts.cluster.default_patches.iter().any(|known| known == target);
        if is_default && patches.iter().any(|other| other.target == at.target && is_used(other)) {
            continue;
        }
        let chart = charts.charts.iter().find(|chart| chart.name == at.of.name.as_str());
        let objects = chart.into_iter().flat_map(|chart| &chart.objects).map(|item| &item.object);
        let known: BTreeSet<String> = match at.target.parts() {
            (_, None) => objects.map(|object| object.kind().to_owned()).collect(),
            (kind, Some(_)) => objects
                .filter(|object| object.kind() == kind)
                .map(|object| format!("{kind}/{}", objects::without_digests(object.name())))
                .collect(),
        };
        let finding = RULE.key(at.path(), format!("service `{}` has no object `{target}`", at.of.name));
        findings.push(suggestion(target, known.iter().map(String::as_str)).into_iter().fold(finding, Diagnostic::hint));
    }
}
