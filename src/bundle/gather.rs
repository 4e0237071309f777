//! Images by the digests that their names mean, and a folder with their blobs, in; what of it a bundle holds out.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use crate::bundle::contents::Blob;
use crate::bundle::contents::Image;
use crate::bundle::contents::PlatformManifest;
use crate::bundle::error::BundleError;
use crate::bundle::sbom;
use crate::bundle::sbom::Inventory;
use crate::bundle::sbom::Layer;
use crate::bundle::store::Store;
use crate::machine::Progress;
use crate::oci::Descriptor;
use crate::oci::Digest;
use crate::oci::MANIFEST_LIMIT;
use crate::oci::Manifest;
use crate::oci::Named;
use crate::oci::Platform;
use crate::oci::media_type;
use crate::parallel;

/// Bytes of the configuration of an image.
pub const CONFIG_LIMIT: u64 = 8 << 20;

/// What the name of an image means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// `REGISTRY/REPOSITORY:TAG`, with `@sha256:...` when the chart names it so.
    pub name: String,
    /// Its index, or its only manifest.
    pub root: Descriptor,
}

/// Images with everything that belongs to them.
pub struct Gathered {
    /// Sorted by name.
    pub images: Vec<Image>,
    /// What is in the manifests of each image.
    pub inventories: Vec<Vec<Inventory>>,
    /// Indexes, manifests and configurations, then layers, each by digest.
    pub blobs: Vec<Blob>,
}

/// Collects the images for these platforms.
pub fn gather(
    sources: &[Source],
    platforms: &[Platform],
    store: &Store<'_>,
    progress: &dyn Progress,
) -> Result<Gathered, BundleError> {
    let mut sources = sources.to_vec();
    sources.sort_by(|one, other| one.name.cmp(&other.name));
    sources.dedup();
    let (mut small, mut layers) = (BTreeMap::new(), BTreeMap::new());
    let (mut images, mut manifests) = (Vec::new(), Vec::new());
    let mut missing = Vec::new();
    for source in &sources {
        let bytes = store.read(&source.root.digest, MANIFEST_LIMIT)?;
        small.insert(source.root.digest, bytes.len() as u64);
        let named = Named::read(&bytes, Some(&source.root.media_type)).map_err(|error| broken(source, &error))?;
        let mut of_image = Vec::new();
        for platform in platforms {
            let found = match &named {
                Named::Manifest(manifest) => {
                    let runs = platform_of(manifest, store, source)?.runs_on(platform);
                    runs.then(|| (source.root.digest, manifest.clone()))
                }
                Named::Index(index) => match index.for_platform(platform) {
                    Some(descriptor) => Some((descriptor.digest, manifest(descriptor, store, source)?)),
                    None => None,
                },
            };
            match found {
                Some((digest, manifest)) => of_image.push((platform.clone(), digest, manifest)),
                None => missing.push(format!("{} is not there for {platform}", source.name)),
            }
        }
        for (_, digest, manifest) in &of_image {
            if *digest != source.root.digest {
                let size = store.read(digest, MANIFEST_LIMIT)?.len() as u64;
                small.insert(*digest, size);
            }
            small.insert(manifest.config.digest, store.read(&manifest.config.digest, CONFIG_LIMIT)?.len() as u64);
            layers.extend(manifest.blobs().skip(1).map(|layer| (layer.digest, layer.clone())));
        }
        let of_platform = |(platform, digest, _): &(Platform, Digest, Manifest)| PlatformManifest {
            platform: platform.clone(),
            digest: *digest,
        };
        images.push(Image {
            name: source.name.clone(),
            media_type: match &named {
                Named::Manifest(_) | Named::Index(_) if !source.root.media_type.is_empty() => {
                    source.root.media_type.clone()
                }
                Named::Manifest(_) => media_type::MANIFEST.to_owned(),
                Named::Index(_) => media_type::INDEX.to_owned(),
            },
            digest: source.root.digest,
            size: bytes.len() as u64,
            manifests: of_image.iter().map(of_platform).collect(),
        });
        manifests.push(of_image);
    }
    if !missing.is_empty() {
        let hint = "name the platforms that the nodes have with `--platform`";
        return Err(BundleError::Impossible(format!("{}\n{hint}", missing.join("\n"))));
    }
    let layers: Vec<Descriptor> = layers.into_values().filter(|layer| !small.contains_key(&layer.digest)).collect();
    let scanned = scan(&layers, store, progress)?;
    let mut blobs: Vec<Blob> = small.into_iter().map(|(digest, size)| Blob { digest, size }).collect();
    blobs.extend(scanned.values().map(|(_, blob)| *blob));
    let inventory = |manifest: &Manifest| {
        let layers = manifest.layers.iter();
        let nothing = Layer { unread: Some("it is not in registries".to_owned()), ..Layer::default() };
        let found: Vec<(String, Layer)> = layers
            .map(|layer| {
                let scanned = scanned.get(&layer.digest).map(|(layer, _)| layer);
                (layer.digest.to_string(), scanned.unwrap_or(&nothing).clone())
            })
            .collect();
        sbom::inventory(found.iter().map(|(name, layer)| (name.clone(), layer)))
    };
    let inventories = manifests.iter().map(|of_image| of_image.iter().map(|(_, _, it)| inventory(it)).collect());
    Ok(Gathered { images, inventories: inventories.collect(), blobs })
}

