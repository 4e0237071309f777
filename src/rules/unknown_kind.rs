//! A manifest of a kind that this tool does not know.

use crate::diagnostic::Diagnostic;
use crate::diagnostic::Severity;
use crate::model::Cluster;
use crate::rules::Area;
use crate::rules::Check;
use crate::rules::Rule;
use crate::rules::manifests;

pub const RULE: Rule = Rule {
    code: "unknown-kind",
    severity: Severity::Advice,
    area: Area::Objects,
    what: "A manifest of a kind that this tool does not know.",
    why: "Nobody has checked its fields, its CRD must be there before the install, and the images that it names are not seen.",
    example: "extraObjects: { note: { apiVersion: example.com/v1, kind: Note, metadata: { name: note } } }",
    check: Check::Cluster(check),
};

fn check(cluster: &Cluster, findings: &mut Vec<Diagnostic>) {
    for at in manifests::extra_objects(cluster).filter(|at| at.kind().is_none()) {
        let (api_version, kind) = (at.text("apiVersion"), at.text("kind"));
        let group = manifests::group(api_version);
        if !kind.is_empty() && !group.is_empty() && !manifests::is_of_kubernetes(group) {
            let finding = RULE.key(at.path(), format!("the kind `{kind}` of `{api_version}` is not known here"));
            findings.push(
                finding.hint("install its CRD before the chart, and list the images that it names under `images`"),
            );
        }
    }
}
