//! The real operator of Ceph's CSI drivers, with the rights of our chart on a real API server: what it starts later names
//! no image that `helm ha images` does not.

use std::collections::BTreeSet;
use std::fs;
use std::time::Duration;
use std::time::Instant;

use helm_ha::objects;
use serde_json::Value;

use super::control_plane;
use super::control_plane::Programs;
use super::pod::Account;
use crate::made;
use crate::oracle::oracle;
use crate::oracle::system;
use crate::own_network;

/// A controller and the pods of the nodes, for CephFS and for RBD.
const WORKLOADS: usize = 4;

#[test]
fn what_the_csi_operator_starts_later_is_on_the_list_of_images() {
    let (Some(operator), Some(helm)) = (oracle("ceph-csi-operator"), oracle("helm4")) else { return };
    let (Some(setpriv), Some(env), Some(_)) = (system("setpriv"), system("env"), system("unshare")) else { return };
    if !own_network::is_entered() {
        return;
    }
    let made = made::examples().into_iter().find(|made| made.name == "homelab").unwrap();
    let Some(plane) = control_plane::start() else { return };
    let arguments = ["upgrade", "--install", "homelab", &made.archive(), "-n", "homelab", "--create-namespace"];
    let answer = helm.run(&[&arguments[..], &[&plane.kubeconfig()]].concat(), "");
    assert!(answer.succeeded, "{}", answer.stderr);

    let planned = made.planned();
    let deployment = planned.iter().find(|it| it["metadata"]["name"] == "ceph-csi-controller-manager").unwrap();
    let pod = &deployment["spec"]["template"]["spec"];
    let container = &pod["containers"][0];
    let words = |list: &Value| -> Vec<String> {
        list.as_array().unwrap().iter().map(|word| word.as_str().unwrap().to_owned()).collect()
    };
    let variables = container["env"].as_array().unwrap().iter().map(|variable| {
        let value = variable["value"].as_str().unwrap_or("rook-ceph");
        format!("{}={value}", variable["name"].as_str().unwrap())
    });
    let variables: Vec<String> = variables.collect();
    let folder = tempfile::tempdir().unwrap();
    let account = Account { namespace: "rook-ceph", name: pod["serviceAccountName"].as_str().unwrap() };
    let program = [vec![operator.path().display().to_string()], words(&container["args"])].concat();
    let variables: Vec<&str> = variables.iter().map(String::as_str).collect();
    let path = folder.path().join("operator");
    let _operator = Programs(vec![account.run(&plane, [&setpriv, &env], &path, &variables, &program)]);

    let started = || -> Vec<Value> {
        let all = plane.get_all("deployments,daemonsets").into_iter();
        all.filter(|object| object["metadata"]["ownerReferences"][0]["kind"] == "Driver").collect()
    };
    let start = Instant::now();
    while started().len() < WORKLOADS {
        let log = || fs::read_to_string(path.join("env.log")).unwrap_or_default();
        assert!(start.elapsed() < Duration::from_secs(120), "{:#?}\n{}", started(), log());
        std::thread::sleep(Duration::from_millis(500));
    }
    let named: BTreeSet<String> = started().iter().flat_map(images).collect();
    let listed: BTreeSet<String> =
        objects::images(&made.built.plan, &made.built.charts).keys().map(ToString::to_string).collect();
    println!("{named:#?}");
    assert!(named.len() >= 5, "{named:?}");
    let missing: Vec<&String> = named.difference(&listed).collect();
    assert!(missing.is_empty(), "{missing:?} of {listed:?}");
}

fn images(workload: &Value) -> Vec<String> {
    let pod = &workload["spec"]["template"]["spec"];
    let lists = ["containers", "initContainers"].map(|list| pod[list].as_array().cloned().unwrap_or_default());
    lists.concat().iter().map(|container| container["image"].as_str().unwrap().to_owned()).collect()
}
