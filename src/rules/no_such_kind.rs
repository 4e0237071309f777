//! A manifest of a kind or version that Kubernetes does not have.

use crate::diagnostic::Diagnostic;
use crate::diagnostic::Severity;
use crate::diagnostic::suggestion;
use crate::kubernetes::Types;
use crate::model::Cluster;
use crate::rules::Area;
use crate::rules::Check;
use crate::rules::Rule;
use crate::rules::manifests;

pub const RULE: Rule = Rule {
    code: "no-such-kind",
    severity: Severity::Error,
    area: Area::Objects,
    what: "A manifest of a kind or version that Kubernetes does not have.",
    why: "Helm stops with `no matches for kind`, and nothing is installed.",
    example: "extraObjects: { note: { apiVersion: extensions/v1beta1, kind: Deployment, metadata: { name: note } } }",
    check: Check::Cluster(check),
};

fn check(cluster: &Cluster, findings: &mut Vec<Diagnostic>) {
    let types = Types::get();
    for at in manifests::extra_objects(cluster).filter(|at| at.kind().is_none()) {
        let (api_version, kind) = (at.text("apiVersion"), at.text("kind"));
        let is_own = manifests::is_of_kubernetes(manifests::group(api_version));
        if kind.is_empty() || api_version.is_empty() || kind.ends_with("List") || !is_own {
            continue;
        }
        let finding = RULE.key(at.path(), format!("Kubernetes has no kind `{kind}` in `{api_version}`"));
        let elsewhere = types.kinds().filter(|known| known.kind == kind).map(|known| known.api_version).last();
        let hint = match elsewhere {
            Some(elsewhere) => Some(format!("its `apiVersion` is `{elsewhere}`")),
            None => {
                suggestion(kind, types.kinds().filter(|known| known.api_version == api_version).map(|known| known.kind))
            }
        };
        findings.push(hint.into_iter().fold(finding, Diagnostic::hint));
    }
}
