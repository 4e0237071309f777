//! A patch of what an object is: its kind, name, namespace or selector, or all of it.

use crate::diagnostic::Diagnostic;
use crate::diagnostic::FieldPath;
use crate::diagnostic::Severity;
use crate::model::Cluster;
use crate::rules::Area;
use crate::rules::Check;
use crate::rules::Rule;
use crate::rules::manifests;

pub const RULE: Rule = Rule {
    code: "patch-of-identity",
    severity: Severity::Error,
    area: Area::Objects,
    what: "A patch of what an object is: its kind, name, namespace or selector, or all of it.",
    why: "Other objects find it by these; another one would stand beside the old one, or the upgrade would stop because the field cannot change.",
    example: "services: { web: { image: web:1, patch: { Deployment: { metadata: { name: front } } } } }",
    check: Check::Cluster(check),
};

/// Fields that say which object it is, or that nothing may change while it lives.
const FIELDS: &[[&str; 2]] = &[
    ["apiVersion", ""],
    ["kind", ""],
    ["status", ""],
    ["metadata", "name"],
    ["metadata", "generateName"],
    ["metadata", "namespace"],
    ["spec", "selector"],
];

/// What takes everything else away with it.
const DIRECTIVES: &[&str] = &["$patch", "$retainKeys"];

fn check(cluster: &Cluster, findings: &mut Vec<Diagnostic>) {
    for at in manifests::patches(cluster) {
        let kind = at.target.parts().0;
        let mut refuse = |path: FieldPath, key: &str| {
            let finding = RULE.key(path.key(key), format!("`{key}` of a {kind} cannot be patched"));
            findings.push(finding.hint("write an object of your own under `extraObjects`, or leave this out"));
        };
        for (field, value) in at.patch {
            let is_whole = FIELDS.contains(&[field.as_str(), ""]) || DIRECTIVES.contains(&field.as_str());
            let is_taken = field == "metadata" && !value.is_object();
            if is_whole || is_taken {
                refuse(at.path(), field);
            }
            for key in value.as_object().into_iter().flat_map(|below| below.keys()) {
                let is_gone = field == "metadata" && DIRECTIVES.contains(&key.as_str());
                if is_gone || FIELDS.contains(&[field.as_str(), key.as_str()]) {
                    refuse(at.path().key(field), key);
                }
            }
        }
    }
}
