//! The server of an NFS export or a name server that is neither a name nor an address.

use std::net::IpAddr;

use crate::diagnostic::Diagnostic;
use crate::diagnostic::FieldPath;
use crate::diagnostic::Severity;
use crate::model::Cluster;
use crate::rules::Area;
use crate::rules::Check;
use crate::rules::Rule;
use crate::values::name::Domain;

pub const RULE: Rule = Rule {
    code: "wrong-server",
    severity: Severity::Error,
    area: Area::Storage,
    what: "The server of an NFS export or a name server that is neither a name nor an address.",
    why: "A pod that mounts from such a server never starts, and a name server that cannot be asked proves nothing.",
    example: "storage: { nfs: { nas: { server: \"nas:/export\", path: /media } } }",
    check: Check::Cluster(check),
};

fn check(cluster: &Cluster, findings: &mut Vec<Diagnostic>) {
    for (name, export) in &cluster.storage.nfs {
        if !is_server(&export.server) {
            let path = FieldPath::of(["storage", "nfs", name.as_str(), "server"]);
            let finding = RULE.field(path, format!("expected a name or an address, found `{}`", export.server));
            findings.push(finding.hint("write the server alone; the folder is `path`"));
        }
    }
    for (name, issuer) in &cluster.issuers {
        let dns = issuer.acme.as_ref().and_then(|acme| acme.dns01.as_ref()).and_then(|dns| dns.rfc2136.as_ref());
        if let Some(dns) = dns.filter(|dns| !is_server(host(&dns.nameserver))) {
            let path =
                FieldPath::of(["certificates", "issuers", name.as_str(), "acme", "dns01", "rfc2136", "nameserver"]);
            let finding = RULE.field(path, format!("expected `HOST:PORT`, found `{}`", dns.nameserver));
            findings.push(finding.hint("write the name server with its port, such as `192.168.1.10:53`"));
        }
    }
}

fn is_server(text: &str) -> bool {
    text.parse::<IpAddr>().is_ok() || text.to_ascii_lowercase().parse::<Domain>().is_ok()
}

/// The host before a port; an IPv6 address with a port stands in brackets.
fn host(text: &str) -> &str {
    match text.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((host, _)) => host,
        None => match text.rsplit_once(':') {
            Some((host, port)) if port.parse::<u16>().is_ok() => host,
            _ => text,
        },
    }
}
