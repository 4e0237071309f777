//! A route, a TCP probe, `metrics` or `proxyProtocol` on a port that speaks only UDP.

use crate::diagnostic::Diagnostic;
use crate::diagnostic::FieldPath;
use crate::diagnostic::Severity;
use crate::model::Cluster;
use crate::rules::Area;
use crate::rules::Check;
use crate::rules::Rule;
use crate::rules::walk;
use crate::rules::walk::ServiceAt;
use crate::values::name::PortName;
use crate::values::ports::Protocol;

pub const RULE: Rule = Rule {
    code: "tcp-on-udp-port",
    severity: Severity::Error,
    area: Area::Services,
    what: "A route, a TCP probe, `metrics` or `proxyProtocol` on a port that speaks only UDP.",
    why: "Nothing answers a TCP connection on a port that speaks UDP.",
    example: "services: { dns: { image: dns:1, ports: { dns: { port: 53, protocol: [UDP] } }, probe: { tcp: dns } } }",
    check: Check::Cluster(check),
};

fn check(cluster: &Cluster, findings: &mut Vec<Diagnostic>) {
    let is_udp = |at: ServiceAt, port: &PortName| {
        at.service.ports.get(port).is_some_and(|port| !port.protocols.contains(&Protocol::Tcp))
    };
    let mut found = |path: FieldPath, what: &str, port: &PortName| {
        let finding = RULE.field(path, format!("{what} speaks TCP, and port `{port}` is UDP only"));
        findings.push(finding.hint("name another port, or give this one `protocol: [TCP, UDP]`"));
    };
    for at in walk::routes(cluster).filter(|at| is_udp(at.of, &at.route.port)) {
        found(at.path().key("port"), "a route", &at.route.port);
    }
    for at in walk::services(cluster) {
        for (port, _) in at.service.streams.iter().filter(|(port, of)| of.proxy_protocol && is_udp(at, port)) {
            found(at.field("streams").key(port.as_str()).key("proxyProtocol"), "the PROXY protocol", port);
        }
        if let Some(metrics) = at.service.metrics.as_ref().filter(|metrics| is_udp(at, &metrics.port)) {
            found(at.field("metrics").key("port"), "Prometheus", &metrics.port);
        }
    }
    for at in walk::containers(cluster) {
        for (key, probe) in at.probes() {
            for (field, port) in [("tcp", &probe.tcp), ("grpc", &probe.grpc), ("port", &probe.port)] {
                if let Some(port) = port.as_ref().filter(|port| is_udp(at.of, port)) {
                    found(at.path().key("probes").key(key).key(field), "the probe", port);
                }
            }
        }
    }
}
