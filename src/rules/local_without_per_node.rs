//! A `local` mount in a service without `perNode`.

use crate::diagnostic::Diagnostic;
use crate::diagnostic::Severity;
use crate::model::Cluster;
use crate::model::Workload;
use crate::rules::Area;
use crate::rules::Check;
use crate::rules::Rule;
use crate::rules::walk;
use crate::values::mount::Mount;

pub const RULE: Rule = Rule {
    code: "local-without-per-node",
    severity: Severity::Error,
    area: Area::Storage,
    what: "A `local` mount in a service without `perNode`.",
    why: "A folder on a node's disk belongs to the instance of that node; a pod that moves would find another one.",
    example: "services: { db: { image: db:1, mounts: { /data: { local: /vols/db, size: 1Gi } } } }",
    check: Check::Cluster(check),
};

fn check(cluster: &Cluster, findings: &mut Vec<Diagnostic>) {
    for at in walk::mounts(cluster) {
        let per_node = matches!(at.container.of.service.workload, Workload::PerNode(_));
        if matches!(at.mount, Mount::Local(_)) && !per_node {
            let finding = RULE.key(at.path(), "a `local` mount is for services with `perNode`");
            findings.push(finding.hint("add `perNode: [NODE, ...]`, or take a `claim`"));
        }
    }
}
