//! Patches of real charts: what our merge makes of them is what `kubectl patch --type=strategic` makes of them.

use helm_ha::kubernetes;
use helm_ha::kubernetes::Types;
use helm_ha::objects;
use helm_ha::objects::Form;
use helm_ha::pipeline;
use helm_ha::source::Sources;
use serde_json::Value;
use serde_json::json;

use crate::made;
use crate::oracle::oracle;
use crate::rules;

fn container(name: &str, more: Value) -> Value {
    let mut container = json!({ "name": name });
    container.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    container
}

fn pod(spec: Value) -> Value {
    json!({ "spec": { "template": { "spec": spec } } })
}

/// A Deployment with something in every kind of list.
fn deployment() -> Value {
    let env = json!([{ "name": "A", "value": "1" }, { "name": "B", "value": "2" }, { "name": "C", "value": "$(A)" }]);
    let web =
        container("web", json!({ "image": "a:1", "env": env, "args": ["x", "y"], "ports": [{ "containerPort": 80 }] }));
    let spec = json!({
        "containers": [web, container("log", json!({ "image": "b:1" }))],
        "volumes": [{ "name": "v", "emptyDir": {} }, { "name": "w", "configMap": { "name": "c" } }],
        "hostAliases": [{ "ip": "10.0.0.1", "hostnames": ["a"] }],
        "tolerations": [{ "key": "a", "operator": "Exists" }],
        "nodeSelector": { "a": "b", "c": "d" },
        "topologySpreadConstraints": [{ "topologyKey": "zone", "maxSkew": 1, "whenUnsatisfiable": "DoNotSchedule" }],
    });
    let metadata = json!({ "name": "web", "annotations": { "a": "b" }, "finalizers": ["x/y", "z/z"] });
    json!({
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata,
        "spec": {
            "selector": { "matchLabels": { "app": "web" } }, "strategy": { "type": "RollingUpdate", "rollingUpdate": { "maxSurge": 1 } },
            "template": { "metadata": { "labels": { "app": "web" } }, "spec": spec },
        },
    })
}

#[test]
fn the_merge_is_that_of_kubernetes() {
    let Some(kubectl) = oracle("kubectl") else { return };
    let kind = Types::get().kind("apps/v1", "Deployment").unwrap();
    let patches = [
        pod(json!({ "containers": [container("more", json!({ "image": "c:1" }))] })),
        pod(
            json!({ "containers": [container("log", json!({ "image": "b:2" })), container("more", json!({})), container("web", json!({ "args": ["z"] }))] }),
        ),
        pod(
            json!({ "containers": [container("web", json!({ "env": [{ "name": "D", "value": "4" }, { "name": "B", "value": null }] }))] }),
        ),
        pod(
            json!({ "containers": [container("web", json!({ "env": [{ "name": "C", "value": "3" }, { "name": "A", "$patch": "delete" }] }))] }),
        ),
        pod(
            json!({ "containers": [container("web", json!({ "ports": [{ "containerPort": 80, "name": "http" }, { "containerPort": 81 }] }))] }),
        ),
        pod(json!({ "containers": [{ "$patch": "replace" }, container("only", json!({ "image": "d:1" }))] })),
        pod(
            json!({ "volumes": [{ "name": "v", "$retainKeys": ["name", "hostPath"], "hostPath": { "path": "/a" } }, { "name": "w", "$patch": "delete" }] }),
        ),
        pod(
            json!({ "nodeSelector": { "$patch": "replace", "e": "f" }, "tolerations": [], "hostAliases": [{ "ip": "10.0.0.1", "hostnames": ["b"] }] }),
        ),
        pod(
            json!({ "nodeSelector": { "a": null, "e": "f" }, "tolerations": [{ "key": "b" }], "affinity": { "nodeAffinity": {} } }),
        ),
        pod(
            json!({ "topologySpreadConstraints": [{ "topologyKey": "zone", "maxSkew": 2 }, { "topologyKey": "host", "maxSkew": 1 }] }),
        ),
        json!({ "spec": { "strategy": { "$retainKeys": ["type"], "type": "Recreate" } } }),
        json!({ "spec": { "strategy": { "$patch": "delete" }, "replicas": 3 }, "metadata": { "annotations": { "a": null, "c": "d" } } }),
        json!({ "metadata": { "finalizers": ["n/n", "x/y"] } }),
        json!({ "metadata": { "$deleteFromPrimitiveList/finalizers": ["x/y"] }, "spec": { "template": { "spec": null } } }),
    ];
    let file = tempfile::tempdir().unwrap();
    let path = file.path().join("deployment.json");
    std::fs::write(&path, deployment().to_string()).unwrap();
    for patch in patches {
        let arguments = ["patch", "--local", "--type=strategic", "--output=json", "--filename", path.to_str().unwrap()];
        let answer = kubectl.run(&[&arguments[..], &["--patch", &patch.to_string()]].concat(), "");
        assert!(answer.succeeded, "{patch}: {}", answer.stderr);
        let expect: Value = serde_json::from_str(&answer.stdout).unwrap();
        let mut merged = deployment();
        kubernetes::merge(&mut merged, &patch, kind.holds());
        assert_eq!(without_defaults(merged), without_defaults(expect), "{patch}");
    }
}

