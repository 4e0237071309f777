//! A bundle in; whether all that it must hold is inside, which is more than that every byte is where it belongs.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::io::Read;
use std::path::Path;

use crate::bundle::chart;
use crate::bundle::contents::Blob;
use crate::bundle::contents::Contents;
use crate::bundle::contents::Image;
use crate::bundle::error::BundleError;
use crate::bundle::error::damaged;
use crate::bundle::error::unsound;
use crate::bundle::gather::referenced;
use crate::bundle::index::index;
use crate::bundle::layout;
use crate::bundle::read::Bundle;
use crate::bundle::read::Head;
use crate::bundle::sbom;
use crate::bundle::signature::signature;
use crate::machine::Files;
use crate::machine::Progress;
use crate::oci::Digest;
use crate::oci::MANIFEST_LIMIT;

/// A bundle of which every byte was read and everything that must be inside was found.
pub struct CheckedBundle {
    head: Head,
    manifests: BTreeMap<Digest, Vec<u8>>,
}

impl CheckedBundle {
    pub fn head(&self) -> &Head {
        &self.head
    }

    /// The bytes of an index or manifest of its images.
    pub fn manifest(&self, digest: &Digest) -> Option<&[u8]> {
        self.manifests.get(digest).map(Vec::as_slice)
    }
}

/// Reads and checks a bundle, with the older one that it was made after (`--since`).
pub fn check(
    path: &Path,
    older: Option<&CheckedBundle>,
    machine: &dyn Files,
    progress: &dyn Progress,
) -> Result<CheckedBundle, BundleError> {
    let bundle = Bundle::open(path, machine)?;
    let mut manifests = older.map(|older| older.manifests.clone()).unwrap_or_default();
    let wanted: BTreeSet<Digest> = bundle.head.contents.images.iter().flat_map(digests).collect();
    let head = bundle.blobs(&mut |blob, content| {
        progress.add(blob.size);
        if wanted.contains(&blob.digest) {
            manifests.insert(blob.digest, small(blob, content)?);
        }
        Ok(())
    })?;
    signature(&head)?;
    let contents = &head.contents;
    if head.file(layout::OCI_LAYOUT) != layout::OCI_LAYOUT_TEXT {
        return unsound(format!("`{}` is not that of an image layout", layout::OCI_LAYOUT));
    }
    if head.file(layout::INDEX) != index(&contents.images) {
        return unsound(format!("`{}` does not list the images that are inside", layout::INDEX));
    }
    match (contents.since, older.map(|older| Digest::of(&older.head.sums))) {
        (Some(since), Some(older)) if since != older => {
            return unsound("the older bundle is another one than that which it was made after");
        }
        _ => {}
    }
    blobs(contents, &manifests, older)?;
    let archive = head.chart();
    let found = chart::read(archive).map_err(|error| BundleError::Unsound(format!("the chart inside: {error}")))?;
    if (&found.name, &found.version) != (&contents.chart.name, &contents.chart.version) {
        return unsound("the chart inside has another name or version than the bundle says");
    }
    let k3s = contents.k3s.iter().flat_map(|k3s| &k3s.images);
    let listed: BTreeSet<&str> = contents.images.iter().map(|image| image.name.as_str()).collect();
    if let Some(image) = found.images.iter().chain(k3s).find(|image| !listed.contains(image.as_str())) {
        return unsound(format!("{image} is needed and not inside"));
    }
    let lines: String = contents.k3s.iter().flat_map(|k3s| &k3s.images).map(|image| format!("{image}\n")).collect();
    if contents.k3s.is_some() && head.file(layout::K3S_IMAGES) != lines.as_bytes() {
        return unsound(format!("`{}` has other lines than `{}`", layout::K3S_IMAGES, layout::CONTENTS));
    }
    sbom::check(head.file(layout::SBOM), contents, &Digest::of(archive))
        .map_err(|reason| BundleError::Unsound(format!("`{}`: {reason}", layout::SBOM)))?;
    Ok(CheckedBundle { head, manifests })
}

/// Every image is there for each platform, and nothing else is.
fn blobs(
    contents: &Contents,
    manifests: &BTreeMap<Digest, Vec<u8>>,
    older: Option<&CheckedBundle>,
) -> Result<(), BundleError> {
    for image in &contents.images {
        let platforms: Vec<_> = image.manifests.iter().map(|it| &it.platform).collect();
        if !platforms.iter().copied().eq(&contents.platforms) {
            return unsound(format!("{} is not there for each platform of the bundle", image.name));
        }
    }
    if let Some(older) = older {
        let missing = contents.elsewhere.iter().find(|blob| !older.head.contents.blobs.contains(blob));
        if let Some(blob) = missing {
            return unsound(format!("the blob {} is neither inside nor in the older bundle", blob.digest));
        }
    }
    let known = |digest: &Digest| manifests.get(digest).cloned();
    let there: BTreeSet<Digest> = contents.blobs.iter().chain(&contents.elsewhere).map(|blob| blob.digest).collect();
    let is_whole = |image: &&Image| digests(image).all(|digest| manifests.contains_key(&digest));
    // What the older bundle has can be looked at only where it is at hand.
    let (whole, elsewhere): (Vec<&Image>, Vec<&Image>) = contents.images.iter().partition(is_whole);
    for image in &elsewhere {
        let missing = digests(image).find(|digest| !there.contains(digest));
        if older.is_some() || missing.is_some() {
            let missing = missing.or_else(|| digests(image).find(|digest| !manifests.contains_key(digest)));
            return unsound(format!("{} lacks its part {}", image.name, missing.unwrap_or(image.digest)));
        }
    }
    let whole: Vec<Image> = whole.into_iter().cloned().collect();
    let needed = referenced(&whole, &known).map_err(BundleError::Unsound)?;
    if let Some(digest) = needed.iter().find(|digest| !there.contains(digest)) {
        return unsound(format!("the blob {digest} belongs to an image and is not inside"));
    }
    match there.iter().find(|digest| !needed.contains(digest)) {
        Some(digest) if elsewhere.is_empty() => unsound(format!("the blob {digest} belongs to no image")),
        _ => Ok(()),
    }
}

/// The index and manifests of an image.
fn digests(image: &Image) -> impl Iterator<Item = Digest> {
    std::iter::once(image.digest).chain(image.manifests.iter().map(|manifest| manifest.digest))
}

fn small(blob: &Blob, content: &mut dyn Read) -> Result<Vec<u8>, BundleError> {
    if blob.size > MANIFEST_LIMIT {
        return unsound(format!("the manifest {} has {} bytes, more than any registry takes", blob.digest, blob.size));
    }
    let mut bytes = Vec::new();
    content.read_to_end(&mut bytes).map_err(damaged)?;
    Ok(bytes)
}
