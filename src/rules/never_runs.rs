//! A schedule for a day that no month of it has.

use crate::diagnostic::Diagnostic;
use crate::diagnostic::Severity;
use crate::model::Cluster;
use crate::model::Workload;
use crate::rules::Area;
use crate::rules::Check;
use crate::rules::Rule;
use crate::rules::walk;

pub const RULE: Rule = Rule {
    code: "never-runs",
    severity: Severity::Error,
    area: Area::Services,
    what: "A schedule for a day that no month of it has.",
    why: "It is accepted, and nothing ever runs.",
    example: "services: { web: { image: web:1, schedule: \"0 0 31 2 *\" } }",
    check: Check::Cluster(check),
};

/// Of the longest February, and of every other month.
const DAYS: [u32; 12] = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

fn check(cluster: &Cluster, findings: &mut Vec<Diagnostic>) {
    for at in walk::services(cluster) {
        let Workload::CronJob(job) = &at.service.workload else { continue };
        let fields: Vec<&str> = job.cron.split_whitespace().collect();
        // With a weekday it runs on that as well (crontab(5)).
        let [_, _, day, month, "*" | "?"] = fields.as_slice() else { continue };
        let first_day = day.split(',').filter_map(|part| part.split(['-', '/']).next()?.parse::<u32>().ok()).min();
        let months: Option<Vec<u32>> = month.split(',').map(|part| part.parse().ok()).collect();
        let (Some(first), Some(months)) = (first_day, months) else { continue };
        let longest = months.iter().filter_map(|month| DAYS.get((*month as usize).checked_sub(1)?)).max();
        if longest.is_some_and(|longest| first > *longest) {
            let finding = RULE.field(at.field("schedule").key("cron"), format!("month {month} has no day {first}"));
            findings.push(finding.hint("take a day that every month has: 28 at most"));
        }
    }
}
