//! Two streams on the same port of one gateway.

use std::collections::BTreeMap;

use crate::diagnostic::Diagnostic;
use crate::diagnostic::FieldPath;
use crate::diagnostic::Place;
use crate::diagnostic::Severity;
use crate::model::Cluster;
use crate::rules::Area;
use crate::rules::Check;
use crate::rules::Rule;
use crate::rules::walk;

pub const RULE: Rule = Rule {
    code: "stream-port-taken",
    severity: Severity::Error,
    area: Area::Network,
    what: "Two streams on the same port of one gateway.",
    why: "A gateway can listen once on a port.",
    example: "gateways: { lan: 192.168.1.240 }\n\
        services: { a: { image: a:1, ports: { ssh: 22 }, streams: { ssh: 2222 } }, b: { image: b:1, ports: { ssh: 22 }, streams: { ssh: 2222 } } }",
    check: Check::Cluster(check),
};

fn check(cluster: &Cluster, findings: &mut Vec<Diagnostic>) {
    let mut taken: BTreeMap<_, (FieldPath, &str)> = BTreeMap::new();
    for at in walk::services(cluster) {
        for (name, stream) in &at.service.streams {
            let Some(port) = at.service.ports.get(name) else { continue };
            let path = at.field("streams").key(name.as_str()).key("port");
            let keys = stream.via.iter().flat_map(|gateway| port.protocols.iter().map(move |of| (gateway, *of)));
            for (gateway, protocol) in keys {
                match taken.get(&(gateway, protocol, stream.port)) {
                    Some((other, service)) if *other != path => {
                        findings.push(
                            RULE.field(
                                path.clone(),
                                format!("port {} of gateway `{gateway}` is taken by service `{service}`", stream.port),
                            )
                            .label(Place::Field(other.clone()), "taken here")
                            .hint("give one of them another port"),
                        );
                        break;
                    }
                    Some(_) => {}
                    None => _ = taken.insert((gateway, protocol, stream.port), (path.clone(), at.name.as_str())),
                }
            }
        }
    }
}
