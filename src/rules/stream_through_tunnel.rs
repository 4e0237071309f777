//! A TCP or UDP stream that goes through the tunnel.

use crate::diagnostic::Diagnostic;
use crate::diagnostic::Severity;
use crate::model::Cluster;
use crate::model::TUNNEL;
use crate::rules::Area;
use crate::rules::Check;
use crate::rules::Rule;
use crate::rules::walk;

pub const RULE: Rule = Rule {
    code: "stream-through-tunnel",
    severity: Severity::Error,
    area: Area::Network,
    what: "A TCP or UDP stream that goes through the tunnel.",
    why: "Cloudflare's tunnel carries TCP only to clients that run cloudflared themselves.",
    example: "services: { git: { image: git:1, ports: { ssh: 2222 }, streams: { ssh: { port: 2222, via: [tunnel] } } } }",
    check: Check::Cluster(check),
};

fn check(cluster: &Cluster, findings: &mut Vec<Diagnostic>) {
    for at in walk::services(cluster) {
        for (port, stream) in &at.service.streams {
            for (index, _) in stream.via.iter().enumerate().filter(|(_, name)| name.as_str() == TUNNEL) {
                let path = at.field("streams").key(port.as_str()).key("via").index(index);
                let finding = RULE.field(path, "a stream cannot go through the tunnel");
                findings.push(finding.hint("name a gateway, or make it a route if it speaks HTTP"));
            }
        }
    }
}
