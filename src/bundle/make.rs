//! A chart, images and a folder with their blobs in; one file with everything out.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use crate::bundle::archive::ArchiveWriter;
use crate::bundle::contents::Blob;
use crate::bundle::contents::Chart;
use crate::bundle::contents::Contents;
use crate::bundle::contents::File;
use crate::bundle::contents::K3s;
use crate::bundle::error::BundleError;
use crate::bundle::gather::Source;
use crate::bundle::gather::gather;
use crate::bundle::growing::Growing;
use crate::bundle::index::index;
use crate::bundle::layout;
use crate::bundle::packing::Packing;
use crate::bundle::read::Head;
use crate::bundle::sbom;
use crate::bundle::store::Store;
use crate::bundle::sums;
use crate::machine::Files;
use crate::machine::Progress;
use crate::oci::Digest;
use crate::oci::Platform;

/// What a bundle is made of.
pub struct Ingredients<'a> {
    pub chart: Chart,
    /// The chart archive.
    pub archive: &'a [u8],
    /// Name and version of each subchart.
    pub subcharts: Vec<(String, String)>,
    pub sources: Vec<Source>,
    pub platforms: Vec<Platform>,
    pub k3s: Option<K3s>,
    /// An older bundle: what it has is left out.
    pub since: Option<&'a Head>,
    /// When it is made, in seconds since 1970: the time that the bill of materials says.
    pub seconds: u64,
}

/// A bundle that only has to be written.
pub struct Prepared {
    pub contents: Contents,
    /// The files that are no blobs, by path; without signature.
    files: BTreeMap<String, Vec<u8>>,
    signature: Option<Vec<u8>>,
}

impl Prepared {
    /// The text that a signature is made of.
    pub fn sums(&self) -> &[u8] {
        self.files.get(layout::SUMS).map_or(&[], Vec::as_slice)
    }

    /// Puts the signature of the sums inside.
    pub fn sign(&mut self, signature: Vec<u8>) {
        self.signature = Some(signature);
    }

    /// Bytes of all blobs inside.
    pub fn blob_bytes(&self) -> u64 {
        self.contents.blobs.iter().map(|blob| blob.size).sum()
    }
}

/// Looks through all images and decides what goes inside.
pub fn prepare(
    ingredients: Ingredients<'_>,
    store: &Store<'_>,
    progress: &dyn Progress,
) -> Result<Prepared, BundleError> {
    let gathered = gather(&ingredients.sources, &ingredients.platforms, store, progress)?;
    let mut contents = Contents::new(ingredients.chart, ingredients.platforms);
    contents.images = gathered.images;
    contents.k3s = ingredients.k3s;
    let names = |names: Vec<String>| names.iter().map(|name| format!("{name}\n")).collect::<String>().into_bytes();
    let mut files = vec![
        (layout::OCI_LAYOUT.to_owned(), layout::OCI_LAYOUT_TEXT.to_vec()),
        (layout::INDEX.to_owned(), index(&contents.images)),
        (layout::chart(&contents.chart.name, &contents.chart.version), ingredients.archive.to_vec()),
    ];
    files.extend(contents.k3s.as_ref().map(|k3s| (layout::K3S_IMAGES.to_owned(), names(k3s.images.clone()))));
    let described = contents.images.iter().zip(gathered.inventories);
    let sbom = sbom::document(&sbom::Materials {
        contents: &contents,
        chart: Digest::of(ingredients.archive),
        subcharts: &ingredients.subcharts,
        images: described.map(|(image, inventories)| sbom::Described { image, inventories }).collect(),
        seconds: ingredients.seconds,
    });
    files.push((layout::SBOM.to_owned(), sbom));
    contents.files = files.iter().map(|(path, bytes)| File { path: path.clone(), size: bytes.len() as u64 }).collect();
    let old = ingredients.since;
    let is_old = |blob: &Blob| old.is_some_and(|old| old.contents.blobs.contains(blob));
    contents.since = old.map(|old| Digest::of(&old.sums));
    (contents.elsewhere, contents.blobs) = gathered.blobs.into_iter().partition(is_old);
    let json = contents.to_json();
    // What is written must be what a reader takes: a size or name beyond its limits is found here.
    Contents::read(&json).map_err(BundleError::Impossible)?;
    files.push((layout::CONTENTS.to_owned(), json));
    let digests = files.iter().map(|(path, bytes)| (path.clone(), Digest::of(bytes))).collect();
    files.push((layout::SUMS.to_owned(), sums::text(&contents, &digests)));
    Ok(Prepared { contents, files: files.into_iter().collect(), signature: None })
}

/// Writes the bundle; it appears complete or not at all.
pub fn write(
    prepared: &Prepared,
    path: &Path,
    packing: Packing,
    store: &Store<'_>,
    machine: &dyn Files,
    progress: &dyn Progress,
) -> Result<(), BundleError> {
    let mut growing = Growing::empty(path, machine)?;
    match write_to(prepared, &mut growing, packing, store, progress) {
        Ok(()) => Ok(growing.appear()?),
        Err(error) => {
            growing.give_up();
            Err(error)
        }
    }
}

fn write_to(
    prepared: &Prepared,
    growing: &mut Growing<'_>,
    packing: Packing,
    store: &Store<'_>,
    progress: &dyn Progress,
) -> Result<(), BundleError> {
    let path = growing.partial().to_owned();
    let writing = |error: io::Error| crate::machine::during("writing", &path, &error);
    let mut archive = ArchiveWriter::new(growing, packing).map_err(writing)?;
    let contents = &prepared.contents;
    let file = |path: &str| prepared.files.get(path).map_or(&[][..], Vec::as_slice);
    for name in [layout::CONTENTS, layout::SUMS] {
        archive.bytes(name, file(name)).map_err(writing)?;
    }
    if let Some(signature) = &prepared.signature {
        archive.bytes(layout::SIGNATURE, signature).map_err(writing)?;
    }
    for entry in &contents.files {
        archive.bytes(&entry.path, file(&entry.path)).map_err(writing)?;
    }
    for blob in &contents.blobs {
        let mut source = store.open(&blob.digest)?;
        archive.stream(&layout::blob(&blob.digest), blob.size, &mut source).map_err(writing)?;
        progress.add(blob.size);
    }
    archive.finish().map_err(writing)?;
    Ok(())
}
