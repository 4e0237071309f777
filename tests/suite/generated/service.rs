//! Choices and a cluster in; one service that keeps every rule out.

use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use crate::generated::cluster::World;
use crate::generated::cluster::address;
use crate::generated::mounts::mounts;
use crate::generated::mounts::mounts_beside;
use crate::generated::objects;
use crate::generated::routes::routes;
use crate::generated::routes::streams;
use crate::generated::tape::Tape;
use crate::sample::TEXTS;

/// What kind of workload a service is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Deployment,
    StatefulSet,
    DaemonSet,
    CronJob,
    PerNode,
}

/// A service while it is made.
pub struct Draft {
    pub kind: Kind,
    pub host_network: bool,
    /// More than one pod may run.
    pub several: bool,
    /// Names of its ports, those that speak TCP first, and how many do.
    pub ports: Vec<String>,
    pub tcp: usize,
    pub values: Value,
}

impl Draft {
    pub fn tcp_ports(&self) -> &[String] {
        &self.ports[..self.tcp]
    }
}

const WORDS: [&str; 8] = ["photos", "media", "git", "dns", "feed", "search", "nexus", "a"];
const IMAGES: [&str; 6] = [
    "docker.io/library/nginx:1.28.3",
    "ghcr.io/example/photos:2.4.1",
    "localhost:5000/a/b_c/d-e:v1",
    "quay.io/example/x:1@sha256:0000000000000000000000000000000000000000000000000000000000000000",
    "docker.elastic.co/elasticsearch/elasticsearch:8.15.0",
    "docker.io/example/numeric:20240101",
];

pub fn service(tape: &mut Tape, world: &mut World, at: usize) -> (String, Value) {
    let name = format!("{}{at}", tape.one(&WORDS));
    let kinds = [
        Kind::Deployment,
        Kind::Deployment,
        Kind::Deployment,
        Kind::StatefulSet,
        Kind::DaemonSet,
        Kind::CronJob,
        Kind::PerNode,
    ];
    let kind = *tape.one(&kinds);
    let host_network = kind != Kind::CronJob && tape.chance(10);
    let values = json!({ "image": tape.one(&IMAGES) });
    let mut draft = Draft { kind, host_network, several: false, ports: Vec::new(), tcp: 0, values };
    workload(tape, world, &mut draft);
    ports(tape, world, &mut draft);
    if tape.chance(60) {
        draft.values["env"] = environment(tape, &mut draft);
    }
    if tape.chance(20) {
        draft.values["envFrom"] = json!({ "more-env": "secret", "flags": "config" });
    }
    draft.values["mounts"] = mounts(tape, world, &draft);
    containers(tape, &mut draft);
    probes(tape, &mut draft);
    if kind != Kind::CronJob && draft.tcp > 0 {
        routes(tape, world, &mut draft);
    }
    if kind != Kind::CronJob && !draft.ports.is_empty() {
        streams(tape, world, &mut draft);
        expose(tape, world, &mut draft);
    }
    security(tape, &mut draft);
    placement(tape, world, &mut draft);
    if tape.chance(50) {
        draft.values["resources"] = resources(tape);
    }
    words(tape, &mut draft);
    account(tape, &mut draft);
    if tape.chance(15) {
        draft.values["patch"] = objects::patch(tape, &name, &draft);
    }
    (name, draft.values)
}

fn workload(tape: &mut Tape, world: &World, draft: &mut Draft) {
    let values = &mut draft.values;
    match draft.kind {
        Kind::Deployment | Kind::StatefulSet => {
            if draft.kind == Kind::StatefulSet || tape.chance(20) {
                values["kind"] = json!(format!("{:?}", draft.kind));
            }
            let replicas = if draft.host_network { 1 } else { *tape.one(&[1, 2, 3, 0, 5]) };
            draft.several = replicas > 1;
            if tape.chance(60) {
                values["replicas"] = json!(replicas);
            } else {
                draft.several = false;
            }
        }
        Kind::DaemonSet => {
            draft.several = true;
            values["kind"] = json!("DaemonSet");
        }
        Kind::CronJob => {
            let cron = *tape.one(&["17 3 * * *", "*/5 0-6,12 1 * MON-FRI", "@daily"]);
            values["schedule"] = match tape.below(3) {
                0 => json!(cron),
                1 => json!({ "cron": cron }),
                _ => json!({ "cron": cron, "suspend": tape.chance(50), "retries": tape.below(5) }),
            };
        }
        Kind::PerNode => {
            draft.several = true;
            values["perNode"] = json!(tape.some(&world.nodes));
        }
    }
    if draft.host_network {
        values["hostNetwork"] = json!(true);
    }
}

