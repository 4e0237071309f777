//! A service with `schedule` that has routes, streams or an address.

use crate::diagnostic::Diagnostic;
use crate::diagnostic::Place;
use crate::diagnostic::Severity;
use crate::model::Cluster;
use crate::rules::Area;
use crate::rules::Check;
use crate::rules::Rule;
use crate::rules::walk;

pub const RULE: Rule = Rule {
    code: "schedule-with-routes",
    severity: Severity::Error,
    area: Area::Services,
    what: "A service with `schedule` that has routes, streams or an address.",
    why: "A CronJob's pods come and go: most of the time nothing would answer.",
    example: "loadBalancer: { pools: { lan: { addresses: 192.168.1.241-192.168.1.250 } } }\n\
        services: { job: { image: job:1, schedule: \"@daily\", ports: { http: 80 }, expose: { pool: lan } } }",
    check: Check::Cluster(check),
};

fn check(cluster: &Cluster, findings: &mut Vec<Diagnostic>) {
    for at in walk::services(cluster).filter(|at| at.service.has_schedule) {
        let service = at.service;
        let keys = [
            ("routes", !service.routes.is_empty()),
            ("streams", !service.streams.is_empty()),
            ("expose", service.expose.is_some()),
        ];
        for (key, _) in keys.iter().filter(|(_, written)| *written) {
            findings.push(
                RULE.key(
                    at.field(key),
                    format!("a service with `schedule` has no `{key}`: it does not run most of the time"),
                )
                .label(Place::Key(at.field("schedule")), "the schedule")
                .hint("take one of them out, or split the service"),
            );
        }
    }
}
