//! Two services on one address of their own with the same port.

use std::collections::BTreeMap;

use crate::diagnostic::Diagnostic;
use crate::diagnostic::Place;
use crate::diagnostic::Severity;
use crate::model::Cluster;
use crate::rules::Area;
use crate::rules::Check;
use crate::rules::Rule;
use crate::rules::walk;

pub const RULE: Rule = Rule {
    code: "address-port-taken",
    severity: Severity::Error,
    area: Area::Network,
    what: "Two services on one address of their own with the same port.",
    why: "An address can be shared only where the ports differ: the second Service would never get it.",
    example: "loadBalancer: { pools: { lan: { addresses: 192.168.1.241-192.168.1.250 } } }\n\
        services: { a: { image: a:1, ports: { dns: 53 }, expose: { address: 192.168.1.241 } }, b: { image: b:1, ports: { dns: 53 }, expose: { address: 192.168.1.241 } } }",
    check: Check::Cluster(check),
};

fn check(cluster: &Cluster, findings: &mut Vec<Diagnostic>) {
    let mut taken: BTreeMap<_, walk::ExposedAt> = BTreeMap::new();
    for at in walk::exposed(cluster) {
        let mut told = false;
        for port in at.of.service.ports.values() {
            for protocol in &port.protocols {
                match taken.get(&(at.address, port.port, *protocol)) {
                    Some(other) if !told => {
                        told = true;
                        let message =
                            format!("port {} of `{}` is taken by service `{}`", port.port, at.address, other.of.name);
                        let finding = RULE.field(at.path(), message).label(Place::Field(other.path()), "taken here");
                        findings.push(finding.hint("give one of them another address"));
                    }
                    Some(_) => {}
                    None => _ = taken.insert((at.address, port.port, *protocol), at),
                }
            }
        }
    }
}
