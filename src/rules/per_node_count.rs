//! A `perNode` service with fewer than three instances, or an even number of them.

use crate::diagnostic::Diagnostic;
use crate::diagnostic::Severity;
use crate::model::Cluster;
use crate::model::Workload;
use crate::rules::Area;
use crate::rules::Check;
use crate::rules::Rule;
use crate::rules::walk;

pub const RULE: Rule = Rule {
    code: "per-node-count",
    severity: Severity::Advice,
    area: Area::Services,
    what: "A `perNode` service with fewer than three instances, or an even number of them.",
    why: "Programs that copy their data themselves need more than half of their instances.",
    example: "services: { db: { image: db:1, perNode: [server1] } }",
    check: Check::Cluster(check),
};

fn check(cluster: &Cluster, findings: &mut Vec<Diagnostic>) {
    for at in walk::services(cluster) {
        if let Workload::PerNode(nodes) = &at.service.workload
            && (nodes.len() < 3 || nodes.len() % 2 == 0)
        {
            let survived = nodes.len().saturating_sub(1) / 2;
            let message = format!("with a majority {} instances survive the loss of {survived}", nodes.len());
            findings.push(RULE.key(at.field("perNode"), message).hint("name three nodes, or five"));
        }
    }
}
