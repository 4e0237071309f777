//! A TCP stream on a port that the gateway needs for HTTP.

use crate::diagnostic::Diagnostic;
use crate::diagnostic::Severity;
use crate::model::Cluster;
use crate::rules::Area;
use crate::rules::Check;
use crate::rules::Rule;
use crate::rules::walk;
use crate::values::ports::Protocol;

pub const RULE: Rule = Rule {
    code: "stream-port-reserved",
    severity: Severity::Error,
    area: Area::Network,
    what: "A TCP stream on a port that the gateway needs for HTTP.",
    why: "On 80 and 443 every gateway answers the routes.",
    example: "gateways: { lan: 192.168.1.240 }\n\
        services: { git: { image: git:1, ports: { ssh: 22 }, streams: { ssh: 443 } } }",
    check: Check::Cluster(check),
};

fn check(cluster: &Cluster, findings: &mut Vec<Diagnostic>) {
    for at in walk::services(cluster) {
        for (name, stream) in &at.service.streams {
            let is_tcp = at.service.ports.get(name).is_some_and(|port| port.protocols.contains(&Protocol::Tcp));
            if is_tcp && matches!(stream.port, 80 | 443) {
                let path = at.field("streams").key(name.as_str()).key("port");
                let finding = RULE.field(path, format!("port {} is the gateway's own, for routes", stream.port));
                findings.push(finding.hint("take another port, or make it a route if it speaks HTTP"));
            }
        }
    }
}
