//! A route, a stream, a probe or `metrics` names a port that the service does not have.

use crate::diagnostic::Diagnostic;
use crate::diagnostic::Place;
use crate::diagnostic::Severity;
use crate::diagnostic::suggestion;
use crate::model::Cluster;
use crate::rules::Area;
use crate::rules::Check;
use crate::rules::Rule;
use crate::rules::reference;
use crate::rules::walk;
use crate::rules::walk::ServiceAt;
use crate::values::name::PortName;

pub const RULE: Rule = Rule {
    code: "unknown-port",
    severity: Severity::Error,
    area: Area::Services,
    what: "A route, a stream, a probe or `metrics` names a port that the service does not have.",
    why: "Nothing listens where the gateway, the kubelet or Prometheus would ask.",
    example: "services: { web: { image: web:1, ports: { http: 80 }, probe: { tcp: htpp } } }",
    check: Check::Cluster(check),
};

fn check(cluster: &Cluster, findings: &mut Vec<Diagnostic>) {
    for at in walk::routes(cluster) {
        findings.extend(unknown(cluster, at.of, &at.route.port, || Place::Field(at.path().key("port"))));
    }
    for at in walk::services(cluster) {
        for port in at.service.streams.keys() {
            findings.extend(unknown(cluster, at, port, || Place::Key(at.field("streams").key(port.as_str()))));
        }
        if let Some(metrics) = &at.service.metrics {
            findings.extend(unknown(cluster, at, &metrics.port, || Place::Field(at.field("metrics").key("port"))));
        }
    }
    for at in walk::containers(cluster) {
        for (key, probe) in at.probes() {
            for (field, port) in [("tcp", &probe.tcp), ("grpc", &probe.grpc), ("port", &probe.port)] {
                let place = || Place::Field(at.path().key("probes").key(key).key(field));
                findings.extend(port.as_ref().and_then(|port| unknown(cluster, at.of, port, place)));
            }
        }
    }
}

fn unknown(cluster: &Cluster, at: ServiceAt, port: &PortName, place: impl FnOnce() -> Place) -> Option<Diagnostic> {
    let ports = &at.service.ports;
    if ports.contains_key(port) || reference::was_removed(cluster, &at.field("ports").key(port.as_str())) {
        return None;
    }
    let hint = suggestion(port.as_str(), ports.keys().map(PortName::as_str));
    let hint = hint.unwrap_or_else(|| format!("declare it: `ports: {{ {port}: NUMBER }}`"));
    Some(RULE.at(place(), format!("service `{}` has no port `{port}`", at.name)).hint(hint))
}
