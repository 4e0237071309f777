//! A service with `schedule` whose name has more than 52 characters.

use crate::diagnostic::Diagnostic;
use crate::diagnostic::Severity;
use crate::model::Cluster;
use crate::model::Workload;
use crate::rules::Area;
use crate::rules::Check;
use crate::rules::Rule;
use crate::rules::walk;

pub const RULE: Rule = Rule {
    code: "cronjob-name-too-long",
    severity: Severity::Error,
    area: Area::Services,
    what: "A service with `schedule` whose name has more than 52 characters.",
    why: "Kubernetes adds 11 characters to the name of a CronJob for each of its Jobs, which may have 63.",
    example: "services: { a-name-that-is-much-too-long-for-anything-on-schedule: { image: web:1, schedule: \"@daily\" } }",
    check: Check::Cluster(check),
};

const LONGEST: usize = 52;

fn check(cluster: &Cluster, findings: &mut Vec<Diagnostic>) {
    for at in walk::services(cluster) {
        let length = at.name.as_str().len();
        if matches!(at.service.workload, Workload::CronJob(_)) && length > LONGEST {
            let message =
                format!("a service with `schedule` has a name of at most {LONGEST} characters, found {length}");
            findings.push(RULE.key(at.path(), message).hint("give the service a shorter name"));
        }
    }
}
