//! An instance of a `perNode` service whose name `SERVICE-NODE` has more than 63 characters.

use crate::diagnostic::Diagnostic;
use crate::diagnostic::Severity;
use crate::model::Cluster;
use crate::model::Workload;
use crate::rules::Area;
use crate::rules::Check;
use crate::rules::Rule;
use crate::rules::walk;

pub const RULE: Rule = Rule {
    code: "instance-name-too-long",
    severity: Severity::Error,
    area: Area::Services,
    what: "An instance of a `perNode` service whose name `SERVICE-NODE` has more than 63 characters.",
    why: "The instance is a Deployment and a Service of its own, and the name of a Service has at most 63 characters.",
    example: "nodes: { a-node-with-quite-a-long-name: { address: 192.168.1.11/24, role: server } }\n\
        services: { a-service-with-quite-a-long-name-as-well: { image: web:1, perNode: [a-node-with-quite-a-long-name] } }",
    check: Check::Cluster(check),
};

const LONGEST: usize = 63;

fn check(cluster: &Cluster, findings: &mut Vec<Diagnostic>) {
    for at in walk::services(cluster) {
        let Workload::PerNode(nodes) = &at.service.workload else { continue };
        for (index, node) in nodes.iter().enumerate() {
            let length = at.name.as_str().len() + 1 + node.as_str().len();
            if length > LONGEST {
                let name = format!("{}-{node}", at.name);
                let message = format!("expected at most {LONGEST} characters in `{name}`, found {length}");
                let finding = RULE.field(at.field("perNode").index(index), message);
                findings.push(finding.hint("give the service a shorter name"));
            }
        }
    }
}
