//! One private volume at two paths, with different sizes or classes.

use std::collections::BTreeMap;

use crate::diagnostic::Diagnostic;
use crate::diagnostic::Place;
use crate::diagnostic::Severity;
use crate::model::Cluster;
use crate::rules::Area;
use crate::rules::Check;
use crate::rules::Rule;
use crate::rules::walk;
use crate::values::mount::Mount;

pub const RULE: Rule = Rule {
    code: "claim-sizes-differ",
    severity: Severity::Error,
    area: Area::Storage,
    what: "One private volume at two paths, with different sizes or classes.",
    why: "It is one claim, which has one size and one class.",
    example: "services: { web: { image: web:1, mounts: { /a: { claim: 1Gi, class: longhorn }, /b: { claim: 2Gi, class: longhorn } } } }",
    check: Check::Cluster(check),
};

fn check(cluster: &Cluster, findings: &mut Vec<Diagnostic>) {
    for of in walk::services(cluster) {
        let mut known = BTreeMap::new();
        for at in walk::containers_of(of).flat_map(walk::mounts_of) {
            let Mount::Claim(claim) = at.mount else { continue };
            let values = (claim.claim.thousandths(), claim.class.as_ref());
            match known.get(&claim.name) {
                None => _ = known.insert(&claim.name, (values, at.path())),
                Some((first, _)) if *first == values => {}
                Some((_, path)) => findings.push(
                    RULE.key(at.path(), "this is the claim of another path, with another size or class")
                        .label(Place::Key(path.clone()), "the other path")
                        .hint("write both alike, or give this one a `name` of its own"),
                ),
            }
        }
    }
}