fn ports(tape: &mut Tape, world: &mut World, draft: &mut Draft) {
    let least = usize::from(!matches!(draft.kind, Kind::CronJob | Kind::Deployment));
    let names = ["http", "metrics", "a", "fifteen-letters"];
    let mut ports = Map::new();
    for name in names.iter().take(least + tape.below(4)) {
        // On the node's own network each port is there once.
        let number = if draft.host_network { 20_000 + world.fresh() } else { 8080 + ports.len() as u16 };
        let port = match tape.below(3) {
            0 => json!(number),
            1 => json!({ "port": number }),
            _ => json!({ "port": number, "protocol": tape.one(&[vec!["TCP"], vec!["TCP", "UDP"]]) }),
        };
        ports.insert((*name).to_owned(), port);
        draft.ports.push((*name).to_owned());
    }
    draft.tcp = ports.len();
    if tape.chance(15) {
        let number = if draft.host_network { 20_000 + world.fresh() } else { 1900 };
        ports.insert("discovery".to_owned(), json!({ "port": number, "protocol": ["UDP"] }));
        draft.ports.push("discovery".to_owned());
    }
    if !ports.is_empty() {
        draft.values["ports"] = ports.into();
    }
}

/// Texts that break careless writers, and every other source.
fn environment(tape: &mut Tape, draft: &mut Draft) -> Value {
    let names = ["LOG_LEVEL", "cluster.name", "on", "A-B", "_x", "TOKEN", "POD"];
    let mut env = Map::new();
    for name in names.iter().take(1 + tape.below(names.len())) {
        let value = match tape.below(10) {
            0 => json!({ "secret": "app.secrets", "key": "token_1.txt" }),
            1 => json!({ "config": "flags", "key": "mode" }),
            2 => json!({ "field": "status.podIP" }),
            3 => json!(tape.below(1000)),
            4 => json!(tape.chance(50)),
            5 => json!(format!("http://{}:$(LOG_LEVEL)", draft.ports.first().map_or("localhost", String::as_str))),
            _ => json!(tape.one(TEXTS)),
        };
        // A variable cannot hold itself.
        let itself = *name == "LOG_LEVEL" && value.as_str().is_some_and(|text| text.contains("$("));
        env.insert((*name).to_owned(), if itself { json!("info") } else { value });
    }
    env.into()
}

fn containers(tape: &mut Tape, draft: &mut Draft) {
    for (list, percent) in [("init", 15), ("sidecars", 15), ("once", 15)] {
        if !tape.chance(percent) {
            continue;
        }
        let mut containers = Map::new();
        for at in 0..1 + tape.below(2) {
            let mut container = json!({ "command": ["do", "{{ it }}", "", "a b"] });
            if tape.chance(50) {
                container["image"] = json!(tape.one(&IMAGES));
            }
            if tape.chance(50) {
                container["env"] = json!({ "THEME": tape.one(TEXTS), "NUMBER": 1 });
            }
            if tape.chance(30) {
                container["resources"] = resources(tape);
                container["workdir"] = json!("/srv");
                container["user"] = json!(1001);
            }
            container["mounts"] = mounts_beside(tape, draft);
            if list == "sidecars" && draft.tcp > 0 && tape.chance(40) {
                container["probes"] =
                    json!({ "readiness": { "exec": ["check"] }, "liveness": { "tcp": draft.ports[0] } });
            }
            containers.insert(format!("{}{at}", &list[..2]), container);
        }
        draft.values[list] = containers.into();
    }
}

fn probes(tape: &mut Tape, draft: &mut Draft) {
    if draft.tcp == 0 {
        if tape.chance(20) {
            draft.values["probe"] = json!({ "exec": ["check", "--all"] });
        }
        return;
    }
    let port = tape.one(draft.tcp_ports()).clone();
    match tape.below(8) {
        0 => draft.values["probe"] = json!("none"),
        1 => draft.values["probe"] = json!({ "http": "/healthz?a=b", "port": port }),
        2 => draft.values["probe"] = json!({ "grpc": port, "timeout": "3s" }),
        3 => {
            draft.values["probes"] = json!({
                "liveness": { "http": "/live", "period": "1m" },
                "readiness": { "tcp": port },
                "startup": { "exec": ["check"], "failures": 30, "delay": "5s" },
            });
        }
        4 => draft.values["probes"] = json!({ "default": "none", "startup": { "tcp": port } }),
        _ => {}
    }
}