/// kubectl writes what its Go types always write.
fn without_defaults(mut value: Value) -> Value {
    match &mut value {
        Value::Object(map) => {
            for below in map.values_mut() {
                *below = without_defaults(below.take());
            }
            map.retain(|key, below| {
                let empty = below.is_null() || below.as_object().is_some_and(serde_json::Map::is_empty);
                key != "status" && !empty
            });
        }
        Value::Array(items) => items.iter_mut().for_each(|item| *item = without_defaults(item.take())),
        _ => {}
    }
    value
}

/// The list of images, the text that Helm renders and the reasons change together.
#[test]
fn an_image_changes_everywhere() {
    let text = |image: &str| {
        format!(
            "apiVersion: helm-ha.dev/v1\nname: home\nversion: 1.0.0\n\
             nodes: {{ server1: {{ address: 192.168.1.11/24, role: server }} }}\n\
             services: {{ web: {{ image: \"{image}\", init: {{ first: {{}} }} }} }}\n"
        )
    };
    let build = |image: &str| {
        let mut sources = Sources::default();
        sources.add("values.yaml", text(image));
        pipeline::build(&pipeline::check(&sources, &rules::attach).cluster.unwrap(), None).unwrap()
    };
    for image in [
        "ghcr.io/example/web:1.0.0",
        "quay.io/other/web:2.0.0@sha256:0000000000000000000000000000000000000000000000000000000000000000",
    ] {
        let built = build(image);
        let images = objects::images(&built.plan, &built.charts);
        assert_eq!(images.keys().collect::<Vec<_>>(), [image]);
        let why: Vec<String> = images[image].iter().map(ToString::to_string).collect();
        let expect = |list: &str, name: &str| {
            format!("Deployment home/web: spec.template.spec.{list}[{name}].image (value web.image)")
        };
        assert_eq!(why, [expect("containers", "web"), expect("initContainers", "first")]);
        let values = String::from_utf8(built.tree.get("charts/web/values.yaml").unwrap().to_vec()).unwrap();
        let (_, tag) = image.split_once(':').unwrap();
        assert!(values.contains(tag), "{values}");
        let Some(helm) = oracle("helm4") else { continue };
        let made = made::pack("home", built);
        let rendered = helm.run(&["template", "home", &made.archive(), "-n", "home"], "").stdout;
        assert_eq!(rendered.matches(&format!("image: \"{image}\"")).count(), 2, "{rendered}");
    }
}

/// No container of any chart that we make names an image that is not on the list.
#[test]
fn every_image_of_a_pod_is_on_the_list() {
    for made in made::cases() {
        let listed = objects::images(&made.built.plan, &made.built.charts);
        for item in made.built.charts.iter().flat_map(|chart| &chart.objects) {
            let mut named = Vec::new();
            images_below(item.object.json(), &mut named);
            for image in named {
                assert!(listed.contains_key(&image), "{}: {image} of {}", made.name, item.file);
            }
            assert!(item.exposed.iter().all(|it| !matches!(it.form, Form::Image { .. }) || !it.key.is_empty()));
        }
    }
}

fn images_below(value: &Value, named: &mut Vec<String>) {
    match value {
        Value::Object(map) => {
            for list in ["containers", "initContainers"] {
                for container in map.get(list).and_then(Value::as_array).into_iter().flatten() {
                    named.extend(container["image"].as_str().map(str::to_owned));
                }
            }
            map.values().for_each(|below| images_below(below, named));
        }
        Value::Array(items) => items.iter().for_each(|below| images_below(below, named)),
        _ => {}
    }
}
