//! Two parts of the file that become objects, or folders of an NFS export, of one name.

use std::collections::BTreeMap;

use crate::diagnostic::Diagnostic;
use crate::diagnostic::FieldPath;
use crate::diagnostic::Place;
use crate::diagnostic::Severity;
use crate::model::Cluster;
use crate::model::Workload;
use crate::plan::classes::Class;
use crate::plan::instances;
use crate::plan::names;
use crate::rules::Area;
use crate::rules::Check;
use crate::rules::Rule;
use crate::rules::walk;
use crate::values::mount::Mount;
use crate::values::name::NodeName;

pub const RULE: Rule = Rule {
    code: "name-collision",
    severity: Severity::Error,
    area: Area::Services,
    what: "Two parts of the file that become objects, or folders of an NFS export, of one name.",
    why: "The second one would overwrite the first, share its files, or stop the install with `already exists`.",
    example: "services: { web: { image: web:1, mounts: { /data: { claim: 1Gi, class: longhorn, name: cache } } } }\n\
        volumes: { web-cache: { size: 1Gi, class: longhorn } }",
    check: Check::Cluster(check),
};

fn check(cluster: &Cluster, findings: &mut Vec<Diagnostic>) {
    volumes(cluster, findings);
    let mut taken = Names::default();
    for pool in cluster.pools.keys() {
        let path = FieldPath::of(["loadBalancer", "pools", pool.as_str()]);
        taken.take("address pool", pool.to_string(), path, findings);
    }
    for gateway in cluster.gateways.keys() {
        let path = || FieldPath::of(["gateways", gateway.as_str()]);
        taken.take("Service", names::gateway(gateway), path(), findings);
        taken.take("address pool", names::gateway(gateway), path(), findings);
        if cluster.tunnel.is_some() {
            taken.take("Service", names::gateway_of_tunnel(gateway), path(), findings);
        }
    }
    for name in cluster.services.keys() {
        taken.take("Service", name.to_string(), FieldPath::of(["services", name.as_str()]), findings);
    }
    for at in walk::services(cluster) {
        if instances::has_companion(cluster, at.service) {
            taken.take("Service", names::headless(at.name), at.path(), findings);
        }
        if let Workload::PerNode(nodes) = &at.service.workload {
            // The same node twice is another rule's.
            let first = |(index, node): &(usize, &NodeName)| !nodes.iter().take(*index).any(|other| other == *node);
            for (index, node) in nodes.iter().enumerate().filter(first) {
                let path = at.field("perNode").index(index);
                taken.take("Service", names::instance(at.name, node), path, findings);
            }
        }
    }
}

/// Claims, and the folders that are claims of an NFS export.
fn volumes(cluster: &Cluster, findings: &mut Vec<Diagnostic>) {
    let mut taken = Names::default();
    let kind = |class: Option<Class>| match class {
        Some(Class::Nfs(export)) => Some(format!("folder of export `{export}`")),
        Some(_) => Some("claim".to_owned()),
        None => None,
    };
    for export in cluster.storage.nfs.keys() {
        taken.take("claim", names::export(export), FieldPath::of(["storage", "nfs", export.as_str()]), findings);
    }
    for (name, volume) in cluster.volumes.iter().filter(|(_, volume)| volume.existing.is_none()) {
        if let Some(kind) = kind(Class::of(cluster, volume.class.as_ref().unwrap_or(&cluster.storage.shared))) {
            taken.take(&kind, names::volume(cluster, name), FieldPath::of(["volumes", name.as_str()]), findings);
        }
    }
    // The claims of a StatefulSet are called `CLAIM-SERVICE-NUMBER`.
    for at in walk::services(cluster).filter(|at| at.service.workload != Workload::StatefulSet) {
        let mut own = Vec::new();
        for mount in walk::containers_of(at).flat_map(walk::mounts_of) {
            let Mount::Claim(claim) = mount.mount else { continue };
            let class = Class::of(cluster, claim.class.as_ref().unwrap_or(&cluster.storage.private));
            let name = names::claim(cluster, at.name, claim.name.as_ref());
            // One claim at two paths is one claim.
            if let Some(kind) = kind(class).filter(|_| !own.contains(&name)) {
                taken.take(&kind, name.clone(), mount.path(), findings);
                own.push(name);
            }
        }
    }
}

/// Kinds and names, each with the part that it comes from.
#[derive(Default)]
struct Names(BTreeMap<(String, String), FieldPath>);

impl Names {
    fn take(&mut self, kind: &str, name: String, path: FieldPath, findings: &mut Vec<Diagnostic>) {
        let key = (kind.to_owned(), name);
        match self.0.get(&key) {
            Some(other) => findings.push(
                RULE.key(path, format!("the {kind} `{}` is made twice", key.1))
                    .label(Place::Key(other.clone()), "made here as well")
                    .hint("give one of them another name"),
            ),
            None => _ = self.0.insert(key, path),
        }
    }
}
