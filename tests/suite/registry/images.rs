//! Images for a test: small blobs, pushed by our own client, as real registries keep them.

use std::path::Path;

use helm_ha::host::Host;
use helm_ha::machine::Trust;
use helm_ha::oci::Descriptor;
use helm_ha::oci::Digest;
use helm_ha::oci::Index;
use helm_ha::oci::Manifest;
use helm_ha::oci::Platform;
use helm_ha::oci::media_type;
use helm_ha::registry::Client;
use helm_ha::registry::Options;
use helm_ha::registry::Repository;

use crate::registry::server::Registry;

pub const LAYER: &str = "application/vnd.oci.image.layer.v1.tar+gzip";

/// A client of the test's own. The logins are those of the person who runs the tests, so the registry wants none.
pub fn client(registry: &Registry) -> Client<'static> {
    let authorities = registry.wishes.tls.then(|| std::fs::read(registry.authority()).unwrap());
    let trust = Trust { authorities, ..Trust::default() };
    Client::new(&Host, Options { trust, ..Options::default() }).unwrap()
}

/// Pushes an image for these processors, with a layer of its own for each and one that all share; gives the digest of
/// its index.
pub fn push(repository: &Repository, tag: &str, architectures: &[&str], layer: &[u8]) -> Digest {
    let manifests = architectures.iter().map(|architecture| {
        let own = format!("{tag} on {architecture}");
        let bytes = manifest(repository, architecture, &[layer, own.as_bytes()]).to_json();
        let mut descriptor = put(repository, media_type::MANIFEST, &bytes);
        descriptor.platform = Some(Platform::linux(architecture));
        descriptor
    });
    let index = Index {
        schema_version: 2,
        media_type: Some(media_type::INDEX.to_owned()),
        manifests: manifests.collect(),
        annotations: [].into(),
    };
    let bytes = helm_ha::oci::go_json(&index);
    repository.put_manifest(tag, media_type::INDEX, &bytes).unwrap();
    Digest::of(&bytes)
}

/// Pushes an image without an index.
pub fn push_single(repository: &Repository, tag: &str, architecture: &str, layer: &[u8]) -> Digest {
    let bytes = manifest(repository, architecture, &[layer]).to_json();
    repository.put_manifest(tag, media_type::MANIFEST, &bytes).unwrap();
    Digest::of(&bytes)
}

fn manifest(repository: &Repository, architecture: &str, layers: &[&[u8]]) -> Manifest {
    let config = format!(
        "{{\"architecture\":\"{architecture}\",\"os\":\"linux\",\"rootfs\":{{\"type\":\"layers\",\"diff_ids\":[]}}}}"
    );
    let config = blob(repository, "application/vnd.oci.image.config.v1+json", config.as_bytes());
    let layers = layers.iter().map(|bytes| blob(repository, LAYER, bytes)).collect();
    Manifest::new(config, layers, [].into())
}

fn blob(repository: &Repository, media_type: &str, bytes: &[u8]) -> Descriptor {
    let descriptor = Descriptor::of(media_type, bytes);
    let owned = bytes.to_vec();
    let open = move || Ok(Box::new(std::io::Cursor::new(owned.clone())) as Box<dyn std::io::Read + Send>);
    repository.upload(&descriptor.digest, descriptor.size, &open).unwrap();
    descriptor
}

fn put(repository: &Repository, media_type: &str, bytes: &[u8]) -> Descriptor {
    repository.put_manifest(&Digest::of(bytes).to_string(), media_type, bytes).unwrap();
    Descriptor::of(media_type, bytes)
}

/// Bytes that do not compress and are the same every time.
pub fn noise(length: usize, seed: u64) -> Vec<u8> {
    let mut state = seed * 2 + 1;
    let mut bytes = Vec::with_capacity(length + 8);
    while bytes.len() < length {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bytes.extend_from_slice(&state.to_le_bytes());
    }
    bytes.truncate(length);
    bytes
}

/// Every whole blob of a cache is what its name says; gives their names.
pub fn sound(cache: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(cache.join("blobs/sha256")).into_iter().flatten().map(Result::unwrap);
    let mut names: Vec<String> = entries
        .map(|entry| {
            let name = entry.file_name().into_string().unwrap();
            assert_eq!(Digest::of(&std::fs::read(entry.path()).unwrap()).hex(), name);
            name
        })
        .collect();
    names.sort();
    names
}
