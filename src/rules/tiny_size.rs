//! A size in bytes or thousandths of a byte.

use crate::diagnostic::Diagnostic;
use crate::diagnostic::FieldPath;
use crate::diagnostic::Severity;
use crate::model::Cluster;
use crate::rules::Area;
use crate::rules::Check;
use crate::rules::Rule;
use crate::rules::walk;
use crate::values::quantity::Quantity;

pub const RULE: Rule = Rule {
    code: "tiny-size",
    severity: Severity::Warning,
    area: Area::Storage,
    what: "A size in bytes or thousandths of a byte.",
    why: "`512m` is half a byte and `512` is 512 bytes: a unit is missing or of the wrong kind.",
    example: "services: { web: { image: web:1, resources: { limits: { memory: 512m } } } }",
    check: Check::Cluster(check),
};

/// Less than any program runs in, or any file system is made for.
const SMALLEST: u128 = 64 * 1024;

fn check(cluster: &Cluster, findings: &mut Vec<Diagnostic>) {
    let mut found = |path: FieldPath, size: &Quantity| {
        if (1..SMALLEST * 1000).contains(&size.thousandths()) {
            let bytes = match size.thousandths() {
                part if part < 1000 => "less than a byte".to_owned(),
                _ => format!("{} bytes", size.units()),
            };
            let digits = size.as_str().trim_end_matches(|c: char| c.is_ascii_alphabetic());
            findings.push(
                RULE.field(path, format!("`{size}` is {bytes}")).hint(format!("write `{digits}Mi` or `{digits}Gi`")),
            );
        }
    };
    walk::sizes(cluster).for_each(|(path, size)| found(path, size));
    for at in walk::containers(cluster) {
        let resources = &at.container.resources;
        for (list, amounts) in [("requests", &resources.requests), ("limits", &resources.limits)] {
            for name in ["memory", "ephemeral-storage"] {
                if let Some(size) = amounts.get(name) {
                    found(at.path().key("resources").key(list).key(name), size);
                }
            }
        }
    }
}
