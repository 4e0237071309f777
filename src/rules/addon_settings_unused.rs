//! Settings of an add-on that is not part of the chart.

use crate::diagnostic::Diagnostic;
use crate::diagnostic::FieldPath;
use crate::diagnostic::Severity;
use crate::model::Cluster;
use crate::rules::Area;
use crate::rules::Check;
use crate::rules::Rule;
use crate::values::addons::Source;
use crate::values::cert_manager::CertManager;
use crate::values::metallb::MetalLb;
use crate::values::rook::Rook;

pub const RULE: Rule = Rule {
    code: "addon-settings-unused",
    severity: Severity::Warning,
    area: Area::Versions,
    what: "Settings of an add-on that is not part of the chart.",
    why: "They say how its programs run; those of an existing add-on run as whoever installed them said.",
    example: "addons: { metallb: { source: existing, namespace: metallb, logLevel: debug } }",
    check: Check::Cluster(check),
};

fn check(cluster: &Cluster, findings: &mut Vec<Diagnostic>) {
    let addons = &cluster.addons;
    let (rook, metallb, cert_manager) = (addons.rook.addon(), addons.metallb.addon(), addons.cert_manager.addon());
    let bare = Rook { source: rook.source, namespace: rook.namespace, ..Rook::default() };
    let rook_says = addons.rook != bare;
    let bare = MetalLb { source: metallb.source, namespace: metallb.namespace, ..MetalLb::default() };
    let metallb_says = addons.metallb != bare;
    let bare = CertManager { source: cert_manager.source, namespace: cert_manager.namespace, ..CertManager::default() };
    let cert_manager_says = addons.cert_manager != bare;
    for (name, source, says) in [
        ("rook", rook.source, rook_says),
        ("metallb", metallb.source, metallb_says),
        ("cert-manager", cert_manager.source, cert_manager_says),
    ] {
        if source == Source::Existing && says {
            let message = format!("the chart does not bring `{name}`, so its settings change nothing");
            findings.push(
                RULE.key(FieldPath::of(["addons", name]), message).hint("take them out, or say `source: builtin`"),
            );
        }
    }
}
