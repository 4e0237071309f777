//! A schedule that is no cron expression.

use crate::diagnostic::Diagnostic;
use crate::diagnostic::Severity;
use crate::model::Cluster;
use crate::model::Workload;
use crate::rules::Area;
use crate::rules::Check;
use crate::rules::Rule;
use crate::rules::cron;
use crate::rules::walk;

pub const RULE: Rule = Rule {
    code: "wrong-cron",
    severity: Severity::Error,
    area: Area::Services,
    what: "A schedule that is no cron expression.",
    why: "Kubernetes refuses a CronJob whose schedule it cannot read.",
    example: "services: { job: { image: job:1, schedule: \"61 3 * * *\" } }",
    check: Check::Cluster(check),
};

fn check(cluster: &Cluster, findings: &mut Vec<Diagnostic>) {
    for at in walk::services(cluster) {
        if let Workload::CronJob(job) = &at.service.workload
            && let Err(reason) = cron::check(&job.cron)
        {
            let finding =
                RULE.field(at.field("schedule").key("cron"), format!("`{}` is no schedule: {reason}", job.cron));
            findings
                .push(finding.hint("write minute, hour, day, month and weekday, such as `17 3 * * *`, or `@daily`"));
        }
    }
}
