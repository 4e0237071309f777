//! A field of an object that Kubernetes never changes.

use crate::diagnostic::Diagnostic;
use crate::diagnostic::FieldPath;
use crate::diagnostic::Severity;
use crate::model::Workload;
use crate::plan::cluster_dns;
use crate::plan::names;
use crate::rules::Area;
use crate::rules::Check;
use crate::rules::Locks;
use crate::rules::Rule;
use crate::rules::locks::changed;
use crate::rules::locks::forget;
use crate::rules::walk;

pub const RULE: Rule = Rule {
    code: "fixed-field-changed",
    severity: Severity::Error,
    area: Area::Services,
    what: "A field of an object that Kubernetes never changes.",
    why: "The upgrade would fail; the object has to be made anew, its pods and files stay.",
    example: "# locked: fixed.StatefulSet/db: { claims: db, serviceName: \"\" }\n\
        services: { db: { image: db:1, kind: StatefulSet, ports: { sql: 5432 }, mounts: { /data: { claim: 1Gi, class: longhorn } } } }",
    check: Check::Lock(check),
};

fn check(locks: &Locks, findings: &mut Vec<Diagnostic>) {
    for (object, next) in &locks.next.fixed {
        let Some(old) = locks.old.lock.fixed.get(object) else { continue };
        let Some((kind, name)) = object.split_once('/') else { continue };
        let entry = format!("fixed.{object}");
        for (key, old, next) in changed(old, next) {
            let words = |text: &str| if text.is_empty() { "absent".to_owned() } else { format!("`{text}`") };
            let message = format!("`{key}` of the {kind} `{name}` is {}, and would become {}", words(old), words(next));
            let own = locks.old.lock.namespace.as_str();
            let (namespace, kind) = (if name == cluster_dns::NAME { "kube-system" } else { own }, kind.to_lowercase());
            let orphan = if kind == "statefulset" { " --cascade=orphan" } else { "" };
            let hint = format!(
                "`kubectl -n {namespace} delete {kind} {name}{orphan}`, {}, then install at once",
                forget(&entry)
            );
            findings.push(locks.label(RULE.key(path(locks, name), message).hint(hint), &entry));
        }
    }
}

fn path(locks: &Locks, object: &str) -> FieldPath {
    if object == cluster_dns::NAME {
        return FieldPath::of(["addons", cluster_dns::NAME, "address"]);
    }
    let made = |at: &walk::ServiceAt| match &at.service.workload {
        Workload::StatefulSet => names::with_label(at.name) == object,
        Workload::PerNode(nodes) => nodes.iter().any(|node| names::instance(at.name, node) == object),
        _ => false,
    };
    walk::services(locks.cluster).find(made).map_or_else(FieldPath::default, |at| at.path())
}
