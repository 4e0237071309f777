//! What a real API server says about our objects: upstream's own CRDs, strict field validation, nothing run.

mod add_ons;
mod cert_manager;
mod cluster_dns;
pub mod control_plane;
mod csi;
mod install;
mod metallb;
mod pod;
mod resolver;
mod scheduling;
mod teardown;

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use serde_json::Value;

use crate::made;
use control_plane::ControlPlane;
use control_plane::stream;

/// Asks the server to check them as if they were to be stored.
fn dry_run(plane: &ControlPlane, objects: &[Value]) -> (usize, String) {
    let arguments = ["create", "--dry-run=server", "--validate=strict", "--output=name", "--filename=-"];
    let answer = plane.kubectl(&arguments, &stream(objects));
    (answer.stdout.lines().count(), answer.stderr)
}

#[test]
fn every_object_is_accepted_and_a_misspelled_field_is_not() {
    let Some(plane) = control_plane::start() else { return };
    let clusters = made::cases();
    plane.create_crds(&clusters.iter().flat_map(made::Made::planned).collect::<Vec<_>>());
    let mut namespaces = BTreeSet::new();
    let mut kinds = BTreeMap::new();
    for cluster in &clusters {
        let namespace = &cluster.built.plan.facts.namespace;
        namespaces.insert(namespace.clone());
        for object in cluster.planned() {
            let place = |key: &str| object["metadata"][key].as_str().map(str::to_owned);
            namespaces.extend(place("namespace"));
            kinds.entry((object["apiVersion"].to_string(), object["kind"].to_string())).or_insert(object);
        }
    }
    plane.create_namespaces(namespaces.iter().map(String::as_str));
    for cluster in &clusters {
        // A Namespace that is there already cannot be created once more.
        let mut objects = cluster.planned();
        objects.retain(|object| object["kind"] != "Namespace");
        if objects.is_empty() {
            continue;
        }
        plane.use_namespace(&cluster.built.plan.facts.namespace);
        let (accepted, said) = dry_run(&plane, &objects);
        assert_eq!((accepted, said.as_str()), (objects.len(), ""), "{}", cluster.name);
    }
    let wrong: Vec<(String, Value)> = kinds.values().flat_map(misspelled).collect();
    let (accepted, said) = dry_run(&plane, &wrong.iter().map(|(_, object)| object.clone()).collect::<Vec<_>>());
    assert_eq!(accepted, 0);
    for ((place, object), said) in wrong.iter().zip(said.lines().filter(|line| line.contains("Error"))) {
        assert!(said.contains(&format!("unknown field \"{place}\"")), "{place}: {said}\n{object}");
    }
}

/// The object with a field that its kind does not have, in places of different depth, and their names.
fn misspelled(object: &Value) -> Vec<(String, Value)> {
    let places = ["", "/spec", "/spec/template/spec", "/spec/template/spec/containers/0"];
    let jobs = ["/spec/jobTemplate/spec/template/spec/containers/0"];
    let there = places.into_iter().chain(jobs).filter(|place| object.pointer(place).is_some_and(Value::is_object));
    let with = |place: &str| {
        let mut changed = object.clone();
        changed.pointer_mut(place).unwrap()["misspelled"] = "x".into();
        let path = format!("{place}/misspelled").trim_start_matches('/').replace('/', ".");
        (path.replace(".0", "[0]"), changed)
    };
    there.map(with).collect()
}
