//! A host or a domain below the domain of the cluster.

use crate::diagnostic::Diagnostic;
use crate::diagnostic::FieldPath;
use crate::diagnostic::Severity;
use crate::model::Cluster;
use crate::rules::Area;
use crate::rules::Check;
use crate::rules::Rule;
use crate::rules::walk;

pub const RULE: Rule = Rule {
    code: "domain-of-cluster",
    severity: Severity::Error,
    area: Area::Network,
    what: "A host or a domain below the domain of the cluster.",
    why: "Its DNS answers such names itself: pods would be told that there is no such host.",
    example: "domain: home.cluster.local\n\
        services: { web: { image: web:1 } }",
    check: Check::Cluster(check),
};

fn check(cluster: &Cluster, findings: &mut Vec<Diagnostic>) {
    let ours = cluster.k3s.cluster_domain.as_str();
    if let Some(domain) = cluster.domain.as_ref().filter(|domain| walk::is_host_of(domain.as_str(), ours)) {
        let finding = RULE.field(FieldPath::of(["domain"]), format!("`{domain}` belongs to the cluster's own DNS"));
        findings.push(finding.hint("take a domain of your own"));
        return;
    }
    for at in walk::routes(cluster).filter(|at| walk::is_host_of(&at.route.host, ours)) {
        let finding = RULE.key(at.path(), format!("`{}` belongs to the cluster's own DNS", at.route.host));
        findings.push(finding.hint("take a domain of your own"));
    }
}
