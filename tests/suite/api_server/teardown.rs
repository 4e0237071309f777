//! The script of `helm ha teardown`, run on a real API server: data stays, or everything goes.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use helm_ha::generate::teardown::script;
use serde_json::Value;
use serde_json::json;

use super::control_plane;
use super::control_plane::ControlPlane;
use crate::made;
use crate::made::Made;
use crate::oracle;
use crate::oracle::Answer;
use crate::oracle::Oracle;
use crate::oracle::oracle;

#[test]
fn a_teardown_keeps_what_holds_data_until_it_is_told_its_name() {
    let (Some(helm), Some(plane)) = (oracle("helm4"), control_plane::start()) else { return };
    let made = made::examples().into_iter().find(|made| made.name == "homelab").unwrap();
    let facts = &made.built.plan.facts;
    let (archive, kubeconfig) = (made.archive(), plane.kubeconfig());
    let line =
        ["upgrade", "--install", &facts.name, &archive, "-n", &facts.namespace, "--create-namespace", &kubeconfig];
    let answer = helm.run(&line, "");
    assert!(answer.succeeded, "{}", answer.stderr);
    plane.use_namespace(&facts.namespace);
    // What a StatefulSet and the provisioner of Ceph would have made.
    let claim = |name: &str| {
        json!({
            "apiVersion": "v1", "kind": "PersistentVolumeClaim",
            "metadata": { "name": name, "namespace": facts.namespace, "labels": { "app.kubernetes.io/instance": facts.name } },
            "spec": { "accessModes": ["ReadWriteOnce"], "storageClassName": "cephfs", "resources": { "requests": { "storage": "1Gi" } } },
        })
    };
    let volume = json!({
        "apiVersion": "v1", "kind": "PersistentVolume", "metadata": { "name": "pvc-0001" },
        "spec": { "accessModes": ["ReadWriteMany"], "capacity": { "storage": "1Gi" }, "storageClassName": "cephfs",
            "persistentVolumeReclaimPolicy": "Retain", "csi": { "driver": "rook-ceph.cephfs.csi.ceph.com", "volumeHandle": "x" } },
    });
    plane.create(&[claim("data-db-0"), volume]);
    let keep = |object: &&Value| object["metadata"]["annotations"]["helm.sh/resource-policy"] == "keep";
    let planned = made.planned();
    let kept: Vec<Value> = planned.iter().filter(keep).cloned().collect();

    run(&plane, &helm, &made, false);
    assert_eq!(plane.get(&kept).len(), kept.len());
    assert_eq!(plane.get(&planned).len(), kept.len());
    assert_eq!(plane.get_all("persistentvolumes").iter().filter(|it| it["metadata"]["name"] == "pvc-0001").count(), 1);

    run(&plane, &helm, &made, true);
    // No controller is there that ends a namespace.
    let left: Vec<Value> = plane.get_all("namespaces");
    let left: Vec<&Value> = left.iter().filter(|it| it["metadata"]["deletionTimestamp"].is_null()).collect();
    let names: Vec<&str> = left.iter().filter_map(|it| it["metadata"]["name"].as_str()).collect();
    assert_eq!(names, ["default", "kube-node-lease", "kube-public", "kube-system"]);
    for kind in
        ["persistentvolumeclaims", "persistentvolumes", "storageclasses", "deployments", "customresourcedefinitions"]
    {
        assert_eq!(plane.get_all(kind), Vec::<Value>::new(), "{kind}");
    }
    let roles = plane.get_all("clusterroles,clusterrolebindings,roles,rolebindings,serviceaccounts,configmaps");
    let ours = roles.iter().filter(|it| it["metadata"]["labels"]["app.kubernetes.io/part-of"] == facts.name.as_str());
    assert_eq!(ours.collect::<Vec<_>>(), Vec::<&Value>::new());
}

/// Runs the script with these programs, and nobody waits.
fn run(plane: &ControlPlane, helm: &Oracle, made: &Made, destroy: bool) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    symlink(helm.path(), path.join("helm")).unwrap();
    symlink(plane.kubectl.path(), path.join("kubectl")).unwrap();
    fs::write(path.join("sleep"), "#!/bin/sh\n").unwrap();
    fs::set_permissions(path.join("sleep"), fs::Permissions::from_mode(0o755)).unwrap();
    let text = script(&made.built.plan, &made.built.charts, destroy).unwrap();
    assert_eq!(text.contains("DESTROYED"), destroy);
    fs::write(path.join("teardown.sh"), &text).unwrap();
    let answer = bash(path, plane.kubeconfig().trim_start_matches("--kubeconfig="));
    assert!(answer.succeeded, "{}\n{}\n{text}", answer.stdout, answer.stderr);
}

fn bash(folder: &Path, kubeconfig: &str) -> Answer {
    let paths = format!("{}:/usr/local/bin:/usr/bin:/bin", folder.display());
    let mut command = Command::new("bash");
    command.arg(folder.join("teardown.sh")).env_clear().env("PATH", paths);
    oracle::answer(command.env("HOME", folder).env("KUBECONFIG", kubeconfig), "")
}
