//! A domain below `.local`.

use crate::diagnostic::Diagnostic;
use crate::diagnostic::FieldPath;
use crate::diagnostic::Severity;
use crate::model::Cluster;
use crate::rules::Area;
use crate::rules::Check;
use crate::rules::Rule;
use crate::rules::walk;

pub const RULE: Rule = Rule {
    code: "domain-of-multicast",
    severity: Severity::Warning,
    area: Area::Network,
    what: "A domain below `.local`.",
    why: "Computers and telephones ask everybody in the network for such names (multicast DNS, RFC 6762), and not the DNS server.",
    example: "domain: home.local",
    check: Check::Cluster(check),
};

fn check(cluster: &Cluster, findings: &mut Vec<Diagnostic>) {
    let ours = cluster.k3s.cluster_domain.as_str();
    let is_local = |domain: &str| domain.ends_with(".local") && !walk::is_host_of(domain, ours);
    if let Some(domain) = cluster.domain.as_ref().filter(|domain| is_local(domain.as_str())) {
        let finding =
            RULE.field(FieldPath::of(["domain"]), format!("`{domain}` is asked for by multicast, not at a server"));
        findings.push(finding.hint("take a domain of your own, or one below `home.arpa` (RFC 8375)"));
    }
}
