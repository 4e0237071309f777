//! Values in; the objects of services, as they would stand in the cluster, out.

use std::collections::BTreeMap;

use serde_json::Value;
use serde_json::json;

use crate::model::Cluster;
use crate::model::sample;
use crate::objects::ChartObject;
use crate::objects::ChartObjects;
use crate::objects::Form;
use crate::objects::services::charts;
use crate::plan::facts::Facts;
use crate::plan::services::plan;

fn build(cluster: &Cluster) -> Vec<ChartObjects> {
    charts(&plan(cluster), &Facts::of(cluster))
}

/// The objects of the service `web` by file.
pub fn web(text: &str) -> BTreeMap<String, ChartObject> {
    let chart = build(&sample::cluster(text)).into_iter().find(|chart| chart.name == "web").unwrap();
    chart.objects.into_iter().map(|object| (object.file.clone(), object)).collect()
}

fn files(objects: &BTreeMap<String, ChartObject>) -> String {
    let mut files: Vec<&str> = objects.keys().map(|file| file.trim_end_matches(".yaml")).collect();
    files.sort_unstable();
    files.join(" ")
}

pub fn at(objects: &BTreeMap<String, ChartObject>, file: &str, pointer: &str) -> Value {
    let object = objects.get(&format!("{file}.yaml")).unwrap_or_else(|| panic!("{file}: {}", files(objects)));
    object.object.json().pointer(pointer).cloned().unwrap_or_default()
}

#[test]
fn each_workload_has_its_objects() {
    let check = |service: &str, expect: &str| {
        let objects = web(&format!("nodes: {{}}\nservices: {{ web: {{ image: nginx:1.28.3, {service} }} }}"));
        assert_eq!(files(&objects), expect, "{service}");
    };
    check("user: 1", "deployment");
    check("ports: { http: 80 }", "deployment service");
    check("replicas: 2, ports: { http: 80 }", "deployment poddisruptionbudget service service-headless");
    check(
        "kind: StatefulSet, ports: { http: 80 }, mounts: { /d: { claim: 1Gi } }",
        "service service-headless statefulset",
    );
    check("kind: DaemonSet", "daemonset");
    check("schedule: '1 1 * * *', ports: { http: 80 }", "cronjob");
    check(
        "mounts: { /d: { claim: 1Gi }, /e: { claim: 1Gi, name: more } }",
        "deployment persistentvolumeclaim persistentvolumeclaim-more",
    );
    check("mounts: { /a: { file: b } }", "configmap-files deployment");
    check("serviceAccount: { rules: [{ verbs: [get] }] }", "deployment role rolebinding serviceaccount");
    check(
        "serviceAccount: { clusterRules: [{ verbs: [get] }] }",
        "clusterrole-home-web clusterrolebinding-home-web deployment serviceaccount",
    );
    check("once: { init: { command: [a] }, more: {} }", "deployment job-init job-more");
    check(
        "perNode: [a, b.lan], ports: { http: 80 }, mounts: { /d: { local: /vols/d, size: 1Gi } }",
        "deployment-a deployment-b-lan persistentvolume-home-web-a-vols-d persistentvolume-home-web-b-lan-vols-d \
         persistentvolumeclaim-a-vols-d persistentvolumeclaim-b-lan-vols-d poddisruptionbudget service service-a \
         service-b-lan service-headless",
    );
    check("ports: { http: 80 }, metrics: { port: http }", "deployment service");
}

