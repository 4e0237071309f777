//! A declared class with the name of a known one.

use crate::diagnostic::Diagnostic;
use crate::diagnostic::FieldPath;
use crate::diagnostic::Severity;
use crate::model::Cluster;
use crate::rules::Area;
use crate::rules::Check;
use crate::rules::Rule;

pub const RULE: Rule = Rule {
    code: "class-name-taken",
    severity: Severity::Error,
    area: Area::Storage,
    what: "A declared class with the name of a known one.",
    why: "The known class would be used, and the declaration would do nothing.",
    example: "storage: { classes: { longhorn: { existing: longhorn-fast, accessModes: [ReadWriteOnce] } } }",
    check: Check::Cluster(check),
};

const KNOWN: &[&str] = &["cephfs", "ceph-block", "longhorn", "local-path"];

fn check(cluster: &Cluster, findings: &mut Vec<Diagnostic>) {
    for name in cluster.storage.classes.keys().map(|name| name.as_str()).filter(|name| KNOWN.contains(name)) {
        let finding = RULE.key(FieldPath::of(["storage", "classes", name]), format!("`{name}` is a class already"));
        findings.push(finding.hint("give the declared class another name"));
    }
}
