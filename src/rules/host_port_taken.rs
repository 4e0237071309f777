//! Services in the network of the node that want a port which another one or K3s has.

use std::collections::BTreeMap;

use crate::diagnostic::Diagnostic;
use crate::diagnostic::Place;
use crate::diagnostic::Severity;
use crate::model::Cluster;
use crate::model::Workload;
use crate::rules::Area;
use crate::rules::Check;
use crate::rules::Rule;
use crate::rules::walk;
use crate::rules::walk::ServiceAt;
use crate::values::ports::Protocol;

pub const RULE: Rule = Rule {
    code: "host-port-taken",
    severity: Severity::Error,
    area: Area::Network,
    what: "Services in the network of the node that want a port which another one or K3s has.",
    why: "On a node only one process can listen on a port: the second pod would never start, or never be ready.",
    example: "services: { a: { image: a:1, hostNetwork: true, ports: { http: 8080 } }, b: { image: b:1, hostNetwork: true, ports: { http: 8080 } } }",
    check: Check::Cluster(check),
};

/// What K3s' servers and agents listen on (docs.k3s.io, "Requirements", "Inbound Rules").
const K3S: &[(u16, Protocol)] = &[
    (2379, Protocol::Tcp),
    (2380, Protocol::Tcp),
    (6443, Protocol::Tcp),
    (8472, Protocol::Udp),
    (10250, Protocol::Tcp),
];

fn check(cluster: &Cluster, findings: &mut Vec<Diagnostic>) {
    let mut taken: BTreeMap<(u16, Protocol), Vec<(ServiceAt, &str)>> = BTreeMap::new();
    for at in walk::services(cluster).filter(|at| at.service.host_network) {
        for (name, port) in &at.service.ports {
            let path = |at: ServiceAt, name: &str| at.field("ports").key(name).key("port");
            for protocol in &port.protocols {
                if K3S.contains(&(port.port, *protocol)) {
                    let message = format!("port {} of the node is K3s' own", port.port);
                    let finding = RULE.field(path(at, name.as_str()), message);
                    findings.push(finding.hint("let the program listen on another port, or take `hostNetwork` out"));
                    continue;
                }
                let others = taken.entry((port.port, *protocol)).or_default();
                if let Some((other, its_name)) = others.iter().find(|(other, _)| may_meet(*other, at)) {
                    findings.push(
                        RULE.field(
                            path(at, name.as_str()),
                            format!("port {} of the node is taken by service `{}`", port.port, other.name),
                        )
                        .label(Place::Field(path(*other, its_name)), "taken here")
                        .hint("give one of them another port, or `nodes` of its own"),
                    );
                    break;
                }
                others.push((at, name.as_str()));
            }
        }
    }
}

/// Whether two services may run on one node. Labels of nodes are not known.
fn may_meet(one: ServiceAt, other: ServiceAt) -> bool {
    let nodes = |at: ServiceAt<'_>| match &at.service.workload {
        Workload::PerNode(nodes) => nodes.clone(),
        _ => at.service.nodes.clone(),
    };
    let (some, others) = (nodes(one), nodes(other));
    let by_labels = !one.service.node_selector.is_empty() || !other.service.node_selector.is_empty();
    !by_labels && (some.is_empty() || others.is_empty() || some.iter().any(|node| others.contains(node)))
}
