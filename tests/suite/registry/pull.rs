//! Pulling into a cache: from real registries, through cuts and kills, each byte about once.

use std::path::Path;

use helm_ha::host::Host;
use helm_ha::oci::Platform;
use helm_ha::registry::Cache;
use helm_ha::registry::Puller;
use helm_ha::registry::Wanted;

use crate::registry::images;
use crate::registry::server;
use crate::registry::server::Wishes;

fn pull(client: &helm_ha::registry::Client, cache: &Path, names: &[String]) -> Result<(), String> {
    let cache = Cache::new(cache, &Host);
    let platforms = [Platform::linux("amd64"), Platform::linux("arm64")];
    let puller = Puller { client, cache: &cache, machine: &Host, platforms: &platforms };
    let wanted = |name: &String| Wanted { image: name.parse().unwrap(), digest: None };
    let wanted: Vec<Wanted> = names.iter().map(wanted).collect();
    puller.pull(&wanted).map(|_| ()).map_err(|error| error.to_string())
}

#[test]
fn every_blob_of_all_images_is_pulled_once() {
    for wishes in [Wishes::default(), Wishes { tls: true, ..Wishes::default() }] {
        let Some(registry) = server::distribution(wishes) else { return };
        let client = images::client(&registry);
        let shared = images::noise(3 << 20, 1);
        let names: Vec<String> = (0..4).map(|number| format!("{}/team/image{number}:1", registry.host())).collect();
        for number in 0..4 {
            let repository = client.repository(&registry.host(), &format!("team/image{number}"));
            images::push(&repository, "1", &["amd64", "arm64"], &shared);
        }
        let folder = tempfile::tempdir().unwrap();
        pull(&client, folder.path(), &names).unwrap();
        // One index and two manifests of each image differ by nothing but the name: four images are one.
        let blobs = images::sound(folder.path());
        assert_eq!(blobs.len(), 1 + 2 + 2 + 1 + 2, "index, manifests, configurations, shared layer, own layers");
        assert!(std::fs::read_dir(folder.path().join("partial")).unwrap().next().is_none());
        // With everything there and digests known nobody is asked.
        let digest = client.repository(&registry.host(), "team/image0").resolve("1").unwrap();
        let port = registry.port;
        drop(registry);
        assert!(std::net::TcpStream::connect(("127.0.0.1", port)).is_err());
        let cache = Cache::new(folder.path(), &Host);
        let platforms = [Platform::linux("amd64")];
        let puller = Puller { client: &client, cache: &cache, machine: &Host, platforms: &platforms };
        puller.pull(&[Wanted { image: names[0].parse().unwrap(), digest }]).unwrap();
        assert_eq!(cache.prune(1 << 30).unwrap().files, 0);
        assert_eq!(cache.prune(0).unwrap().files, 8);
    }
}

#[test]
fn images_without_an_index_are_pulled_for_their_platform_alone() {
    let Some(registry) = server::in_memory() else { return };
    let client = images::client(&registry);
    let repository = client.repository(&registry.host(), "single");
    images::push_single(&repository, "1", "arm64", b"layer");
    let folder = tempfile::tempdir().unwrap();
    let name = format!("{}/single:1", registry.host());
    let error = pull(&client, folder.path(), std::slice::from_ref(&name)).unwrap_err();
    assert_eq!(error, format!("{name}: it does not exist for linux/amd64, only for linux/arm64"));
}