#[test]
fn a_deployment_is_complete() {
    let objects = web("services: { web: { image: nginx:1.28.3, replicas: 2, ports: { http: 80 }, env: { A: b } } }");
    let probe = |failures, period| json!({ "failureThreshold": failures, "periodSeconds": period, "tcpSocket": { "port": 80 }, "timeoutSeconds": 5 });
    let selected = json!({ "app.kubernetes.io/instance": "home", "app.kubernetes.io/name": "web" });
    let gone = |word: &str| json!({ "effect": "NoExecute", "key": format!("node.kubernetes.io/{word}"), "operator": "Exists", "tolerationSeconds": 30 });
    let expect = json!({
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {
            "name": "web",
            "labels": {
                "app.kubernetes.io/instance": "home",
                "app.kubernetes.io/managed-by": "Helm",
                "app.kubernetes.io/name": "web",
                "app.kubernetes.io/part-of": "home",
            },
        },
        "spec": {
            "replicas": 2,
            "selector": { "matchLabels": selected },
            "strategy": { "type": "RollingUpdate", "rollingUpdate": { "maxSurge": 1, "maxUnavailable": 0 } },
            "template": {
                "metadata": {
                    "labels": {
                        "app.kubernetes.io/instance": "home",
                        "app.kubernetes.io/name": "web",
                        "app.kubernetes.io/part-of": "home",
                    },
                },
                "spec": {
                    "automountServiceAccountToken": false,
                    "containers": [{
                        "name": "web",
                        "image": "docker.io/library/nginx:1.28.3",
                        "env": [{ "name": "A", "value": "b" }],
                        "livenessProbe": probe(3, 10),
                        "readinessProbe": probe(3, 10),
                        "startupProbe": probe(120, 5),
                        "ports": [{ "containerPort": 80, "name": "http", "protocol": "TCP" }],
                        "resources": {},
                        "securityContext": {
                            "allowPrivilegeEscalation": false,
                            "capabilities": { "drop": ["ALL"] },
                            "readOnlyRootFilesystem": true,
                            "runAsGroup": 1000,
                            "runAsNonRoot": true,
                            "runAsUser": 1000,
                        },
                        "volumeMounts": [{ "mountPath": "/tmp", "name": "tmp" }],
                    }],
                    "enableServiceLinks": false,
                    "securityContext": { "seccompProfile": { "type": "RuntimeDefault" } },
                    "terminationGracePeriodSeconds": 30,
                    "tolerations": [gone("not-ready"), gone("unreachable")],
                    "topologySpreadConstraints": [{
                        "labelSelector": { "matchLabels": selected },
                        "matchLabelKeys": ["pod-template-hash"],
                        "maxSkew": 1,
                        "nodeTaintsPolicy": "Honor",
                        "topologyKey": "kubernetes.io/hostname",
                        "whenUnsatisfiable": "DoNotSchedule",
                    }],
                    "volumes": [{ "name": "tmp", "emptyDir": {} }],
                },
            },
        },
    });
    assert_eq!(objects["deployment.yaml"].object.json(), &expect);
}

#[test]
fn a_single_writer_is_never_two() {
    let check = |service: &str, strategy: &str, most: i64| {
        let objects = web(&format!(
            "volumes: {{ media: {{ size: 1Gi }} }}\nservices: {{ web: {{ image: nginx:1.28.3, {service} }} }}"
        ));
        assert_eq!(at(&objects, "deployment", "/spec/strategy/type"), strategy, "{service}");
        let exposed = objects["deployment.yaml"].exposed.iter().find(|exposed| exposed.key == ["replicas"]).unwrap();
        assert_eq!(exposed.form, Form::Integer { minimum: 0, maximum: most }, "{service}");
    };
    check("user: 1", "RollingUpdate", 1000);
    check("mounts: { /d: { volume: media } }", "Recreate", 1);
    check("mounts: { /d: { volume: media, readOnly: true } }", "RollingUpdate", 1000);
    check("replicas: 2, mounts: { /d: { volume: media } }", "RollingUpdate", 1000);
    check("hostNetwork: true, ports: { http: 80 }", "Recreate", 1000);
    check("replicas: 1, mounts: { /d: { claim: 1Gi } }", "RollingUpdate", 1000);
    check("replicas: 1, mounts: { /d: { claim: 1Gi, class: ceph-block } }", "Recreate", 1000);
    check("replicas: 2, hostNetwork: true, ports: { http: 80 }", "RollingUpdate", 1000);
}

