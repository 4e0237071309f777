//! A checked bundle in; its images in a registry out, under the same repositories and tags as before.

use std::collections::BTreeMap;
use std::io;
use std::io::Read;
use std::path::Path;
use std::path::PathBuf;

use crate::bundle::contents::Blob;
use crate::bundle::contents::Image;
use crate::bundle::error::BundleError;
use crate::bundle::error::unsound;
use crate::bundle::place::Loading;
use crate::machine::Files;
use crate::machine::Progress;
use crate::oci::Digest;
use crate::oci::ImageReference;
use crate::oci::Index;
use crate::oci::Manifest;
use crate::oci::Named;
use crate::oci::go_json;
use crate::oci::is_component;
use crate::oci::is_registry;
use crate::parallel;
use crate::registry::Client;
use crate::registry::RegistryError;

/// Where images go: a registry, and what their repositories begin with there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    registry: String,
    prefix: Vec<String>,
}

impl Target {
    /// Reads `HOST[:PORT][/PREFIX]`.
    pub fn read(text: &str) -> Result<Self, String> {
        let mut parts = text.split('/').map(str::to_owned);
        let registry = parts.next().unwrap_or_default();
        let prefix: Vec<String> = parts.collect();
        match is_registry(&registry) && prefix.iter().all(|part| is_component(part)) {
            true => Ok(Self { registry, prefix }),
            false => Err(format!("expected a registry, HOST[:PORT][/PREFIX], found `{text}`")),
        }
    }

    /// As `global.imageRegistry` wants it.
    pub fn address(&self) -> String {
        [std::slice::from_ref(&self.registry), &self.prefix].concat().join("/")
    }

    fn repository(&self, image: &ImageReference) -> String {
        [&self.prefix[..], std::slice::from_ref(&image.repository)].concat().join("/")
    }
}

/// What was pushed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pushed {
    /// The new names, in the order of the bundle.
    pub images: Vec<String>,
    /// Images of which the registry takes only the platforms that are inside: their digest is another one there.
    pub reduced: Vec<String>,
    /// Bytes that had to be sent.
    pub bytes: u64,
}

/// Why images cannot be pushed.
#[derive(Debug, thiserror::Error)]
pub enum PushError {
    #[error(transparent)]
    Bundle(#[from] BundleError),
    #[error(transparent)]
    Registry(#[from] RegistryError),
}

/// An image, and where it goes.
struct Going<'a> {
    image: &'a Image,
    repository: String,
    tag: String,
    is_locked: bool,
    /// Its manifests, with their bytes.
    manifests: Vec<(Digest, Manifest, Vec<u8>)>,
}

/// Pushes every image; what is there already is not sent again. `files`: the bundle and the older one, not compressed.
pub fn push(
    loading: &Loading<'_>,
    files: &Unpacked,
    target: &Target,
    client: &Client<'_>,
    machine: &dyn Files,
    progress: &dyn Progress,
) -> Result<Pushed, PushError> {
    loading.is_whole()?;
    let going = going(loading, target)?;
    let places = files.places(loading);
    // Each blob goes to the first repository that needs it; the others take it from there.
    let mut first: BTreeMap<Digest, &str> = BTreeMap::new();
    let mut later: BTreeMap<(&str, Digest), &str> = BTreeMap::new();
    for image in &going {
        for (_, manifest, _) in &image.manifests {
            for blob in manifest.blobs() {
                let home = *first.entry(blob.digest).or_insert(image.repository.as_str());
                if home != image.repository {
                    later.insert((image.repository.as_str(), blob.digest), home);
                }
            }
        }
    }
    let place = |digest: &Digest| {
        places.get(digest).ok_or_else(|| BundleError::Unsound(format!("the blob {digest} is not inside")))
    };
    let mut first: Vec<(Digest, &str)> = first.into_iter().collect();
    first.sort_by_key(|(digest, _)| std::cmp::Reverse(places.get(digest).map_or(0, |place| place.blob.size)));
    let upload = |digest: &Digest, repository: &str| -> Result<u64, PushError> {
        let place = place(digest)?;
        let open = || -> io::Result<Box<dyn Read + Send>> {
            Ok(Box::new(machine.open_at(&place.path, place.offset)?.take(place.blob.size)))
        };
        let repository = client.repository(&target.registry, repository);
        let sent = repository.upload(digest, place.blob.size, &open)?;
        progress.add(place.blob.size);
        Ok(if sent { place.blob.size } else { 0 })
    };
    let mut pushed = Pushed::default();
    for sent in parallel::map_long(&first, |(digest, repository)| upload(digest, repository)) {
        pushed.bytes += sent?;
    }
    let later: Vec<((&str, Digest), &str)> = later.into_iter().collect();
    let take = |((repository, digest), home): &((&str, Digest), &str)| -> Result<u64, PushError> {
        let there = client.repository(&target.registry, repository);
        if there.has(digest)? || there.mount(digest, home)? { Ok(0) } else { upload(digest, repository) }
    };
    for sent in parallel::map_long(&later, take) {
        pushed.bytes += sent?;
    }
    for image in &going {
        name(image, loading, target, client, &mut pushed)?;
    }
    Ok(pushed)
}

/// Where each image goes, once it is sure that no two go to the same place.
fn going<'a>(loading: &Loading<'a>, target: &Target) -> Result<Vec<Going<'a>>, BundleError> {
    let checked = loading.checked;
    let mut taken: BTreeMap<(String, String), &Image> = BTreeMap::new();
    let mut going = Vec::new();
    for image in &checked.head().contents.images {
        let reference: ImageReference = image.name.parse().map_err(|error| BundleError::Unsound(format!("{error}")))?;
        let (tag, locked) = reference.tag_and_digest();
        let (tag, is_locked) = (tag.to_owned(), locked.is_some());
        let repository = target.repository(&reference);
        if let Some(other) = taken.insert((repository.clone(), tag.clone()), image)
            && other.digest != image.digest
        {
            return Err(BundleError::Impossible(format!(
                "{} and {} have the same name in one registry: push them to two, or rename one",
                other.name, image.name
            )));
        }
        let mut manifests = Vec::new();
        for of_platform in &image.manifests {
            let bytes = checked.manifest(&of_platform.digest).unwrap_or_default();
            match Named::read(bytes, None) {
                Ok(Named::Manifest(manifest)) => manifests.push((of_platform.digest, manifest, bytes.to_vec())),
                _ => return unsound(format!("{} lacks its part {}", image.name, of_platform.digest)),
            }
        }
        going.push(Going { image, repository, tag, is_locked, manifests });
    }
    Ok(going)
}

