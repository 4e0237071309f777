//! Short forms of one file -> their long forms, so that files merge key by key: `ports: { http: 8080 }` becomes
//! `ports: { http: { port: 8080 } }`. Works on places, so that findings still point at what was written.

use crate::source::Sources;
use crate::yaml::Entry;
use crate::yaml::Node;
use crate::yaml::Value;

/// Expands every short form of a file in place.
pub fn expand(root: &mut Node, sources: &Sources) {
    each(root.get_mut("gateways"), |_, gateway| {
        if !matches!(gateway.value, Value::Map(_) | Value::Null) {
            wrap(gateway, &["address"]);
        }
    });
    each(root.get_mut("services"), |name, service| expand_service(name, service, sources));
    if let Some(defaults) = root.get_mut("defaults") {
        expand_service("", defaults, sources);
    }
}

fn expand_service(name: &str, service: &mut Node, sources: &Sources) {
    each(service.get_mut("ports"), |_, port| wrap_scalar(port, "port"));
    each(service.get_mut("streams"), |_, stream| wrap_scalar(stream, "port"));
    if let Some(schedule) = service.get_mut("schedule") {
        wrap_scalar(schedule, "cron");
    }
    if let Some(routes) = service.get_mut("routes") {
        if matches!(routes.value, Value::String(_)) {
            wrap(routes, &[name, "port"]);
        }
        each(Some(routes), |_, route| expand_route(route));
    }
    expand_probe(service);
    expand_env(service.get_mut("env"), sources);
    for containers in ["init", "sidecars", "once"] {
        each(service.get_mut(containers), |_, container| expand_env(container.get_mut("env"), sources));
    }
}

fn expand_route(route: &mut Node) {
    wrap_scalar(route, "port");
    let Some(via) = route.get_mut("via") else { return };
    if let Value::List(names) = &via.value {
        let entries = names.iter().filter_map(|name| match &name.value {
            Value::String(text) => Some(Entry {
                key: text.clone(),
                key_span: name.span,
                node: Node { value: Value::Map(Vec::new()), ..name.clone() },
            }),
            _ => None,
        });
        let mut unique: Vec<Entry> = Vec::new();
        for entry in entries {
            if !unique.iter().any(|known| known.key == entry.key) {
                unique.push(entry);
            }
        }
        via.value = Value::Map(unique);
    }
    each(Some(via), |_, way| {
        for key in ["auth", "allow"] {
            if let Some(node) = way.get_mut(key)
                && node.value == Value::Null
            {
                // `null` switches a feature off here; between files it would delete the key.
                node.value = Value::Bool(false);
            }
        }
    });
}

/// `probe` -> `probes.liveness` and `probes.readiness`, unless `probes` says them; `none` -> `probes.default`.
fn expand_probe(service: &mut Node) {
    let Some(entries) = service.map_mut() else { return };
    let Some(at) = entries.iter().position(|entry| entry.key == "probe") else { return };
    let probe = entries.remove(at);
    let keys: &[&str] = match &probe.node.value {
        Value::Map(_) => &["liveness", "readiness"],
        Value::Null => &["liveness", "readiness", "default"],
        _ => &["default"],
    };
    if !entries.iter().any(|entry| entry.key == "probes") {
        let node = Node { value: Value::Map(Vec::new()), ..probe.node.clone() };
        entries.push(Entry { key: "probes".to_owned(), key_span: probe.key_span, node });
    }
    let Some(probes) = entries.iter_mut().find(|entry| entry.key == "probes") else { return };
    let Some(probes) = probes.node.map_mut() else { return };
    for key in keys {
        if !probes.iter().any(|entry| entry.key == *key) {
            probes.push(Entry { key: (*key).to_owned(), key_span: probe.key_span, node: probe.node.clone() });
        }
    }
}

/// Scalars keep the text that was written.
fn expand_env(env: Option<&mut Node>, sources: &Sources) {
    each(env, |_, node| {
        if matches!(node.value, Value::Bool(_) | Value::Number(_)) {
            let text = node.text(sources).unwrap_or_default().to_owned();
            node.value = Value::String(text);
        }
    });
}

fn each(map: Option<&mut Node>, mut change: impl FnMut(&str, &mut Node)) {
    for entry in map.and_then(Node::map_mut).into_iter().flatten() {
        change(&entry.key, &mut entry.node);
    }
}

fn wrap_scalar(node: &mut Node, key: &str) {
    if matches!(node.value, Value::Number(_) | Value::String(_) | Value::Bool(_)) {
        wrap(node, &[key]);
    }
}

/// Puts a node below these keys, all of which were written where the node was.
fn wrap(node: &mut Node, keys: &[&str]) {
    for key in keys.iter().rev() {
        let inner = node.clone();
        node.value = Value::Map(vec![Entry { key: (*key).to_owned(), key_span: inner.span, node: inner }]);
    }
}
