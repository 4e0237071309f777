//! A service or gateway with a name that a generated chart, or a key of Helm, has already.

use crate::diagnostic::Diagnostic;
use crate::diagnostic::FieldPath;
use crate::diagnostic::Severity;
use crate::model::Cluster;
use crate::plan::extra_objects;
use crate::plan::gateways::SOLVERS;
use crate::rules::Area;
use crate::rules::Check;
use crate::rules::Rule;
use crate::rules::walk;

pub const RULE: Rule = Rule {
    code: "reserved-name",
    severity: Severity::Error,
    area: Area::Services,
    what: "A service or gateway with a name that a generated chart, or a key of Helm, has already.",
    why: "A subchart of this name exists already, or the name means something else in Helm's values.",
    example: "services: { gateway: { image: web:1 } }",
    check: Check::Cluster(check),
};

/// Subcharts of add-ons, and keys of Helm's values that are no subchart (`helm.sh/docs/chart_template_guide`).
const RESERVED: &[&str] = &[
    "global",
    "tags",
    "exports",
    "crds",
    "gateway",
    "tunnel",
    "rook",
    "metallb",
    "cert-manager",
    "volumes",
    "cluster-dns",
    extra_objects::CHART,
    SOLVERS,
];

/// Keys that every subchart's values have: those of a gateway stand beside them.
const OF_SUBCHARTS: &[&str] = &["global", "enabled"];

fn check(cluster: &Cluster, findings: &mut Vec<Diagnostic>) {
    for at in walk::services(cluster) {
        let name = at.name.as_str();
        let why = if name == cluster.name.as_str() {
            "the umbrella chart itself has this name"
        } else if RESERVED.contains(&name) {
            "it is a chart or a key of Helm's own"
        } else {
            continue;
        };
        let finding = RULE.key(at.path(), format!("a service cannot be called `{name}`: {why}"));
        findings.push(finding.hint("give the service another name"));
    }
    for name in cluster.gateways.keys().filter(|name| OF_SUBCHARTS.contains(&name.as_str())) {
        let path = FieldPath::of(["gateways", name.as_str()]);
        let finding = RULE.key(path, format!("a gateway cannot be called `{name}`: it is a key of Helm's own"));
        findings.push(finding.hint("give the gateway another name"));
    }
}
