//! Plan and charts in, the script that takes the cluster down out.
//!
//! Order is all: what uses volumes goes before them, Ceph while its operator lives, the operator while its kinds are known.

use std::collections::BTreeSet;

use serde::Serialize;
use serde_json::json;

use crate::assets;
use crate::objects::ChartObjects;
use crate::objects::Object;
use crate::plan::Plan;
use crate::plan::workload::Workload;
use crate::text::TextError;
use crate::text::render;

const TEMPLATE: &str = assets::text("charts-src/teardown/teardown.sh.hbs");

/// Kinds that are no namespace's, among those that stay.
const OF_CLUSTER: [&str; 3] = ["ClusterRole", "ClusterRoleBinding", "StorageClass"];

/// What stays beside data: who runs the storage may do what, and how it is set up.
const BESIDE: [&str; 8] =
    ["ClusterRole", "ClusterRoleBinding", "ConfigMap", "Deployment", "Driver", "OperatorConfig", "Role", "RoleBinding"];

/// Groups of the kinds that an add-on brings.
const GROUPS: [(&str, &[&str]); 3] = [
    ("rook", &["ceph.rook.io", "csi.ceph.io", "objectbucket.io"]),
    ("metallb", &["metallb.io"]),
    ("cert-manager", &["cert-manager.io"]),
];

/// One step: a sentence, and lines of a shell.
#[derive(Serialize)]
struct Step {
    number: usize,
    what: String,
    lines: Vec<String>,
}

/// The script. What destroys data is in it only when that is asked for.
pub fn script(plan: &Plan, charts: &[ChartObjects], destroy: bool) -> Result<String, TextError> {
    let kept: Vec<&Object> = kept(charts);
    let facts = &plan.facts;
    let mut steps = Vec::new();
    let mut step = |what: &str, lines: Vec<String>| {
        if !lines.is_empty() {
            steps.push(Step { number: steps.len() + 1, what: what.to_owned(), lines });
        }
    };
    step(
        "Services, ways in and operators that hold no data. What holds data stays, and what runs it.",
        vec![format!("helm uninstall {} --namespace {} --ignore-not-found", facts.name, facts.namespace)],
    );
    if destroy {
        step(
            "FROM HERE ON DATA IS DESTROYED. The claims, those of every replica included, and their volumes.",
            claims(plan),
        );
        step(
            "Ceph, while its operator lives: it wipes the disks and its folder on every node once this word stands there.",
            ceph(plan, &kept),
        );
        step(
            "The drivers, while their operator lives; then the operators, their rights and the storage classes.",
            rook(plan, &kept),
        );
        step("The namespaces, with the Secrets that were made in them by hand.", namespaces(plan, &kept));
        step("The kinds of the operators, which Helm leaves there.", kinds(plan));
    }
    let names = kept.iter().filter(|object| !BESIDE.contains(&object.kind()) && object.kind() != "ServiceAccount");
    let names = names.map(|object| format!("{} {}", object.kind(), object.name()));
    let context = json!({
        "name": facts.name,
        "steps": steps,
        "kept": if destroy { Vec::new() } else { names.collect() },
        "folders": if destroy { folders(plan) } else { Vec::new() },
    });
    render(TEMPLATE, &context)
}

fn kept(charts: &[ChartObjects]) -> Vec<&Object> {
    let objects = charts.iter().flat_map(|chart| &chart.objects).map(|item| &item.object);
    let keep = |object: &&Object| {
        object.json().pointer("/metadata/annotations/helm.sh~1resource-policy").is_some_and(|policy| policy == "keep")
    };
    objects.filter(keep).collect()
}

/// Volumes of Ceph are kept (`Retain`), so nobody but us deletes them. StatefulSets label their claims as their pods.
fn claims(plan: &Plan) -> Vec<String> {
    let facts = &plan.facts;
    let mut lines = vec![
        format!(
            "kubectl --namespace {} delete persistentvolumeclaim --selector app.kubernetes.io/instance={} --timeout 10m",
            facts.namespace, facts.name
        ),
        format!("kubectl delete persistentvolume --selector app.kubernetes.io/part-of={} --timeout 10m", facts.name),
    ];
    for class in plan.ceph.iter().flat_map(|ceph| ceph.storage_classes.keys()) {
        let path = format!("{{range .items[?(@.spec.storageClassName==\"{class}\")]}}{{.metadata.name}} {{end}}");
        lines.push(format!("kubectl get persistentvolume --output 'jsonpath={path}' |"));
        lines.push("  xargs --no-run-if-empty kubectl delete persistentvolume --timeout 10m".to_owned());
    }
    lines
}

