//! Settings of the values -> cert-manager's own programs; `None` when they are there already.

use serde::Serialize;

use crate::model::Cluster;
use crate::values::addons::Source;
use crate::values::program::Program;
use crate::values::program::Verbosity;

/// Resolvers that no router at home stands in for (one.one.one.one, quad9.net).
const PUBLIC: [&str; 2] = ["1.1.1.1:53", "9.9.9.9:53"];
/// As many as upstream's chart lets be answered at once.
const CHALLENGES: u16 = 60;

/// cert-manager's programs.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CertManager {
    pub controller: Replicated,
    pub webhook: Replicated,
    pub cainjector: Replicated,
    pub log_level: Verbosity,
    /// Asked instead of the cluster's; empty for those.
    pub dns01_nameservers: Vec<String>,
    pub max_concurrent_challenges: u16,
    pub secrets_follow_certificates: bool,
}

/// A program with the number of its pods; from two on a budget lets only one of them be evicted at a time.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Replicated {
    pub replicas: u16,
    pub program: Program,
}

pub fn plan(cluster: &Cluster) -> Option<CertManager> {
    let values = &cluster.addons.cert_manager;
    let nodes = u16::try_from(cluster.nodes.len()).unwrap_or(u16::MAX).max(1);
    let replicated = |said: Option<u16>, usual: u16, program: &Program| Replicated {
        replicas: said.unwrap_or(usual.min(nodes)),
        program: program.clone(),
    };
    (values.source == Source::Builtin).then(|| CertManager {
        controller: replicated(values.replicas.controller, 2, &values.controller),
        webhook: replicated(values.replicas.webhook, 3, &values.webhook),
        cainjector: replicated(values.replicas.cainjector, 2, &values.cainjector),
        log_level: values.log_level,
        dns01_nameservers: values.dns01_nameservers.clone().unwrap_or_else(|| nameservers(cluster)),
        max_concurrent_challenges: values.max_concurrent_challenges.unwrap_or(CHALLENGES),
        secrets_follow_certificates: values.secrets_follow_certificates,
    })
}

/// Public ones where all records are public. The zone of an RFC 2136 server may be known at home only.
fn nameservers(cluster: &Cluster) -> Vec<String> {
    let mut solvers = cluster.issuers.values().filter_map(|issuer| issuer.acme.as_ref()?.dns01.as_ref()).peekable();
    let public = solvers.peek().is_some() && solvers.all(|solver| solver.cloudflare.is_some());
    if public { PUBLIC.map(str::to_owned).to_vec() } else { Vec::new() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::sample;

    #[test]
    fn replicas_follow_the_nodes_and_nameservers_the_issuers() {
        let check = |nodes: usize, issuer: &str, said: &str, replicas: [u16; 3], nameservers: &[&str]| {
            let nodes = (1..=nodes).map(|at| format!("n{at}: {{ address: 10.0.0.{at}/24, role: server }}"));
            let cluster = sample::cluster(&format!(
                "nodes: {{ {} }}\ncertificates: {{ issuers: {{ le: {{ {issuer} }} }} }}\naddons: {{ cert-manager: {{ {said} }} }}",
                nodes.collect::<Vec<_>>().join(", ")
            ));
            let plan = plan(&cluster).unwrap();
            let found = [&plan.controller, &plan.webhook, &plan.cainjector].map(|program| program.replicas);
            assert_eq!(found, replicas, "{issuer} {said}");
            assert_eq!(plan.dns01_nameservers, nameservers, "{issuer} {said}");
        };
        let cloudflare = "acme: { email: a@b.c, dns01: { cloudflare: { apiToken: { secret: a, key: b } } } }";
        check(1, cloudflare, "", [1, 1, 1], &PUBLIC);
        check(2, "ca: {}", "", [2, 2, 2], &[]);
        check(5, "acme: { email: a@b.c, http01: {} }", "", [2, 3, 2], &[]);
        check(3, cloudflare, "dns01Nameservers: [], replicas: { webhook: 5 }", [2, 5, 2], &[]);
        let existing = sample::cluster("addons: { cert-manager: { source: existing, namespace: a } }");
        assert_eq!(super::plan(&existing), None);
    }
}
