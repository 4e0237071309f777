//! More replicas in the network of the node than there are nodes.

use crate::diagnostic::Diagnostic;
use crate::diagnostic::Severity;
use crate::model::Cluster;
use crate::model::Workload;
use crate::rules::Area;
use crate::rules::Check;
use crate::rules::Rule;
use crate::rules::walk;

pub const RULE: Rule = Rule {
    code: "too-many-host-pods",
    severity: Severity::Warning,
    area: Area::Services,
    what: "More replicas in the network of the node than there are nodes.",
    why: "On a node only one of them can listen on a port: the others never start.",
    example: "services: { dns: { image: dns:1, replicas: 2, hostNetwork: true, ports: { dns: 53 } } }",
    check: Check::Cluster(check),
};

fn check(cluster: &Cluster, findings: &mut Vec<Diagnostic>) {
    for at in walk::services(cluster).filter(|at| at.service.host_network && !at.service.ports.is_empty()) {
        let nodes = if at.service.nodes.is_empty() { cluster.nodes.len() } else { at.service.nodes.len() };
        let replicas = at.service.replicas.unwrap_or(1) as usize;
        if matches!(at.service.workload, Workload::Deployment | Workload::StatefulSet) && replicas > nodes && nodes > 0
        {
            let message = format!("{replicas} pods want the same ports on {nodes} nodes");
            let finding = RULE.field(at.field("replicas"), message.replace(" 1 nodes", " 1 node"));
            findings.push(finding.hint("lower `replicas`, or take `hostNetwork` out"));
        }
    }
}
