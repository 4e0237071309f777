//! The real scheduler puts every pod of the home example, and those that Rook makes, on three small nodes, and on two of
//! them when the third is gone. The nodes and pods are objects only: nothing runs.

use std::collections::BTreeMap;
use std::time::Duration;
use std::time::Instant;

use serde_json::Value;
use serde_json::json;

use super::control_plane;
use super::control_plane::ControlPlane;
use super::control_plane::Programs;
use crate::made;
use crate::made::Made;
use crate::oracle::oracle;
use crate::oracle::system;

const NODES: [&str; 3] = ["k3s-server1", "k3s-server2", "k3s-server3"];
/// Of a node, in thousandths and bytes. K3s keeps nothing of it for itself unless the kubelet is told to.
const CPU: u64 = 4_000;
const MEMORY: u64 = 8_000_000_000;
/// On a busy machine; an idle one takes three seconds.
const PLACED_WITHIN: Duration = Duration::from_secs(90);

#[test]
fn everything_fits_on_three_small_nodes_and_on_two_of_them() {
    let (Some(scheduler), Some(setpriv)) = (oracle("kube-scheduler"), system("setpriv")) else { return };
    let made = made::examples().into_iter().find(|made| made.name == "homelab").unwrap();
    for gone in [None, Some(NODES[2])] {
        let Some(plane) = control_plane::start() else { return };
        let folder = tempfile::tempdir().unwrap();
        let arguments = ["--leader-elect=false", "--bind-address=127.0.0.1", "--secure-port=0", &plane.kubeconfig()];
        let arguments = arguments.map(str::to_owned);
        let _scheduler = Programs(vec![control_plane::spawn(&setpriv, &scheduler, folder.path(), &arguments)]);
        let here: Vec<&str> = NODES.into_iter().filter(|node| Some(*node) != gone).collect();
        for node in &here {
            join(&plane, node);
        }
        let mut pods = pods(&made, &here);
        // Rook keeps what belongs to a node, and each monitor on a node of its own, until the node is back.
        pods.retain(|pod| pod["metadata"]["annotations"]["of-node"].as_str().is_none_or(|node| here.contains(&node)));
        plane.create(&[json!({ "apiVersion": "v1", "kind": "ServiceAccount", "metadata": { "name": "default", "namespace": "default" } })]);
        plane.create(&pods);
        let placed = placed(&plane, pods.len());
        println!("{} pods on {} nodes:", placed.len(), here.len());
        for node in here {
            let requests =
                placed.iter().filter(|pod| pod["spec"]["nodeName"] == node).map(|pod| requests(&pod["spec"]));
            let [cpu, memory] = requests.fold([0, 0], |sum, next| [sum[0] + next[0], sum[1] + next[1]]);
            println!("{node}: {cpu}m of {CPU}m CPU, {} of {} MiB", memory >> 20, MEMORY >> 20);
        }
    }
}

fn join(plane: &ControlPlane, name: &str) {
    let node = json!({
        "apiVersion": "v1", "kind": "Node",
        "metadata": { "name": name, "labels": { "kubernetes.io/hostname": name, "kubernetes.io/os": "linux",
            "kubernetes.io/arch": "amd64", "node-role.kubernetes.io/control-plane": "true" } },
    });
    plane.create(&[node]);
    let room = json!({ "cpu": format!("{CPU}m"), "memory": MEMORY.to_string(), "pods": "110" });
    let status = json!({ "status": { "allocatable": room, "capacity": room,
        "conditions": [{ "type": "Ready", "status": "True", "reason": "Test", "message": "" }] } });
    let patch = ["patch", "node", name, "--subresource=status", "--type=merge", "--patch", &status.to_string()];
    let answer = plane.kubectl(&patch, "");
    assert!(answer.succeeded, "{}", answer.stderr);
    // The API server gives every new node this taint; a controller takes it off the ready ones.
    let answer = plane.kubectl(&["taint", "node", name, "node.kubernetes.io/not-ready:NoSchedule-"], "");
    assert!(answer.succeeded, "{}", answer.stderr);
}

/// What the controllers of Kubernetes and Rook make: as much of each pod as the scheduler looks at.
fn pods(made: &Made, nodes: &[&str]) -> Vec<Value> {
    let mut pods = Vec::new();
    for object in made.planned() {
        let (kind, name) = (object["kind"].as_str().unwrap(), object["metadata"]["name"].as_str().unwrap());
        let template = &object["spec"]["template"];
        match kind {
            "Deployment" | "StatefulSet" => {
                for number in 0..object["spec"]["replicas"].as_u64().unwrap_or(1) {
                    pods.push(pod(&format!("{name}-{number}"), template));
                }
            }
            "DaemonSet" => {
                for node in nodes {
                    let mut pod = pod(&format!("{name}-{node}"), template);
                    on(&mut pod, node);
                    pods.push(pod);
                }
            }
            "CephCluster" => pods.extend(daemons(&object["spec"], nodes)),
            "CephFilesystem" => {
                let server = &object["spec"]["metadataServer"];
                let count = server["activeCount"].as_u64().unwrap() * 2;
                pods.extend((0..count).map(|number| daemon("mds", number, &[&server["resources"]], None)));
            }
            _ => {}
        }
    }
    pods
}

