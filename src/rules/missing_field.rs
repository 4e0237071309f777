//! A field that Kubernetes requires and a patch or a manifest leaves out.

use crate::diagnostic::Diagnostic;
use crate::diagnostic::FieldPath;
use crate::diagnostic::Severity;
use crate::kubernetes;
use crate::kubernetes::Mistake;
use crate::kubernetes::What;
use crate::kubernetes::Whole;
use crate::rules::Area;
use crate::rules::Charts;
use crate::rules::Check;
use crate::rules::Rule;
use crate::rules::manifests;

pub const RULE: Rule = Rule {
    code: "missing-field",
    severity: Severity::Error,
    area: Area::Objects,
    what: "A field that Kubernetes requires and a patch or a manifest leaves out.",
    why: "The API server refuses the object.",
    example: "extraObjects: { web: { apiVersion: v1, kind: Pod, metadata: { name: web }, spec: {} } }",
    check: Check::Charts(check),
};

fn check(charts: &Charts, findings: &mut Vec<Diagnostic>) {
    let missing = |mistake| match mistake {
        Mistake { path, what: What::Missing { field } } => Some((path, field)),
        _ => None,
    };
    let mut places: Vec<(FieldPath, &str)> =
        manifests::mistakes(charts.cluster).into_iter().filter_map(missing).collect();
    for at in manifests::patches(charts.cluster) {
        let Some(kind) = at.kind() else { continue };
        let patch = at.patch.clone().into();
        for object in manifests::patched(&at, charts.charts) {
            let mistakes = kubernetes::check(object.json(), kind.holds(), &FieldPath::default(), Whole::Object);
            for (path, field) in mistakes.into_iter().filter_map(missing) {
                let place = manifests::place_in_patch(&patch, object.json(), &path, at.path());
                if !places.iter().any(|(known, missing)| *missing == field && known.starts_with(&place)) {
                    places.push((place, field));
                }
            }
        }
    }
    for (place, field) in places {
        findings.push(RULE.key(place, format!("missing field `{field}`")));
    }
}
