//! A service that may do anything in the cluster.

use crate::diagnostic::Diagnostic;
use crate::diagnostic::Severity;
use crate::model::Cluster;
use crate::rules::Area;
use crate::rules::Check;
use crate::rules::Rule;
use crate::rules::walk;

pub const RULE: Rule = Rule {
    code: "rights-to-everything",
    severity: Severity::Advice,
    area: Area::Services,
    what: "A service that may do anything in the cluster.",
    why: "Whoever gets into its pod owns every Secret and every node.",
    example: "services: { web: { image: web:1, serviceAccount: { clusterRules: [{ apiGroups: [\"*\"], resources: [\"*\"], verbs: [\"*\"] }] } } }",
    check: Check::Cluster(check),
};

fn check(cluster: &Cluster, findings: &mut Vec<Diagnostic>) {
    for at in walk::services(cluster) {
        let Some(account) = &at.service.service_account else { continue };
        for (index, rule) in account.cluster_rules.iter().enumerate() {
            let all = |words: &[String]| words.iter().any(|word| word == "*");
            if all(&rule.resources) && all(&rule.verbs) && all(&rule.api_groups) {
                let path = at.field("serviceAccount").key("clusterRules").index(index);
                let finding = RULE.key(path, format!("service `{}` may do anything in the cluster", at.name));
                findings.push(finding.hint("name the resources and verbs that it needs"));
            }
        }
    }
}