fn pod(name: &str, template: &Value) -> Value {
    let mut spec = template["spec"].clone();
    let fields = spec.as_object_mut().unwrap();
    // Claims are bound elsewhere, accounts are made by a controller.
    for key in ["volumes", "serviceAccountName", "serviceAccount", "imagePullSecrets", "dnsConfig", "dnsPolicy"] {
        fields.remove(key);
    }
    for list in ["containers", "initContainers"] {
        for container in fields.get_mut(list).and_then(Value::as_array_mut).into_iter().flatten() {
            let keep = ["name", "image", "resources", "restartPolicy"];
            container.as_object_mut().unwrap().retain(|key, _| keep.contains(&key.as_str()));
        }
    }
    let of_node = spec["nodeSelector"]["kubernetes.io/hostname"].clone();
    let mut metadata = json!({ "name": name, "labels": template["metadata"]["labels"] });
    if of_node.is_string() {
        metadata["annotations"] = json!({ "of-node": of_node });
    }
    json!({ "apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec })
}

/// As the controller of DaemonSets binds pods.
fn on(pod: &mut Value, node: &str) {
    let term = json!({ "matchFields": [{ "key": "metadata.name", "operator": "In", "values": [node] }] });
    pod["spec"]["affinity"] = json!({ "nodeAffinity": { "requiredDuringSchedulingIgnoredDuringExecution": { "nodeSelectorTerms": [term] } } });
    for (key, effect) in [("not-ready", "NoExecute"), ("unreachable", "NoExecute"), ("unschedulable", "NoSchedule")] {
        let toleration = json!({ "key": format!("node.kubernetes.io/{key}"), "operator": "Exists", "effect": effect });
        match pod["spec"]["tolerations"].as_array_mut() {
            Some(tolerations) => tolerations.push(toleration),
            None => pod["spec"]["tolerations"] = json!([toleration]),
        }
    }
}

/// Rook's own pods (`pkg/operator/ceph/cluster`), with the sidecars that the cluster's settings give them.
fn daemons(spec: &Value, nodes: &[&str]) -> Vec<Value> {
    let of = |name: &str| &spec["resources"][name];
    let mut pods = Vec::new();
    let monitors = spec["mon"]["count"].as_u64().unwrap().min(nodes.len() as u64);
    pods.extend((0..monitors).map(|number| daemon("mon", number, &[of("mon"), of("logcollector")], None)));
    let manager = [of("mgr"), of("mgr-sidecar"), of("logcollector")];
    pods.extend((0..spec["mgr"]["count"].as_u64().unwrap()).map(|number| daemon("mgr", number, &manager, None)));
    for (number, node) in nodes.iter().enumerate() {
        let number = number as u64;
        pods.push(daemon("osd", number, &[of("osd"), of("logcollector")], Some(node)));
        pods.push(daemon("crashcollector", number, &[of("crashcollector")], Some(node)));
        pods.push(daemon("exporter", number, &[of("exporter")], Some(node)));
    }
    pods
}

/// One daemon; of those that belong to no node, no two of a kind are on the same.
fn daemon(kind: &str, number: u64, resources: &[&Value], node: Option<&str>) -> Value {
    assert!(resources.iter().all(|resources| resources["requests"]["memory"].is_string()), "{kind}: {resources:?}");
    let containers = resources
        .iter()
        .enumerate()
        .map(|(at, resources)| json!({ "name": format!("c{at}"), "image": "ceph", "resources": resources }));
    let labels = json!({ "app": format!("rook-ceph-{kind}") });
    let mut pod = json!({
        "apiVersion": "v1", "kind": "Pod",
        "metadata": { "name": format!("rook-ceph-{kind}-{number}"), "labels": labels },
        "spec": { "containers": containers.collect::<Vec<_>>(),
            "tolerations": [{ "key": "node-role.kubernetes.io/control-plane", "operator": "Exists" }] },
    });
    match node {
        Some(node) => pod["spec"]["nodeSelector"] = json!({ "kubernetes.io/hostname": node }),
        None => {
            let term = json!({ "topologyKey": "kubernetes.io/hostname", "labelSelector": { "matchLabels": labels } });
            pod["spec"]["affinity"] =
                json!({ "podAntiAffinity": { "requiredDuringSchedulingIgnoredDuringExecution": [term] } });
        }
    }
    pod
}

/// All pods, once each has a node.
fn placed(plane: &ControlPlane, count: usize) -> Vec<Value> {
    let start = Instant::now();
    loop {
        let pods = plane.get_all("pods");
        let waiting = || pods.iter().filter(|pod| pod["spec"]["nodeName"].is_null());
        if pods.len() == count && waiting().next().is_none() {
            return pods;
        }
        if start.elapsed() > PLACED_WITHIN {
            let why: BTreeMap<String, String> = waiting()
                .map(|pod| (pod["metadata"]["name"].to_string(), pod["status"]["conditions"].to_string()))
                .collect();
            panic!("{} of {count} pods have no node: {why:#?}", why.len());
        }
        std::thread::sleep(Duration::from_millis(200));
    }
}

/// Thousandths of a core, and bytes, of a pod's containers; sidecars that are init containers count as well.
fn requests(spec: &Value) -> [u64; 2] {
    let sidecars = spec["initContainers"].as_array().into_iter().flatten();
    let sidecars = sidecars.filter(|container| container["restartPolicy"] == "Always");
    let containers = spec["containers"].as_array().into_iter().flatten().chain(sidecars);
    let of = |container: &Value, key: &str| container["resources"]["requests"][key].as_str().map_or(0, thousandths);
    containers.fold([0, 0], |[cpu, memory], next| [cpu + of(next, "cpu"), memory + of(next, "memory") / 1000])
}

fn thousandths(text: &str) -> u64 {
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let number: f64 = text[..end].parse().unwrap();
    let unit = match &text[end..] {
        "" => 1000.0,
        "m" => 1.0,
        "Mi" => 1000.0 * 1024.0 * 1024.0,
        "Gi" => 1000.0 * 1024.0 * 1024.0 * 1024.0,
        unit => panic!("{text}: {unit}"),
    };
    (number * unit) as u64
}
