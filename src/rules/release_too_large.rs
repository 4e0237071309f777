//! A chart whose record Helm could not store.

use crate::diagnostic::Diagnostic;
use crate::diagnostic::Place;
use crate::diagnostic::Severity;
use crate::helm::RECORD_LIMIT;
use crate::rules::Area;
use crate::rules::Charts;
use crate::rules::Check;
use crate::rules::Rule;

pub const RULE: Rule = Rule {
    code: "release-too-large",
    severity: Severity::Error,
    area: Area::Services,
    what: "A chart whose record Helm could not store.",
    why: "Helm keeps the whole chart in one Secret, which Kubernetes takes up to 1 MiB.",
    example: "services: { web: { image: web:1, mounts: { /data: { filesFrom: ./several-megabytes } } } }",
    check: Check::Charts(check),
};

fn check(charts: &Charts, findings: &mut Vec<Diagnostic>) {
    if charts.record > RECORD_LIMIT {
        let message =
            format!("Helm's record of the release would be larger than the {RECORD_LIMIT} bytes that it may have");
        let finding = RULE.at(Place::Whole, message);
        findings.push(
            finding.hint(
                "take large files out of `file`, `fileFrom` and `filesFrom`, or make two clusters of the services",
            ),
        );
    }
}
