//! An existing add-on without its namespace, or a built-in one with a namespace.

use crate::diagnostic::Diagnostic;
use crate::diagnostic::FieldPath;
use crate::diagnostic::Severity;
use crate::model::Cluster;
use crate::rules::Area;
use crate::rules::Check;
use crate::rules::Rule;
use crate::values::addons::Source;

pub const RULE: Rule = Rule {
    code: "addon-namespace",
    severity: Severity::Error,
    area: Area::Versions,
    what: "An existing add-on without its namespace, or a built-in one with a namespace.",
    why: "The namespace says where the operator is that exists; a built-in one is always in its own.",
    example: "addons: { metallb: { source: existing } }",
    check: Check::Cluster(check),
};

fn check(cluster: &Cluster, findings: &mut Vec<Diagnostic>) {
    let addons = &cluster.addons;
    let (rook, metallb, cert_manager) = (addons.rook.addon(), addons.metallb.addon(), addons.cert_manager.addon());
    for (name, addon) in [("rook", &rook), ("metallb", &metallb), ("cert-manager", &cert_manager)] {
        let path = FieldPath::of(["addons", name]);
        match (addon.source, &addon.namespace) {
            (Source::Existing, None) => findings.push(
                RULE.key(path, format!("where is `{name}`? An existing add-on wants its `namespace`"))
                    .hint("write `{ source: existing, namespace: NAMESPACE }`"),
            ),
            (Source::Builtin, Some(_)) => findings.push(
                RULE.field(path.key("namespace"), format!("the built-in `{name}` is always in its own namespace"))
                    .hint("take `namespace` out, or say `source: existing`"),
            ),
            _ => {}
        }
    }
}