/// Rook, "Cleaning up a Cluster" and "Cleanup policy": pools first, the cluster last, then Jobs on its nodes.
fn ceph(plan: &Plan, kept: &[&Object]) -> Vec<String> {
    let Some(ceph) = &plan.ceph else { return Vec::new() };
    let kubectl = format!("kubectl --namespace {}", ceph.addon.namespace);
    let cluster = format!("cephcluster.ceph.rook.io/{}", ceph.name);
    let mut lines = vec![
        format!("if {kubectl} get {cluster} >/dev/null 2>&1; then"),
        format!("  {kubectl} patch {cluster} --type merge \\"),
        "    --patch '{\"spec\":{\"cleanupPolicy\":{\"confirmation\":\"yes-really-destroy-data\"}}}'".to_owned(),
        "fi".to_owned(),
    ];
    let resources = kept.iter().filter(|object| object.api_version().starts_with("ceph.rook.io/"));
    for object in resources.rev() {
        let kind = object.kind().to_lowercase();
        lines.push(format!("{kubectl} delete {kind}.ceph.rook.io/{} --ignore-not-found --timeout 15m", object.name()));
    }
    lines.extend([
        "for _ in {1..60}; do".to_owned(),
        format!("  cleaned=$({kubectl} get job --selector app=rook-ceph-cleanup --output 'jsonpath={{.items[*].status.succeeded}}')"),
        format!("  [[ $(wc -w <<<\"$cleaned\") -lt {} ]] || break", ceph.devices.len()),
        "  sleep 10".to_owned(),
        "done".to_owned(),
    ]);
    lines
}

fn rook(plan: &Plan, kept: &[&Object]) -> Vec<String> {
    let Some(ceph) = &plan.ceph else { return Vec::new() };
    let selector = format!("--selector app.kubernetes.io/part-of={} --timeout 10m", plan.facts.name);
    let in_namespace = |object: &&&Object| object.namespace() == ceph.addon.namespace;
    let own = kept.iter().filter(in_namespace).filter(|object| !object.api_version().starts_with("ceph.rook.io/"));
    let (csi, others): (Vec<&Object>, Vec<&Object>) =
        own.partition(|object| object.api_version().starts_with("csi.ceph.io/"));
    let kinds = |objects: &[&Object], suffix: &str| {
        let kinds: BTreeSet<String> =
            objects.iter().map(|object| format!("{}{suffix}", object.kind().to_lowercase())).collect();
        kinds.into_iter().collect::<Vec<_>>().join(",")
    };
    let mut lines = Vec::new();
    for (objects, suffix) in [(csi, ".csi.ceph.io"), (others, "")] {
        if !objects.is_empty() {
            let kinds = kinds(&objects, suffix);
            lines.push(format!("kubectl --namespace {} delete {kinds} {selector}", ceph.addon.namespace));
        }
    }
    let of_cluster: Vec<&Object> = kept.iter().copied().filter(|object| OF_CLUSTER.contains(&object.kind())).collect();
    lines.push(format!("kubectl delete {} {selector}", kinds(&of_cluster, "")));
    lines
}

fn namespaces(plan: &Plan, kept: &[&Object]) -> Vec<String> {
    let names = kept.iter().filter(|object| object.kind() == "Namespace").map(|object| object.name());
    let names: Vec<&str> = names.chain([plan.facts.namespace.as_str()]).collect();
    vec![format!("kubectl delete namespace {} --ignore-not-found --wait=false", names.join(" "))]
}

fn kinds(plan: &Plan) -> Vec<String> {
    let brought = GROUPS.iter().filter(|(addon, _)| plan.crds.contains(addon)).flat_map(|(_, groups)| groups.iter());
    let groups: Vec<String> = brought.map(|group| group.replace('.', "[.]")).collect();
    if groups.is_empty() {
        return Vec::new();
    }
    vec![
        format!(
            "kubectl get customresourcedefinition --output name | {{ grep -E '[.]({})$' || true; }} |",
            groups.join("|")
        ),
        "  xargs --no-run-if-empty kubectl delete --timeout 10m".to_owned(),
    ]
}

/// Folders of nodes that hold data, each with its node.
fn folders(plan: &Plan) -> Vec<String> {
    let mut folders = BTreeSet::new();
    for service in &plan.services {
        let Workload::PerNode(instances) = &service.workload else { continue };
        for instance in instances {
            folders.extend(instance.locals.iter().map(|local| format!("{}: {}", instance.node, local.path)));
        }
    }
    folders.into_iter().collect()
}