/// Looks through every layer once, and checks its bytes while at it.
fn scan(
    layers: &[Descriptor],
    store: &Store<'_>,
    progress: &dyn Progress,
) -> Result<BTreeMap<Digest, (Layer, Blob)>, BundleError> {
    let mut layers: Vec<&Descriptor> = layers.iter().collect();
    // The longest work first, so that no core waits for it in the end.
    layers.sort_by_key(|layer| std::cmp::Reverse(layer.size));
    let results = parallel::map_long(&layers, |layer| {
        let file = store.open(&layer.digest)?;
        let (found, digest, size) = sbom::scan(layer, file)?;
        progress.add(size);
        let blob = Blob { digest, size };
        store.check(&layer.digest, &blob)?;
        Ok((layer.digest, (found, blob)))
    });
    results.into_iter().collect()
}

fn manifest(descriptor: &Descriptor, store: &Store<'_>, source: &Source) -> Result<Manifest, BundleError> {
    let bytes = store.read(&descriptor.digest, MANIFEST_LIMIT)?;
    match Named::read(&bytes, Some(&descriptor.media_type)).map_err(|error| broken(source, &error))? {
        Named::Manifest(manifest) => Ok(manifest),
        Named::Index(_) => Err(broken(source, &"its index names another index")),
    }
}

/// What an image without an index says of itself.
fn platform_of(manifest: &Manifest, store: &Store<'_>, source: &Source) -> Result<Platform, BundleError> {
    let bytes = store.read(&manifest.config.digest, CONFIG_LIMIT)?;
    Platform::of_config(&bytes).map_err(|error| broken(source, &error))
}

fn broken(source: &Source, reason: &dyn std::fmt::Display) -> BundleError {
    BundleError::Impossible(format!("{}: {reason}", source.name))
}

/// The digests of all blobs that belong to the images of a bundle, as their manifests say. `read` gives the bytes of an
/// index or manifest.
pub fn referenced(images: &[Image], read: &dyn Fn(&Digest) -> Option<Vec<u8>>) -> Result<BTreeSet<Digest>, String> {
    let mut all = BTreeSet::new();
    for image in images {
        let bytes = |digest: &Digest| read(digest).ok_or_else(|| format!("{} lacks its part {digest}", image.name));
        let named = |digest: &Digest| {
            Named::read(&bytes(digest)?, Some(&image.media_type)).map_err(|error| format!("{}: {error}", image.name))
        };
        all.insert(image.digest);
        let root = named(&image.digest)?;
        for of_platform in &image.manifests {
            let manifest = match (&root, of_platform.digest == image.digest) {
                (Named::Manifest(manifest), true) => manifest.clone(),
                (Named::Index(index), false) => {
                    let listed = index.for_platform(&of_platform.platform);
                    if listed.is_none_or(|listed| listed.digest != of_platform.digest) {
                        let Image { name, .. } = image;
                        return Err(format!("the index of {name} names another manifest for {}", of_platform.platform));
                    }
                    let bytes = bytes(&of_platform.digest)?;
                    match Named::read(&bytes, listed.map(|it| it.media_type.as_str())) {
                        Ok(Named::Manifest(manifest)) => manifest,
                        Ok(Named::Index(_)) => return Err(format!("the index of {} names another index", image.name)),
                        Err(error) => return Err(format!("{}: {error}", image.name)),
                    }
                }
                _ => return Err(format!("{} is not what is listed for {}", image.name, of_platform.platform)),
            };
            all.insert(of_platform.digest);
            all.extend(manifest.blobs().map(|blob| blob.digest));
        }
    }
    Ok(all)
}
