//! The URL of a login names a service or a port that is not in the file.

use crate::diagnostic::Diagnostic;
use crate::diagnostic::FieldPath;
use crate::diagnostic::Severity;
use crate::diagnostic::suggestion;
use crate::model::Cluster;
use crate::model::Kind;
use crate::rules::Area;
use crate::rules::Check;
use crate::rules::Rule;
use crate::values::auth::Login;

pub const RULE: Rule = Rule {
    code: "unknown-login-service",
    severity: Severity::Warning,
    area: Area::Network,
    what: "The URL of a login names a service or a port that is not in the file.",
    why: "A gateway that cannot ask the authentication service answers every request with an error.",
    example: "auth: { authelia: { request: \"http://autelia:9091/api/authz/auth-request\" } }\n\
        services: { authelia: { image: authelia:4, ports: { http: 9091 } } }",
    check: Check::Cluster(check),
};

fn check(cluster: &Cluster, findings: &mut Vec<Diagnostic>) {
    for (name, login) in &cluster.auth {
        let Login::Request(login) = login else { continue };
        let Some((host, port)) = host_and_port(&login.request) else { continue };
        // A name with a dot is not one of the release's Services.
        if host.contains('.') || cluster.was_removed(Kind::Service, host) {
            continue;
        }
        let path = FieldPath::of(["auth", name.as_str(), "request"]);
        match cluster.services.get(host) {
            None => {
                let finding = RULE.field(path, format!("there is no service `{host}` in `services`"));
                let known = suggestion(host, cluster.services.keys().map(|name| name.as_str()));
                findings.push(finding.hint(known.unwrap_or_else(|| "declare it under `services`".to_owned())));
            }
            Some(service) if !service.ports.values().any(|known| known.port == port) => {
                let known: Vec<String> = service.ports.values().map(|port| port.port.to_string()).collect();
                let finding = RULE.field(path, format!("service `{host}` has no port {port}"));
                findings.push(finding.hint(format!("its ports: {}", known.join(", "))));
            }
            Some(_) => {}
        }
    }
}

/// `None` for an IPv6 address or a port that is no number.
fn host_and_port(url: &str) -> Option<(&str, u16)> {
    let (scheme, rest) = url.split_once("://")?;
    let authority = rest.split('/').next()?;
    let standard = if scheme == "https" { 443 } else { 80 };
    match authority.split_once(':') {
        None => Some((authority, standard)),
        Some((host, port)) => Some((host, port.parse().ok()?)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_taken_apart() {
        let check = |url: &str, expect| assert_eq!(host_and_port(url), expect, "{url}");
        check("http://authelia:9091/api", Some(("authelia", 9091)));
        check("https://authelia", Some(("authelia", 443)));
        check("http://[fd00::1]:80/", None);
    }
}
