//! `$(NAME)` in an argument or a variable, and no variable of that name.

use crate::diagnostic::Diagnostic;
use crate::diagnostic::FieldPath;
use crate::diagnostic::Severity;
use crate::model::Cluster;
use crate::model::Workload;
use crate::plan::variables;
use crate::rules::Area;
use crate::rules::Check;
use crate::rules::Rule;
use crate::rules::walk;
use crate::rules::walk::ContainerAt;
use crate::values::env::EnvValue;

pub const RULE: Rule = Rule {
    code: "unknown-variable",
    severity: Severity::Advice,
    area: Area::Services,
    what: "`$(NAME)` in an argument or a variable, and no variable of that name.",
    why: "Kubernetes leaves a `$(NAME)` that it does not know as it is, and the program gets it literally.",
    example: "services: { web: { image: web:1, args: [\"--listen=$(LISTEN)\"] } }",
    check: Check::Cluster(check),
};

fn check(cluster: &Cluster, findings: &mut Vec<Diagnostic>) {
    // What a whole Secret or ConfigMap brings in is not known here.
    for at in walk::containers(cluster).filter(|at| at.container.env_from.is_empty()) {
        let mut found = |path: FieldPath, text: &str| {
            for name in variables::named(text).into_iter().filter(|name| is_meant(name) && !is_known(cluster, at, name))
            {
                let finding =
                    RULE.field(path.clone(), format!("there is no variable `{name}`, so `$({name})` stays as it is"));
                findings.push(finding.hint("declare it under `env`, or write `$$(...)` for the text itself"));
            }
        };
        for (key, texts) in [("command", &at.container.command), ("args", &at.container.args)] {
            for (index, text) in texts.iter().enumerate().filter(|(_, text)| text.contains("$(")) {
                found(at.path().key(key).index(index), text);
            }
        }
        for (name, value) in &at.container.env {
            if let EnvValue::Text(text) = value
                && text.contains("$(")
                && at.has_own(name.as_str())
            {
                found(at.path().key("env").key(name.as_str()), text);
            }
        }
    }
}

/// `$(date)` in a shell's line is the shell's.
fn is_meant(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
}

fn is_known(cluster: &Cluster, at: ContainerAt, name: &str) -> bool {
    let per_node = matches!(at.of.service.workload, Workload::PerNode(_));
    let ours = match name {
        "TZ" => cluster.timezone.is_some(),
        "HA_POD_NAME" => true,
        "HA_PEER_NAMES" | "HA_PEER_ADDRESSES" => per_node,
        "HA_INSTANCE_NAME" | "HA_INSTANCE_ADDRESS" => per_node && at.beside.is_none_or(|(list, _)| list != "once"),
        _ => false,
    };
    ours || at.container.env.contains_key(name)
}
