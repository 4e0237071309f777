//! Images of several registries and platforms in, every blob of them once in the cache, and what each name means out.

use std::collections::BTreeMap;
use std::io;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;

use crate::machine::Machine;
use crate::oci::Descriptor;
use crate::oci::Digest;
use crate::oci::ImageReference;
use crate::oci::Index;
use crate::oci::MANIFEST_LIMIT;
use crate::oci::Manifest;
use crate::oci::Named;
use crate::oci::Platform;
use crate::registry::Cache;
use crate::registry::Client;
use crate::registry::ImageSource;
use crate::registry::RegistryError;

/// Blobs that are on their way at once.
const AT_ONCE: usize = 6;
/// Bytes of an image's configuration: the largest of real images have some 100 KB.
const CONFIG_LIMIT: u64 = 8 << 20;

/// Pulls images into a cache.
pub struct Puller<'p> {
    pub client: &'p Client<'p>,
    pub cache: &'p Cache<'p>,
    pub machine: &'p dyn Machine,
    /// Each image is pulled for every one of them.
    pub platforms: &'p [Platform],
}

/// An image to pull, with its digest where that is known (from a lock): then nobody is asked what its tag means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    pub image: ImageReference,
    pub digest: Option<Digest>,
}

/// What the name of an image means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resolved {
    pub image: ImageReference,
    /// The index, or the manifest of an image that has none; its bytes are in the cache.
    pub root: Descriptor,
    /// The manifest for each platform, in the order asked for; their bytes are in the cache.
    pub manifests: Vec<(Platform, Descriptor, Manifest)>,
}

/// Why an image cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum PullError {
    #[error("{image}: {error}")]
    Registry { image: String, error: Box<RegistryError> },
    #[error("{image}: the registry has no image of this name{}", hint(.looked))]
    NoImage { image: String, looked: String },
    #[error("{image}: it does not exist for {platform}, only for {there}")]
    NoPlatform { image: String, platform: String, there: String },
    #[error("{image}: {reason}")]
    Wrong { image: String, reason: String },
    #[error(transparent)]
    Cache(#[from] io::Error),
}

fn hint(looked: &str) -> String {
    format!(" (`{looked}`)")
}

