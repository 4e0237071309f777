//! Two ranges of pools that share addresses.

use crate::diagnostic::Diagnostic;
use crate::diagnostic::FieldPath;
use crate::diagnostic::Place;
use crate::diagnostic::Severity;
use crate::model::Cluster;
use crate::rules::Area;
use crate::rules::Check;
use crate::rules::Rule;
use crate::rules::walk;
use crate::values::address::Range;

pub const RULE: Rule = Rule {
    code: "pool-overlap",
    severity: Severity::Error,
    area: Area::Network,
    what: "Two ranges of pools that share addresses.",
    why: "MetalLB refuses pools that share an address: it would not know which one announces it.",
    example: "loadBalancer: { pools: { a: { addresses: 192.168.1.240-192.168.1.250 }, b: { addresses: 192.168.1.250-192.168.1.254 } } }",
    check: Check::Cluster(check),
};

fn check(cluster: &Cluster, findings: &mut Vec<Diagnostic>) {
    let mut ranges: Vec<(Range, FieldPath)> = walk::ranges(cluster).collect();
    ranges.sort();
    let mut widest: Option<&(Range, FieldPath)> = None;
    for entry in &ranges {
        match widest {
            Some((before, other)) if before.overlaps(&entry.0) => findings.push(
                RULE.field(entry.1.clone(), format!("`{}` shares addresses with `{before}`", entry.0))
                    .label(Place::Field(other.clone()), "the other range")
                    .hint("let every address lie in one range of one pool"),
            ),
            _ => {}
        }
        if widest.is_none_or(|(before, _)| !before.overlaps(&entry.0) || before.last < entry.0.last) {
            widest = Some(entry);
        }
    }
}
