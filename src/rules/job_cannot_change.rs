//! A Job among the manifests.

use crate::diagnostic::Diagnostic;
use crate::diagnostic::Severity;
use crate::model::Cluster;
use crate::rules::Area;
use crate::rules::Check;
use crate::rules::Rule;
use crate::rules::manifests;

pub const RULE: Rule = Rule {
    code: "job-cannot-change",
    severity: Severity::Advice,
    area: Area::Objects,
    what: "A Job among the manifests.",
    why: "A Job cannot be changed: the next upgrade that changes its image or anything else in it stops.",
    example: "extraObjects: { job: { apiVersion: batch/v1, kind: Job, metadata: { name: job }, spec: { template: {} } } }",
    check: Check::Cluster(check),
};

fn check(cluster: &Cluster, findings: &mut Vec<Diagnostic>) {
    for at in manifests::extra_objects(cluster).filter(|at| at.text("kind") == "Job") {
        let finding = RULE.key(at.path(), format!("the Job `{}` cannot be changed by an upgrade", at.metadata("name")));
        findings.push(finding.hint("use `once` of a service, which makes a new Job for each change"));
    }
}
