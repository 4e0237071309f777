//! An image reference that no container runtime can pull.

use crate::diagnostic::Diagnostic;
use crate::diagnostic::Severity;
use crate::model::Cluster;
use crate::oci::ImageReference;
use crate::oci::ReferenceError;
use crate::rules::Area;
use crate::rules::Check;
use crate::rules::Rule;
use crate::rules::walk;

pub const RULE: Rule = Rule {
    code: "image-unusable",
    severity: Severity::Error,
    area: Area::Services,
    what: "An image reference that no container runtime can pull.",
    why: "A pod whose image cannot be named never starts.",
    example: "services: { web: { image: \"Web:1\" } }",
    check: Check::Cluster(check),
};

fn check(cluster: &Cluster, findings: &mut Vec<Diagnostic>) {
    for at in walk::images(cluster) {
        match at.image.parse::<ImageReference>() {
            Ok(_) | Err(ReferenceError::NoTag) => {}
            Err(error) => findings.push(
                RULE.field(at.path(), format!("image `{}`: {error}", at.image)).hint("write `REGISTRY/REPOSITORY:TAG`"),
            ),
        }
    }
}
