//! Two parts of the file that become objects of one name.

use std::collections::BTreeMap;

use crate::diagnostic::Diagnostic;
use crate::diagnostic::FieldPath;
use crate::diagnostic::Place;
use crate::diagnostic::Severity;
use crate::model::Cluster;
use crate::model::Workload;
use crate::plan::instances;
use crate::plan::names;
use crate::rules::Area;
use crate::rules::Check;
use crate::rules::Rule;
use crate::rules::walk;
use crate::values::mount::Mount;

pub const RULE: Rule = Rule {
    code: "name-collision",
    severity: Severity::Error,
    area: Area::Services,
    why: "The second object would overwrite the first, or the install would stop with `already exists`.",
    example: "services: { web: { image: web:1, mounts: { /data: { claim: 1Gi, name: cache } } } }\n\
        volumes: { web-cache: { size: 1Gi, class: longhorn } }",
    check: Check::Cluster(check),
};

fn check(cluster: &Cluster, findings: &mut Vec<Diagnostic>) {
    let mut claims = Names::new("claim");
    let mut services = Names::new("Service");
    for export in cluster.storage.nfs.keys() {
        claims.take(names::export(export), || FieldPath::of(["storage", "nfs", export.as_str()]), findings);
    }
    for (volume, _) in cluster.volumes.iter().filter(|(_, volume)| volume.existing.is_none()) {
        claims.take(volume.to_string(), || FieldPath::of(["volumes", volume.as_str()]), findings);
    }
    for gateway in cluster.gateways.keys() {
        services.take(names::gateway(gateway), || FieldPath::of(["gateways", gateway.as_str()]), findings);
    }
    for name in cluster.services.keys() {
        services.take(name.to_string(), || FieldPath::of(["services", name.as_str()]), findings);
    }
    for at in walk::services(cluster) {
        if instances::has_companion(cluster, at.service) {
            services.take(names::headless(at.name), || at.path(), findings);
        }
        if let Workload::PerNode(nodes) = &at.service.workload {
            for (index, node) in nodes.iter().enumerate() {
                services.take(names::instance(at.name, node), || at.field("perNode").index(index), findings);
            }
        }
        if at.service.workload == Workload::StatefulSet {
            // Its claims are called `CLAIM-SERVICE-NUMBER`.
            continue;
        }
        let mut own = Vec::new();
        for mount in walk::containers_of(at).flat_map(walk::mounts_of) {
            if let Mount::Claim(claim) = mount.mount {
                let name = names::claim(at.name, claim.name.as_ref());
                // One claim at two paths is one claim.
                if !own.contains(&name) {
                    claims.take(name.clone(), || mount.path(), findings);
                    own.push(name);
                }
            }
        }
    }
}

/// The names of one kind of objects, each with the part that it comes from.
struct Names {
    kind: &'static str,
    taken: BTreeMap<String, FieldPath>,
}

impl Names {
    fn new(kind: &'static str) -> Self {
        Self { kind, taken: BTreeMap::new() }
    }

    fn take(&mut self, name: String, path: impl FnOnce() -> FieldPath, findings: &mut Vec<Diagnostic>) {
        let path = path();
        match self.taken.get(&name) {
            // The same node twice in `perNode` is another rule's.
            Some(other) if other.segments().len() == path.segments().len() && other.prefix(3) == path.prefix(3) => {}
            Some(other) => findings.push(
                RULE.key(path, format!("the {} `{name}` is made twice", self.kind))
                    .label(Place::Key(other.clone()), "made here as well")
                    .hint("give one of them another name"),
            ),
            None => _ = self.taken.insert(name, path),
        }
    }
}