/// Puts manifests, and the index under the tag.
fn name(
    going: &Going<'_>,
    loading: &Loading<'_>,
    target: &Target,
    client: &Client<'_>,
    pushed: &mut Pushed,
) -> Result<(), PushError> {
    let Going { image, repository, tag, .. } = going;
    let there = client.repository(&target.registry, repository);
    let root = loading.checked.manifest(&image.digest).unwrap_or_default();
    let shown = format!("{}/{repository}:{tag}", target.registry);
    pushed.images.push(shown.clone());
    if there.resolve(tag)? == Some(image.digest) {
        return Ok(());
    }
    for (digest, manifest, bytes) in going.manifests.iter().filter(|(digest, ..)| *digest != image.digest) {
        there.put_manifest(&digest.to_string(), &media_type(manifest), bytes)?;
    }
    let Err(error) = there.put_manifest(tag, &image.media_type, root) else { return Ok(()) };
    // Many registries take an index only with all that it names.
    let Ok(Named::Index(index)) = Named::read(root, Some(&image.media_type)) else { return Err(error.into()) };
    let inside = |digest: &Digest| going.manifests.iter().any(|(manifest, ..)| manifest == digest);
    if index.manifests.iter().all(|manifest| inside(&manifest.digest)) {
        return Err(error.into());
    }
    if going.is_locked {
        return Err(BundleError::Impossible(format!(
            "{shown}: the registry takes the index only with all of its platforms, and the chart names it by its digest: \
             {error}\nmake the bundle with each `--platform` that the image has, or of a chart without `--locked`"
        ))
        .into());
    }
    let manifests = index.manifests.iter().filter(|manifest| inside(&manifest.digest)).cloned().collect();
    there.put_manifest(tag, &image.media_type, &go_json(&Index { manifests, ..index }))?;
    pushed.reduced.push(shown);
    Ok(())
}

fn media_type(manifest: &Manifest) -> String {
    manifest.media_type.clone().unwrap_or_else(|| crate::oci::media_type::MANIFEST.to_owned())
}

/// Where a blob is in a file.
struct Place {
    path: PathBuf,
    offset: u64,
    blob: Blob,
}

/// Files with the bytes of bundles that are not compressed, or not any more.
pub struct Unpacked {
    pub bundle: PathBuf,
    pub older: Option<PathBuf>,
}

impl Unpacked {
    fn places(&self, loading: &Loading<'_>) -> BTreeMap<Digest, Place> {
        let older = self.older.as_deref().zip(loading.older.map(|(_, checked)| checked));
        let all = older.into_iter().chain([(self.bundle.as_path(), loading.checked)]);
        let of = |(path, checked): (&Path, &crate::bundle::check::CheckedBundle)| {
            let place = |(offset, blob): (u64, Blob)| (blob.digest, Place { path: path.to_owned(), offset, blob });
            checked.head().blob_offsets().into_iter().map(place).collect::<Vec<_>>()
        };
        all.flat_map(of).collect()
    }
}
