//! Two of `schedule`, `perNode`, `kind` and `nodes` that exclude each other.

use crate::diagnostic::Diagnostic;
use crate::diagnostic::Place;
use crate::diagnostic::Severity;
use crate::model::Cluster;
use crate::model::Workload;
use crate::rules::Area;
use crate::rules::Check;
use crate::rules::Rule;
use crate::rules::walk;
use crate::values::service::Kind;

pub const RULE: Rule = Rule {
    code: "kind-conflict",
    severity: Severity::Error,
    area: Area::Services,
    what: "Two of `schedule`, `perNode`, `kind` and `nodes` that exclude each other.",
    why: "A service is one kind of workload, and `perNode` and `schedule` decide which.",
    example: "services: { db: { image: db:1, perNode: [server1], schedule: \"@daily\" } }",
    check: Check::Cluster(check),
};

fn check(cluster: &Cluster, findings: &mut Vec<Diagnostic>) {
    for at in walk::services(cluster) {
        let service = at.service;
        let per_node = matches!(service.workload, Workload::PerNode(_));
        let decides = match (per_node, service.has_schedule) {
            (true, _) => "perNode",
            (false, true) => "schedule",
            (false, false) => continue,
        };
        let written = [
            ("schedule", per_node && service.has_schedule),
            ("kind", service.kind != Kind::Deployment),
            ("nodes", per_node && !service.nodes.is_empty()),
        ];
        for (key, _) in written.iter().filter(|(_, written)| *written) {
            findings.push(
                RULE.key(at.field(key), format!("`{key}` and `{decides}` exclude each other"))
                    .label(Place::Key(at.field(decides)), "the other one")
                    .hint(format!("take `{key}` or `{decides}` out")),
            );
        }
    }
}