fn expose(tape: &mut Tape, world: &mut World, draft: &mut Draft) {
    let Some(pool) = world.pools.first().copied() else { return };
    let used = world.fresh();
    // The addresses of the pool `lan`, each given once.
    if pool == "lan" && used < 60 && tape.chance(20) {
        draft.values["expose"] = json!({ "address": address(world, 128 + used, false) });
    } else if tape.chance(10) {
        draft.values["expose"] = json!({ "pool": tape.one(&world.pools) });
    }
}

fn security(tape: &mut Tape, draft: &mut Draft) {
    let values = &mut draft.values;
    match tape.below(6) {
        0 => values["user"] = json!("image"),
        1 => values["user"] = json!(0),
        2 => {
            values["user"] = json!(568);
            values["group"] = json!(569);
            values["groups"] = json!([44, 109]);
        }
        _ => {}
    }
    if tape.chance(15) {
        values["capabilities"] = json!(["NET_ADMIN", "SYS_TIME"]);
        values["writableRoot"] = json!(true);
    }
    if tape.chance(10) {
        values["privileged"] = json!(true);
    }
    if !draft.host_network && tape.chance(10) {
        values["hostUsers"] = json!(tape.chance(50));
    }
}

fn placement(tape: &mut Tape, world: &World, draft: &mut Draft) {
    let values = &mut draft.values;
    if draft.kind != Kind::PerNode && tape.chance(20) {
        values["nodes"] = json!(tape.some(&world.nodes));
    }
    if tape.chance(15) {
        values["nodeSelector"] = json!({ "kubernetes.io/os": "linux" });
        values["tolerations"] = json!([{ "key": "media", "operator": "Equal", "value": "on", "effect": "NoExecute", "tolerationSeconds": 30 }]);
        values["priorityClass"] = json!("system-cluster-critical");
    }
    if tape.chance(10) {
        let term = json!({ "matchExpressions": [{ "key": "disk", "operator": "In", "values": ["ssd", "yes"] }] });
        values["affinity"] = json!({ "nodeAffinity": { "preferredDuringSchedulingIgnoredDuringExecution": [{ "weight": 1, "preference": term }] } });
        values["runtimeClass"] = json!("nvidia");
        values["dnsPolicy"] = json!(if draft.host_network { "ClusterFirstWithHostNet" } else { "Default" });
    }
}

fn resources(tape: &mut Tape) -> Value {
    let mut resources = json!({ "requests": { "cpu": tape.one(&["100m", "0.5", "1"]), "memory": "64Mi" } });
    if tape.chance(50) {
        resources["limits"] = json!({ "memory": tape.one(&["512Mi", "1.5Gi", "1e9"]) });
    }
    if tape.chance(20) {
        resources["limits"]["gpu.intel.com/i915"] = json!(1);
        resources["limits"]["ephemeral-storage"] = json!("1Gi");
    }
    resources
}

/// Arguments, labels, annotations, time.
fn words(tape: &mut Tape, draft: &mut Draft) {
    let values = &mut draft.values;
    if tape.chance(30) {
        values["command"] = json!(["run", tape.one(TEXTS)]);
    }
    if tape.chance(30) {
        values["args"] = json!(["--name", "$(LOG_LEVEL)", tape.one(TEXTS), "{{ .Values.a }}"]);
        values["workdir"] = json!("/srv/{{ a }}");
    }
    if tape.chance(20) {
        values["labels"] = json!({ "team": "media", "example.com/on": "yes" });
        values["podLabels"] = json!({ "tier": "1.0" });
    }
    if tape.chance(20) {
        let text = tape.one(TEXTS);
        values["annotations"] = json!({ "example.com/text": text });
        values["podAnnotations"] = json!({ "example.com/braces": "{{ x }}" });
        values["serviceAnnotations"] = json!({ "example.com/number": "1" });
    }
    if tape.chance(20) {
        values["grace"] = json!(tape.one(&["0s", "2m", "1h"]));
    }
    if draft.kind != Kind::CronJob && draft.tcp > 0 && tape.chance(20) {
        draft.values["metrics"] = json!({ "port": draft.ports[0], "path": "/metrics", "interval": "30s" });
    }
}

fn account(tape: &mut Tape, draft: &mut Draft) {
    if tape.chance(10) {
        let read = json!({ "apiGroups": ["", "apps"], "resources": ["pods"], "resourceNames": ["a"], "verbs": ["get", "list"] });
        let urls = json!({ "nonResourceURLs": ["/metrics"], "verbs": ["get"] });
        draft.values["serviceAccount"] = match tape.below(3) {
            0 => json!({}),
            1 => json!({ "rules": [read] }),
            _ => json!({ "rules": [read], "clusterRules": [urls] }),
        };
    }
}
