//! An issuer, a login, an export or a class that nothing refers to.

use std::collections::BTreeSet;

use crate::diagnostic::Diagnostic;
use crate::diagnostic::FieldPath;
use crate::diagnostic::Severity;
use crate::model::Cluster;
use crate::model::Kind;
use crate::rules::Area;
use crate::rules::Check;
use crate::rules::Rule;
use crate::rules::reference;
use crate::rules::walk;
use crate::values::mount::Mount;
use crate::values::storage::ClassName;

pub const RULE: Rule = Rule {
    code: "unused-part",
    severity: Severity::Advice,
    area: Area::Network,
    what: "An issuer, a login, an export or a class that nothing refers to.",
    why: "What nobody uses is often what somebody forgot to use.",
    example: "auth: { family: { basic: { secret: family } } }",
    check: Check::Cluster(check),
};

fn check(cluster: &Cluster, findings: &mut Vec<Diagnostic>) {
    let parts = ["services", "volumes", "storage", "certificates", "domain"];
    if parts.iter().any(|part| reference::is_incomplete(cluster, &FieldPath::of([*part]))) {
        return;
    }
    let ways = || walk::routes(cluster).flat_map(|at| at.route.ways.values());
    let logins: BTreeSet<&str> = ways().filter_map(|way| way.auth.as_ref()).map(|name| name.as_str()).collect();
    let issuers: BTreeSet<&str> =
        cluster.domains.values().filter_map(|domain| domain.issuer.as_ref()).map(|name| name.as_str()).collect();
    let classes: BTreeSet<&str> = walk::classes(cluster).map(|(_, class)| class).map(ClassName::as_str).collect();
    let mounted = walk::mounts(cluster).filter_map(|at| match at.mount {
        Mount::Nfs(mount) => Some(mount.nfs.as_str()),
        _ => None,
    });
    let exports: BTreeSet<&str> =
        mounted.chain(classes.iter().filter_map(|class| class.strip_prefix("nfs."))).collect();
    let mut found = |kind: Kind, what: &str, name: &str| {
        let finding = RULE.key(kind.path().key(name), format!("nothing uses {what} `{name}`"));
        findings.push(finding.hint("take it out, or name it where it is meant"));
    };
    for name in cluster.auth.keys().filter(|name| !logins.contains(name.as_str())) {
        found(Kind::Login, "login", name.as_str());
    }
    let default = cluster.default_issuer.as_ref();
    for name in cluster.issuers.keys().filter(|name| !issuers.contains(name.as_str()) && default != Some(name)) {
        found(Kind::Issuer, "issuer", name.as_str());
    }
    for name in cluster.storage.nfs.keys().filter(|name| !exports.contains(name.as_str())) {
        found(Kind::Export, "export", name.as_str());
    }
    for name in cluster.storage.classes.keys().filter(|name| !classes.contains(name.as_str())) {
        found(Kind::Class, "class", name.as_str());
    }
}
