//! A manifest of a kind that this tool does not know.

use crate::diagnostic::Diagnostic;
use crate::diagnostic::Severity;
use crate::kubernetes::Types;
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
    let types = Types::get();
    for at in manifests::extra_objects(cluster).filter(|at| at.kind().is_none()) {
        let (api_version, kind) = (at.text("apiVersion"), at.text("kind"));
        let group = manifests::group(api_version);
        let is_known = types.kinds().any(|known| known.is_built_in() && manifests::group(known.api_version) == group);
        if !kind.is_empty() && !group.is_empty() && !is_known && group != "extensions" {
            let finding = RULE.key(at.path(), format!("the kind `{kind}` of `{api_version}` is not known here"));
            findings.push(
                finding.hint("install its CRD before the chart, and list the images that it names under `images`"),
            );
        }
    }
}
