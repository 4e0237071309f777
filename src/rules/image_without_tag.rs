//! An image reference without a tag.

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
    code: "image-without-tag",
    severity: Severity::Error,
    area: Area::Services,
    what: "An image reference without a tag.",
    why: "Without a tag an image is `latest`, which changes by itself and differs from node to node.",
    example: "services: { web: { image: web } }",
    check: Check::Cluster(check),
};

fn check(cluster: &Cluster, findings: &mut Vec<Diagnostic>) {
    for at in walk::images(cluster) {
        if at.image.parse::<ImageReference>() == Err(ReferenceError::NoTag) {
            let finding = RULE.field(at.path(), format!("image `{}` has no tag", at.image));
            findings.push(finding.hint("write the version that you want behind a `:`"));
        }
    }
}
