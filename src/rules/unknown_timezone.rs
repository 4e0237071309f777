//! A `timezone` that the tz database does not have.

use crate::diagnostic::Diagnostic;
use crate::diagnostic::FieldPath;
use crate::diagnostic::Severity;
use crate::diagnostic::nearest;
use crate::model::Cluster;
use crate::rules::Area;
use crate::rules::Check;
use crate::rules::Rule;
use crate::rules::timezones;

pub const RULE: Rule = Rule {
    code: "unknown-timezone",
    severity: Severity::Error,
    area: Area::Services,
    what: "A `timezone` that the tz database does not have.",
    why: "Kubernetes refuses a CronJob in a time zone that it does not know, and programs fall back to UTC.",
    example: "timezone: Europe/Berln",
    check: Check::Cluster(check),
};

fn check(cluster: &Cluster, findings: &mut Vec<Diagnostic>) {
    let Some(zone) = &cluster.timezone else { return };
    if !timezones::is_known(zone) {
        let known: Vec<String> = timezones::all().collect();
        let city = |name: &&String| zone.rsplit('/').next().is_some_and(|city| name.ends_with(&format!("/{city}")));
        let meant = known.iter().find(city).map(String::as_str).or(nearest(zone, known.iter().map(String::as_str)));
        let hint = match meant {
            Some(name) => format!("did you mean `{name}`?"),
            None => "write it as in `timedatectl list-timezones`, such as `Europe/Berlin`".to_owned(),
        };
        findings.push(RULE.field(FieldPath::of(["timezone"]), format!("there is no time zone `{zone}`")).hint(hint));
    }
}
