//! A private claim of a service that runs several pods at once.

use crate::diagnostic::Diagnostic;
use crate::diagnostic::Place;
use crate::diagnostic::Severity;
use crate::model::Cluster;
use crate::model::Workload;
use crate::plan::instances;
use crate::rules::Area;
use crate::rules::Check;
use crate::rules::Rule;
use crate::rules::walk;
use crate::values::mount::Mount;

pub const RULE: Rule = Rule {
    code: "claim-shared-by-pods",
    severity: Severity::Error,
    area: Area::Storage,
    what: "A private claim of a service that runs several pods at once.",
    why: "A private volume has one writer; a StatefulSet gives each replica one of its own.",
    example: "services: { web: { image: web:1, replicas: 2, mounts: { /data: { claim: 1Gi, class: longhorn } } } }",
    check: Check::Cluster(check),
};

fn check(cluster: &Cluster, findings: &mut Vec<Diagnostic>) {
    for of in walk::services(cluster) {
        let count = instances::instances(cluster, of.service);
        let (key, hint) = match of.service.workload {
            Workload::Deployment => {
                ("replicas", "set `kind: StatefulSet` for a claim per replica, or mount one of `volumes`")
            }
            Workload::DaemonSet => ("kind", "mount one of `volumes`, or a `host` path"),
            Workload::PerNode(_) => ("perNode", "take a `local` mount: each instance has its own"),
            Workload::StatefulSet | Workload::CronJob(_) => continue,
        };
        if count < 2 {
            continue;
        }
        for at in walk::containers_of(of).flat_map(walk::mounts_of).filter(|at| matches!(at.mount, Mount::Claim(_))) {
            findings.push(
                RULE.key(at.path(), format!("{count} pods would write one private volume"))
                    .label(Place::Field(of.field(key)), "that many pods")
                    .hint(hint),
            );
        }
    }
}
