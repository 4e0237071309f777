//! Choices in; patches of services and objects of one's own, which keep every rule, out.

use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use crate::generated::service::Draft;
use crate::generated::service::Kind;
use crate::generated::tape::Tape;
use crate::sample::TEXTS;

/// A patch of the objects that run a service's pods, and perhaps of others.
pub fn patch(tape: &mut Tape, name: &str, draft: &Draft) -> Value {
    let kind = match draft.kind {
        Kind::PerNode => "Deployment".to_owned(),
        kind => format!("{kind:?}"),
    };
    let main = |more: Value| {
        let mut container = json!({ "name": name });
        container.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        json!({ "containers": [container] })
    };
    let pod = match tape.below(8) {
        0 => json!({ "shareProcessNamespace": true, "hostAliases": [{ "ip": "10.0.0.1", "hostnames": ["nas"] }] }),
        1 => main(json!({ "image": "quay.io/patched/image:3" })),
        2 => json!({ "containers": [{ "name": "more", "image": "busybox:1.37", "command": [tape.one(TEXTS)] }] }),
        3 => main(json!({ "resources": { "$patch": "replace", "limits": { "memory": "1Gi" } } })),
        4 => main(json!({ "resources": { "claims": [{ "name": "card" }] } })),
        5 => main(
            json!({ "env": [{ "name": "FROM_DEFAULTS", "$patch": "delete" }, { "name": "ADDED", "value": tape.one(TEXTS) }] }),
        ),
        6 => json!({ "imagePullSecrets": [{ "name": "mine" }], "topologySpreadConstraints": null }),
        _ => main(json!({ "securityContext": null, "resources": null })),
    };
    let template = json!({ "template": { "spec": pod } });
    let spec = if kind == "CronJob" { json!({ "jobTemplate": { "spec": template } }) } else { template };
    let mut patch =
        Map::from_iter([(kind, json!({ "spec": spec, "metadata": { "annotations": { "a": tape.one(TEXTS) } } }))]);
    if !draft.ports.is_empty() && draft.kind != Kind::CronJob && tape.chance(50) {
        patch.insert(format!("Service/{name}"), json!({ "spec": { "sessionAffinity": "ClientIP" } }));
    }
    patch.into()
}

/// Manifests of kinds that Kubernetes has, and of kinds that nobody here knows.
pub fn extra_objects(tape: &mut Tape) -> Value {
    let mut objects = Map::new();
    let texts: Map<String, Value> = (0..4).map(|at| (format!("text-{at}"), json!(tape.one(TEXTS)))).collect();
    objects.insert(
        "texts".to_owned(),
        json!({ "apiVersion": "v1", "kind": "ConfigMap", "metadata": { "name": "own-texts" }, "data": texts }),
    );
    if tape.chance(60) {
        let containers =
            json!([{ "name": "on", "image": "docker.io/example/own:1" }, { "name": "b", "image": "c/d:2" }]);
        let template = json!({ "metadata": { "labels": { "app": "own" } }, "spec": { "containers": containers } });
        let spec = json!({ "selector": { "matchLabels": { "app": "own" } }, "template": template });
        objects.insert(
            "pods".to_owned(),
            json!({ "apiVersion": "apps/v1", "kind": "Deployment", "metadata": { "name": "own-pods" }, "spec": spec }),
        );
    }
    if tape.chance(40) {
        let spec = json!({ "text": tape.one(TEXTS), "list": [1, [true, null]], "map": {} });
        objects.insert(
            "other".to_owned(),
            json!({ "apiVersion": "example.com/v1", "kind": "Note", "metadata": { "name": "own-note" }, "spec": spec }),
        );
    }
    objects.into()
}
