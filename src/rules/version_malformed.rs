//! `version` is not a semantic version.

use semver::Version;

use crate::diagnostic::Diagnostic;
use crate::diagnostic::FieldPath;
use crate::diagnostic::Severity;
use crate::model::Cluster;
use crate::rules::Area;
use crate::rules::Check;
use crate::rules::Rule;
use crate::rules::reference;

pub const RULE: Rule = Rule {
    code: "version-malformed",
    severity: Severity::Error,
    area: Area::Versions,
    what: "`version` is not a semantic version.",
    why: "Helm refuses a chart whose version it cannot compare.",
    example: "version: 1.0.0-01",
    check: Check::Cluster(check),
};

fn check(cluster: &Cluster, findings: &mut Vec<Diagnostic>) {
    if let Err(error) = Version::parse(&cluster.version)
        && !reference::was_removed(cluster, &FieldPath::of(["version"]))
    {
        let message = format!("`{}` is not a semantic version: {error}", cluster.version);
        findings.push(RULE.field(FieldPath::of(["version"]), message).hint("write MAJOR.MINOR.PATCH, such as `1.0.0`"));
    }
}
