//! A real cluster starts from a bundle: the stores of its nodes are empty, there is no registry and no way out.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use std::path::Path;

use helm_ha::bundle::Packing;
use serde_json::Value;

use crate::bundle::site::LAYER;
use crate::bundle::site::Site;
use crate::cluster::machines::Machines;
use crate::cluster::machines::text;
use crate::cluster::site;
use crate::oracle::file;
use crate::program::Folder;

/// Puts the images of an archive of `docker save` into the cache of a site.
fn take(images: &Path, site: &mut Site) {
    let mut files = BTreeMap::new();
    let mut archive = tar::Archive::new(fs::File::open(images).unwrap());
    for entry in archive.entries().unwrap() {
        let mut entry = entry.unwrap();
        let name = entry.path().unwrap().display().to_string();
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).unwrap();
        if name.ends_with(".tar") {
            files.insert(name, site.blob(LAYER, &bytes));
        } else {
            site.folder.write(&name, &bytes);
        }
    }
    let list: Value = serde_json::from_slice(&fs::read(site.path("manifest.json")).unwrap()).unwrap();
    for image in list.as_array().unwrap() {
        let config = fs::read(site.path(image["Config"].as_str().unwrap())).unwrap();
        let layers = image["Layers"].as_array().unwrap().iter().map(|layer| files[layer.as_str().unwrap()].clone());
        let manifest = site.single(&config, &layers.collect::<Vec<_>>());
        for name in image["RepoTags"].as_array().unwrap() {
            site.add_single(name.as_str().unwrap(), &manifest);
        }
    }
}

#[test]
fn three_nodes_start_from_the_bundle_alone() {
    let Some(images) = file("images/cluster.tar") else { return };
    let folder = Folder::new(&[("cluster.yaml", &text("cluster.yaml"))]);
    let said = folder.run(&["generate", "cluster.yaml"], &[], b"");
    assert_eq!(said.code, Some(0), "{said}");
    let mut source = Site { folder, sources: Vec::new(), chart: "proof-1.0.0.tgz" };
    take(&images, &mut source);
    source.bundle_with("proof.bundle", Packing::Zstd, &["amd64"], None, None).unwrap();
    let said = source.folder.run(&["load", "proof.bundle", "--to", "k3s", "--root", "node"], &[], b"");
    assert_eq!(said.code, Some(0), "{said}");
    let placed = source.path("node/var/lib/rancher/k3s/agent/images/helm-ha-proof.tar");
    let Some(machines) = Machines::start_with(site::NODES, &placed) else { return };
    // Every pod and certificate is ready in there, or this says what is not.
    let Some(cluster) = site::Site::install_on("helm4", machines) else { return };
    let pods = cluster.machines.get(&["--all-namespaces", "pods"]);
    let text = pods.to_string();
    assert!(!text.contains("ErrImagePull") && !text.contains("ImagePullBackOff"), "{text}");
    let names: Vec<&str> = source.sources.iter().map(|source| source.name.as_str()).collect();
    for pod in pods["items"].as_array().unwrap() {
        for container in pod["spec"]["containers"].as_array().unwrap() {
            assert!(names.contains(&container["image"].as_str().unwrap()), "{container}");
        }
    }
}
