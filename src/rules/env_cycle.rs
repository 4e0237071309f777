//! Variables that refer to each other in a circle by `$(NAME)`.

use std::collections::BTreeSet;

use crate::diagnostic::Diagnostic;
use crate::diagnostic::Severity;
use crate::model::Cluster;
use crate::plan::variables;
use crate::rules::Area;
use crate::rules::Check;
use crate::rules::Rule;
use crate::rules::walk;
use crate::rules::walk::ContainerAt;
use crate::values::env::EnvValue;

pub const RULE: Rule = Rule {
    code: "env-cycle",
    severity: Severity::Error,
    area: Area::Services,
    what: "Variables that refer to each other in a circle by `$(NAME)`.",
    why: "Kubernetes fills in only what stands above a variable, and in a circle nothing can.",
    example: "services: { web: { image: web:1, env: { A: \"$(B)\", B: \"$(A)\" } } }",
    check: Check::Cluster(check),
};

fn check(cluster: &Cluster, findings: &mut Vec<Diagnostic>) {
    for at in walk::containers(cluster) {
        let mut done: BTreeSet<&str> = BTreeSet::new();
        for name in at.container.env.keys().map(|name| name.as_str()) {
            if let Some(circle) = circle(at, name, &mut done)
                && circle.iter().any(|name| at.has_own(name))
            {
                let first = circle.first().copied().unwrap_or(name);
                let message = format!("`{}` refers to itself: {} -> {first}", first, circle.join(" -> "));
                let finding = RULE.field(at.path().key("env").key(first), message);
                findings.push(finding.hint("write one of them without `$(...)`"));
            }
        }
    }
}

/// The first circle that is met from a variable through those that it names, without recursion.
fn circle<'a>(at: ContainerAt<'a>, start: &'a str, done: &mut BTreeSet<&'a str>) -> Option<Vec<&'a str>> {
    let env = &at.container.env;
    let named = |name: &str| match env.get(name) {
        Some(EnvValue::Text(text)) => variables::named(text),
        _ => Vec::new(),
    };
    let mut way: Vec<(&str, Vec<&str>)> = vec![(start, named(start))];
    while let Some((name, next)) = way.last_mut() {
        let name = *name;
        match next.pop() {
            // A variable that names itself keeps the value that stands above it, or the text.
            Some(other) if other == name => {}
            Some(other) => {
                if let Some(from) = way.iter().position(|(on_way, _)| *on_way == other) {
                    done.extend(way.iter().map(|(name, _)| *name));
                    return Some(way.iter().skip(from).map(|(name, _)| *name).collect());
                }
                if !done.contains(other) && env.contains_key(other) {
                    way.push((other, named(other)));
                }
            }
            None => {
                done.insert(name);
                way.pop();
            }
        }
    }
    None
}