#[test]
fn helpers_share_what_the_main_container_has() {
    let objects = web(
        "services: { web: { image: nginx:1, env: { A: a, B: b }, mounts: { /d: { claim: 1Gi }, /s: { scratch: 1Mi } },
           init: { first: { mounts: { /x: { same: /d, subPath: below, readOnly: true } } } },
           sidecars: { web: { image: busybox:1, mounts: { /s: { same: /s }, /t: { same: /tmp } } }, b: { env: { B: c } } } } }",
    );
    let spec = at(&objects, "deployment", "/spec/template/spec");
    let names = |list: &str| -> Vec<_> {
        spec[list].as_array().unwrap().iter().map(|item| item["name"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(names("initContainers"), ["first", "web-sidecar", "b"]);
    assert_eq!(names("volumes"), ["b-tmp", "first-tmp", "s", "tmp", "web", "web-sidecar-tmp"]);
    let helper = &spec["initContainers"];
    assert_eq!(helper[0]["restartPolicy"], Value::Null);
    assert_eq!(helper[1]["restartPolicy"], "Always");
    let same = json!({ "mountPath": "/x", "name": "web", "readOnly": true, "subPath": "below" });
    assert_eq!(helper[0]["volumeMounts"][1], same);
    assert_eq!(helper[1]["volumeMounts"][0], json!({ "mountPath": "/s", "name": "s" }));
    assert_eq!(helper[1]["volumeMounts"][1], json!({ "mountPath": "/t", "name": "tmp" }));
    let keys = |container: &str, field: &str| -> Vec<String> {
        let steps = |exposed: &&crate::objects::Exposed| format!("{:?}", exposed.at);
        let here = objects["deployment.yaml"].exposed.iter().filter(|exposed| {
            let steps = steps(exposed);
            steps.contains(&format!("Named({container:?})")) && steps.contains(&format!("Key({field:?})"))
        });
        here.map(|exposed| exposed.key.join(".")).collect()
    };
    assert_eq!(keys("first", "image"), ["image"]);
    assert_eq!(keys("web-sidecar", "image"), ["sidecars.web.image"]);
    assert_eq!(keys("first", "env"), ["env.A", "env.B"]);
    assert_eq!(keys("b", "env"), ["env.A", "sidecars.b.env.B"]);
    assert_eq!(keys("b", "resources"), ["sidecars.b.resources"]);
}

#[test]
fn instances_know_each_other() {
    let objects = web("timezone: UTC
services: { web: { image: nginx:1, perNode: [a, b], ports: { http: 80 }, env: { ME: '$(HA_INSTANCE_NAME)' },
  mounts: { /d: { local: /vols/d, size: 1Gi } }, once: { init: {} } } }");
    let env = |file: &str| -> Vec<String> {
        let env = at(&objects, file, "/spec/template/spec/containers/0/env");
        let text = |item: &Value| format!("{}={}", item["name"].as_str().unwrap(), item["value"].as_str().unwrap());
        env.as_array().unwrap().iter().map(text).collect()
    };
    let peers = "HA_PEER_ADDRESSES=web-a.home.svc.cluster.local,web-b.home.svc.cluster.local";
    let expect = [
        "HA_INSTANCE_NAME=web-b",
        "HA_INSTANCE_ADDRESS=web-b.home.svc.cluster.local",
        "HA_PEER_NAMES=web-a,web-b",
        peers,
        "ME=$(HA_INSTANCE_NAME)",
        "TZ=UTC",
    ];
    assert_eq!(env("deployment-b"), expect);
    assert_eq!(env("job-init"), ["HA_PEER_NAMES=web-a,web-b", peers, "ME=$(HA_INSTANCE_NAME)", "TZ=UTC"]);
    let pod = "/spec/template/spec";
    assert_eq!(at(&objects, "deployment-b", &format!("{pod}/nodeSelector")), json!({ "kubernetes.io/hostname": "b" }));
    assert_eq!(
        at(&objects, "deployment-b", &format!("{pod}/volumes/0/persistentVolumeClaim/claimName")),
        "web-b-vols-d"
    );
    assert_eq!(at(&objects, "deployment-b", &format!("{pod}/tolerations/0/tolerationSeconds")), Value::Null);
    assert_eq!(at(&objects, "deployment-b", "/spec/strategy"), json!({ "type": "Recreate" }));
    assert_eq!(at(&objects, "service-b", "/spec/selector/helm-ha.dev~1instance"), "web-b");
    assert_eq!(at(&objects, "service-b", "/spec/publishNotReadyAddresses"), true);
    assert_eq!(at(&objects, "service", "/spec/selector/helm-ha.dev~1instance"), Value::Null);
    let volume = at(&objects, "persistentvolume-home-web-b-vols-d", "/spec");
    assert_eq!(volume["claimRef"]["name"], "web-b-vols-d");
    assert_eq!(at(&objects, "persistentvolumeclaim-b-vols-d", "/spec/volumeName"), "home-web-b-vols-d");
    assert_eq!(at(&objects, "persistentvolumeclaim-b-vols-d", "/spec/storageClassName"), "");
    assert_eq!(
        at(&objects, "persistentvolumeclaim-b-vols-d", "/metadata/annotations/helm.sh~1resource-policy"),
        "keep"
    );
}

#[test]
fn devices_and_privileges_are_the_containers() {
    let objects =
        web("services: { web: { image: nginx:1, mounts: { /dev/dri: { device: /dev/dri } }, sidecars: { s: {} } } }");
    let spec = at(&objects, "deployment", "/spec/template/spec");
    let main = &spec["containers"][0]["securityContext"];
    assert_eq!((&main["privileged"], &main["allowPrivilegeEscalation"]), (&json!(true), &Value::Null));
    assert_eq!(spec["initContainers"][0]["securityContext"]["privileged"], Value::Null);
}

#[test]
fn what_kubernetes_has_a_form_for_stays_as_it_was_written() {
    let objects = web(
        "services: { web: { image: nginx:1, tolerations: [{ key: a, unknown: 1 }], affinity: { podAffinity: { b: 1 } } } }",
    );
    let spec = at(&objects, "deployment", "/spec/template/spec");
    assert_eq!(spec["affinity"], json!({ "podAffinity": { "b": 1 } }));
    assert_eq!(spec["tolerations"][2], json!({ "key": "a", "unknown": 1 }));
}

#[test]
fn metrics_are_read_once() {
    let objects = web("addons: { prometheus: { source: existing }, reloader: { source: existing } }
services: { web: { image: nginx:1, replicas: 2, ports: { http: 80 }, metrics: { port: http, interval: 30s } } }");
    let endpoint = json!([{ "port": "http", "path": "/metrics", "interval": "30s" }]);
    assert_eq!(at(&objects, "servicemonitor", "/spec/endpoints"), endpoint);
    assert_eq!(at(&objects, "service-headless", "/metadata/labels/helm-ha.dev~1companion"), "headless");
    assert_eq!(at(&objects, "deployment", "/metadata/annotations/reloader.stakater.com~1auto"), "true");
}

/// Every example makes a chart whose templates give the objects back, so that no value contradicts another.
#[test]
fn the_examples_make_charts() {
    for text in [
        include_str!("../../examples/minimal.yaml"),
        include_str!("../../examples/homelab.yaml"),
        include_str!("../../examples/everything.yaml"),
    ] {
        let cluster = sample::file(text);
        let plans = plan(&cluster);
        crate::yaml::write_json(&serde_json::to_value(&plans).unwrap());
        let charts = charts(&plans, &Facts::of(&cluster));
        let input = crate::generate::UmbrellaInput {
            name: "home",
            version: "1.0.0",
            app_version: "1.0.0",
            namespace: "home",
            description: "",
            charts: &charts,
            nested: &[],
            readme: "",
            notes: "",
        };
        crate::generate::chart_tree(&input).unwrap();
    }
}