impl Puller<'_> {
    /// What the names of images mean now; manifests are put into the cache, and nothing else. In the order of `wanted`.
    pub fn resolve(&self, wanted: &[Wanted]) -> Result<Vec<Resolved>, PullError> {
        at_once(wanted, |wanted| self.resolve_one(wanted))
    }

    /// The same, with every blob in the cache afterwards.
    pub fn pull(&self, wanted: &[Wanted]) -> Result<Vec<Resolved>, PullError> {
        let resolved = self.resolve(wanted)?;
        let mut blobs: BTreeMap<Digest, (&Descriptor, &ImageReference)> = BTreeMap::new();
        for image in &resolved {
            let manifests = image.manifests.iter().map(|(_, _, manifest)| manifest);
            for blob in manifests.flat_map(Manifest::blobs) {
                blobs.entry(blob.digest).or_insert((blob, &image.image));
            }
        }
        let mut missing = Vec::new();
        let mut total = 0;
        for (blob, image) in blobs.into_values() {
            if !self.cache.has(blob)? {
                total += self.cache.missing(blob)?;
                missing.push((blob, image));
            }
        }
        // The largest first: at the end nobody waits for a single one.
        missing.sort_by_key(|(blob, _)| std::cmp::Reverse(blob.size));
        let progress = self.machine.progress("pulling", total);
        at_once(&missing, |(blob, image)| {
            let from = self.client.source(image);
            self.cache.fetch(&from, blob, &*progress).map_err(|error| of(image, error))
        })?;
        Ok(resolved)
    }

    fn resolve_one(&self, wanted: &Wanted) -> Result<Resolved, PullError> {
        let image = &wanted.image;
        let from = self.client.source(image);
        let (tag, own) = image.tag_and_digest();
        let known = wanted.digest.or(own);
        let digest = match known {
            Some(digest) => digest,
            None => from.resolve(tag).map_err(|error| of(image, error))?.ok_or_else(|| no_image(image, &from, tag))?,
        };
        let (root, named) = self.manifest(image, &from, &digest)?;
        let manifests = match named {
            Named::Index(index) => self
                .platforms
                .iter()
                .map(|platform| self.of_platform(image, &from, &index, platform))
                .collect::<Result<_, _>>()?,
            Named::Manifest(manifest) => {
                let config = self.config(image, &from, &manifest)?;
                // One that does not say what it is for is for everything.
                let is_said = !config.os.is_empty() && !config.architecture.is_empty();
                let runs = |platform: &Platform| match !is_said || config.runs_on(platform) {
                    true => Ok((platform.clone(), root.clone(), manifest.clone())),
                    false => Err(PullError::NoPlatform {
                        image: image.to_string(),
                        platform: platform.to_string(),
                        there: config.to_string(),
                    }),
                };
                self.platforms.iter().map(runs).collect::<Result<_, _>>()?
            }
        };
        Ok(Resolved { image: image.clone(), root, manifests })
    }

    fn of_platform(
        &self,
        image: &ImageReference,
        from: &ImageSource,
        index: &Index,
        platform: &Platform,
    ) -> Result<(Platform, Descriptor, Manifest), PullError> {
        let Some(descriptor) = index.for_platform(platform) else {
            let all = index.manifests.iter().filter_map(|manifest| manifest.platform.as_ref());
            let there: Vec<String> = all.filter(|it| it.os != "unknown").map(Platform::to_string).collect();
            return Err(PullError::NoPlatform {
                image: image.to_string(),
                platform: platform.to_string(),
                there: there.join(", "),
            });
        };
        match self.manifest(image, from, &descriptor.digest)? {
            (_, Named::Manifest(manifest)) => Ok((platform.clone(), descriptor.clone(), manifest)),
            (_, Named::Index(_)) => Err(PullError::Wrong {
                image: image.to_string(),
                reason: format!("{} is an index within an index, which nobody runs", descriptor.digest),
            }),
        }
    }

    /// A manifest or index, from the cache where that has it.
    fn manifest(
        &self,
        image: &ImageReference,
        from: &ImageSource,
        digest: &Digest,
    ) -> Result<(Descriptor, Named), PullError> {
        if let Some(bytes) = self.cache.read(digest, MANIFEST_LIMIT)? {
            let wrong = |error| PullError::Wrong { image: image.to_string(), reason: format!("{digest}: {error}") };
            let named = Named::read(&bytes, None).map_err(wrong)?;
            return Ok((Descriptor::of(named.media_type(), &bytes), named));
        }
        let reference = digest.to_string();
        let fetched = from.manifest(&reference).map_err(|error| of(image, error))?;
        let fetched = fetched.ok_or_else(|| no_image(image, from, &reference))?;
        self.cache.put(&fetched.bytes)?;
        // As it is read from the cache the next time.
        let media_type = fetched.named.media_type();
        Ok((Descriptor::of(media_type, &fetched.bytes), fetched.named))
    }

    /// The platform that an image without an index is for.
    fn config(&self, image: &ImageReference, from: &ImageSource, manifest: &Manifest) -> Result<Platform, PullError> {
        let bytes = match self.cache.read(&manifest.config.digest, CONFIG_LIMIT)? {
            Some(bytes) => bytes,
            None => {
                let bytes = from.blob(&manifest.config, CONFIG_LIMIT).map_err(|error| of(image, error))?;
                let bytes = bytes.ok_or_else(|| no_image(image, from, &manifest.config.digest.to_string()))?;
                self.cache.put(&bytes)?;
                bytes
            }
        };
        Platform::of_config(&bytes).map_err(|error| PullError::Wrong {
            image: image.to_string(),
            reason: format!("its configuration cannot be read: {error}"),
        })
    }
}

fn of(image: &ImageReference, error: RegistryError) -> PullError {
    PullError::Registry { image: image.to_string(), error: Box::new(error) }
}

fn no_image(image: &ImageReference, from: &ImageSource, reference: &str) -> PullError {
    PullError::NoImage { image: image.to_string(), looked: from.address(reference) }
}

/// Does something for every item, several at once; results are in the order of the items. After the first error nothing
/// new is begun, and the error of the first item that has one is given.
fn at_once<T: Sync, R: Send>(
    items: &[T],
    work: impl Fn(&T) -> Result<R, PullError> + Sync,
) -> Result<Vec<R>, PullError> {
    let (next, failed) = (AtomicUsize::new(0), AtomicBool::new(false));
    let done: Mutex<BTreeMap<usize, Result<R, PullError>>> = Mutex::default();
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE.min(items.len()) {
            scope.spawn(|| {
                while !failed.load(Ordering::Relaxed) {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    let Some(item) = items.get(at) else { break };
                    let outcome = work(item);
                    failed.fetch_or(outcome.is_err(), Ordering::Relaxed);
                    done.lock().unwrap_or_else(PoisonError::into_inner).insert(at, outcome);
                }
            });
        }
    });
    done.into_inner().unwrap_or_else(PoisonError::into_inner).into_values().collect()
}
