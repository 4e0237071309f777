//! A private claim on a class that only one node at a time can mount.

use crate::diagnostic::Diagnostic;
use crate::diagnostic::Severity;
use crate::model::Cluster;
use crate::plan::classes::Class;
use crate::rules::Area;
use crate::rules::Check;
use crate::rules::Rule;
use crate::rules::walk;
use crate::values::mount::Mount;

pub const RULE: Rule = Rule {
    code: "slow-failover",
    severity: Severity::Advice,
    area: Area::Storage,
    what: "A private claim on a class that only one node at a time can mount.",
    why: "When a node dies its volumes stay attached to it for minutes, and the service waits that long.",
    example: "nodes: { a: { address: 192.168.1.11/24, role: server }, b: { address: 192.168.1.12/24, role: agent } }\n\
        storage: { classes: { fast: { existing: fast, accessModes: [ReadWriteOnce] } } }\n\
        services: { db: { image: db:1, mounts: { /data: { claim: 1Gi, class: fast } } } }",
    check: Check::Cluster(check),
};

fn check(cluster: &Cluster, findings: &mut Vec<Diagnostic>) {
    if cluster.nodes.len() < 2 {
        return;
    }
    for at in walk::mounts(cluster) {
        let Mount::Claim(claim) = at.mount else { continue };
        let word = claim.class.as_ref().unwrap_or(&cluster.storage.private);
        let message = match Class::of(cluster, word) {
            Some(class) if class.is_shared() => continue,
            Some(Class::Existing { name, .. }) if name == "local-path" => {
                "the files stay on one node, and the service with them".to_owned()
            }
            Some(_) => format!("class `{word}` stays attached to a dead node for minutes"),
            None => continue,
        };
        findings.push(RULE.key(at.path(), message).hint("class `cephfs` moves at once"));
    }
}
