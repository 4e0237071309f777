//! What GitOps tools get: objects that their own CRDs accept, and a chart that is applied twice without a change.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::Duration;
use std::time::Instant;

use serde_json::Value;

use crate::api_server::control_plane;
use crate::api_server::control_plane::ControlPlane;
use crate::api_server::control_plane::stream;
use crate::made;
use crate::oracle::file;
use crate::oracle::helms;
use crate::program::Folder;
use crate::program::snapshot;

const DOCS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/gitops");

#[test]
fn the_objects_for_flux_are_those_of_the_page() {
    let folder = Folder::new(&[]);
    for (source, page) in [("oci://ghcr.io/example/charts", "registry"), ("https://charts.example.com", "web")] {
        let generate = ["generate", "examples/homelab.yaml", "-d", page, "--flux", source];
        let said = folder.run(&generate, &[], b"");
        assert!(said.code == Some(0) && said.stderr.contains("homelab-flux.yaml"), "{said}");
        let text = fs::read_to_string(folder.path(&format!("{page}/homelab-flux.yaml"))).unwrap();
        snapshot(&format!("../../docs/gitops/flux-{page}.yaml"), &text);
        let check = [&generate[..], &["--check"]].concat();
        assert_eq!(folder.run(&check, &[], b"").code, Some(0));
        folder.write(&format!("{page}/homelab-flux.yaml"), "old");
        assert_eq!(folder.run(&check, &[], b"").code, Some(2));
    }
    for wrong in ["ghcr.io/example", "oci://ghcr.io", "ftp://example.com"] {
        let said = folder.run(&["generate", "examples/homelab.yaml", "-d", "no", "--flux", wrong], &[], b"");
        assert!(said.code == Some(64) && said.stderr.contains(wrong), "{said}");
        assert!(!folder.path("no").exists());
    }
}

#[test]
fn flux_and_argo_cd_accept_the_objects() {
    let (Some((_, yaml)), Some(crds)) = (helms(), file("crds/gitops.yaml")) else { return };
    let Some(plane) = control_plane::start() else { return };
    plane.create(&yaml.documents(&fs::read_to_string(crds).unwrap()));
    wait_for_kinds(&plane);
    plane.create_namespaces(["flux-system", "argocd"].into_iter());
    for name in ["flux-registry", "flux-web", "argocd"] {
        let text = fs::read_to_string(Path::new(DOCS).join(format!("{name}.yaml"))).unwrap();
        let objects = yaml.documents(&text);
        assert!(!objects.is_empty(), "{name}");
        let apply = ["apply", "--server-side", "--dry-run=server", "--validate=strict", "--filename=-"];
        let answer = plane.kubectl(&apply, &stream(&objects));
        assert!(answer.succeeded && answer.stderr.is_empty(), "{name}: {}", answer.stderr);
        for object in objects {
            let mut wrong = object.clone();
            wrong["spec"]["misspelled"] = "x".into();
            let answer = plane.kubectl(&apply, &stream(&[wrong]));
            assert!(!answer.succeeded && answer.stderr.contains("misspelled"), "{name}: {}", answer.stderr);
        }
    }
}

/// As Argo CD does it.
#[test]
fn applying_the_rendered_chart_twice_changes_nothing() {
    let Some((helms, yaml)) = helms() else { return };
    let made = made::examples().into_iter().find(|made| made.name == "homelab").unwrap();
    let Some(plane) = control_plane::start() else { return };
    let facts = &made.built.plan.facts;
    plane.create_namespaces([facts.namespace.as_str()].into_iter());
    plane.use_namespace(&facts.namespace);
    for helm in &helms {
        let archive = made.archive();
        let said = helm.run(&["template", &facts.name, &archive, "-n", &facts.namespace, "--include-crds"], "");
        assert!(said.succeeded, "{}", said.stderr);
        let objects = yaml.documents(&said.stdout);
        let apply = |objects: &[Value]| {
            plane.kubectl(&["apply", "--server-side", "--field-manager=gitops", "--filename=-"], &stream(objects))
        };
        // The kinds first, as a sync does.
        let (crds, rest): (Vec<_>, Vec<_>) =
            objects.iter().cloned().partition(|object| object["kind"] == "CustomResourceDefinition");
        assert!(crds.len() > 30 && rest.len() > 100, "{} {}", crds.len(), rest.len());
        succeed(apply(&crds));
        wait_for_kinds(&plane);
        let (namespaces, rest): (Vec<_>, Vec<_>) = rest.into_iter().partition(|object| object["kind"] == "Namespace");
        succeed(apply(&namespaces));
        succeed(apply(&rest));
        let before = live(&plane, &objects);
        assert_eq!(before.len(), objects.len(), "{}", helm.name);
        succeed(apply(&objects));
        let mut changed = live(&plane, &objects);
        changed.retain(|name, object| before.get(name) != Some(object));
        assert_eq!(changed, BTreeMap::new(), "{}", helm.name);
    }
}

/// `kubectl wait` gives up on a CRD that has no condition yet.
fn wait_for_kinds(plane: &ControlPlane) {
    let start = Instant::now();
    let is_served = |crd: &Value| {
        let conditions = crd["status"]["conditions"].as_array().map_or(&[][..], Vec::as_slice);
        conditions.iter().any(|it| it["type"] == "Established" && it["status"] == "True")
    };
    while !plane.get_all("crd").iter().all(is_served) {
        assert!(start.elapsed() < Duration::from_secs(60), "the kinds are not served");
        std::thread::sleep(Duration::from_millis(100));
    }
}

fn succeed(answer: crate::oracle::Answer) {
    assert!(answer.succeeded, "{}", answer.stderr);
}

/// The objects as the server has them. It writes a claim once more without any change, as the next `resourceVersion` tells.
fn live(plane: &ControlPlane, objects: &[Value]) -> BTreeMap<String, Value> {
    let name = |object: &Value| {
        let metadata = &object["metadata"];
        format!("{} {}/{}", object["kind"], metadata["namespace"], metadata["name"])
    };
    let found = plane.get(objects).into_iter().map(|mut object| {
        object["metadata"].as_object_mut().unwrap().remove("resourceVersion");
        (name(&object), object)
    });
    found.collect()
}
