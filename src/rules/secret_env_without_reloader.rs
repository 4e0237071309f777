//! A service with a Secret in its environment, without the Reloader.

use crate::diagnostic::Diagnostic;
use crate::diagnostic::FieldPath;
use crate::diagnostic::Severity;
use crate::model::Cluster;
use crate::model::Workload;
use crate::rules::Area;
use crate::rules::Check;
use crate::rules::Rule;
use crate::rules::walk;
use crate::rules::walk::ServiceAt;
use crate::values::env::EnvSource;
use crate::values::env::EnvValue;

pub const RULE: Rule = Rule {
    code: "secret-env-without-reloader",
    severity: Severity::Advice,
    area: Area::Services,
    what: "A service with a Secret in its environment, without the Reloader.",
    why: "A process keeps the environment that it started with: a changed Secret reaches it only by a restart.",
    example: "services: { web: { image: web:1, env: { TOKEN: { secret: web, key: token } } } }",
    check: Check::Cluster(check),
};

fn check(cluster: &Cluster, findings: &mut Vec<Diagnostic>) {
    if cluster.addons.reloader.is_some() {
        return;
    }
    for at in walk::services(cluster) {
        let kind = match at.service.workload {
            // Each run reads it anew.
            Workload::CronJob(_) => continue,
            Workload::StatefulSet => "statefulset",
            Workload::DaemonSet => "daemonset",
            Workload::Deployment | Workload::PerNode(_) => "deployment",
        };
        if let Some(path) = first(at) {
            let namespace = &cluster.namespace;
            let target = match at.service.workload {
                Workload::PerNode(_) => format!("{kind} -l app.kubernetes.io/name={}", at.name),
                _ => format!("{kind}/{}", at.name),
            };
            let finding = RULE.key(path, "the service does not see when the Secret changes");
            findings.push(finding.hint(format!(
                "after a change run `kubectl -n {namespace} rollout restart {target}`, or set `addons.reloader`"
            )));
        }
    }
}

/// The first variable, or list of variables, of a Secret.
fn first(at: ServiceAt) -> Option<FieldPath> {
    walk::containers_of(at).filter(|at| at.beside.is_none_or(|(list, _)| list == "sidecars")).find_map(|at| {
        let container = at.container;
        let mut env = container.env.iter().filter(|(name, _)| at.has_own(name.as_str()));
        let variable = env.find(|(_, value)| matches!(value, EnvValue::Secret(_)));
        let mut lists = container.env_from.iter().filter(|_| at.beside.is_none());
        let list = lists.find(|(_, source)| **source == EnvSource::Secret);
        let path = |key: &str, name: &str| at.path().key(key).key(name);
        variable.map(|(name, _)| path("env", name.as_str())).or(list.map(|(name, _)| path("envFrom", name.as_str())))
    })
}
