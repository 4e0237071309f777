//! `replicas` of a workload whose number of pods is decided elsewhere.

use crate::diagnostic::Diagnostic;
use crate::diagnostic::Place;
use crate::diagnostic::Severity;
use crate::model::Cluster;
use crate::model::Workload;
use crate::rules::Area;
use crate::rules::Check;
use crate::rules::Rule;
use crate::rules::walk;

pub const RULE: Rule = Rule {
    code: "replicas-without-effect",
    severity: Severity::Error,
    area: Area::Services,
    what: "`replicas` of a workload whose number of pods is decided elsewhere.",
    why: "A DaemonSet has a pod on every node, a CronJob one per run, `perNode` one per node: the number would do nothing.",
    example: "services: { agent: { image: agent:1, kind: DaemonSet, replicas: 2 } }",
    check: Check::Cluster(check),
};

fn check(cluster: &Cluster, findings: &mut Vec<Diagnostic>) {
    for at in walk::services(cluster).filter(|at| at.service.replicas.is_some()) {
        let (what, key) = match at.service.workload {
            Workload::DaemonSet => ("a DaemonSet has one pod on every node", "kind"),
            Workload::CronJob(_) => ("a service with `schedule` has one pod per run", "schedule"),
            Workload::PerNode(_) => ("a service with `perNode` has one pod on each of its nodes", "perNode"),
            Workload::Deployment | Workload::StatefulSet => continue,
        };
        findings.push(
            RULE.field(at.field("replicas"), format!("`replicas` does nothing: {what}"))
                .label(Place::Key(at.field(key)), "decided here")
                .hint("take `replicas` out; `replicas: null` does it when it comes from `defaults`"),
        );
    }
}
