//! A checked bundle in; the files that K3s imports and serves, below the root of a node, out.
//!
//! K3s imports `agent/images/*.tar` when it starts and when such a file appears, and knows no other ending than those of
//! archives (K3s `pkg/agent/containerd/watcher.go`): what is unfinished is nothing to it.

use std::collections::BTreeSet;
use std::io;
use std::io::Read;
use std::io::Write;
use std::path::Path;
use std::path::PathBuf;

use crate::bundle::archive::ArchiveWriter;
use crate::bundle::check::CheckedBundle;
use crate::bundle::contents::Blob;
use crate::bundle::contents::Contents;
use crate::bundle::error::BundleError;
use crate::bundle::growing::Growing;
use crate::bundle::index::index;
use crate::bundle::layout;
use crate::bundle::packing::Packing;
use crate::bundle::read::Bundle;
use crate::bundle::tar;
use crate::machine::Files;
use crate::machine::Progress;
use crate::machine::during;
use crate::oci::Digest;

/// A bundle that was checked, and where it is.
pub struct Loading<'a> {
    pub path: &'a Path,
    pub checked: &'a CheckedBundle,
    /// The older bundle that has what this one leaves out.
    pub older: Option<(&'a Path, &'a CheckedBundle)>,
}

/// What is in place now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placed {
    pub images: PathBuf,
    pub chart: PathBuf,
    /// Whether all of it was there already.
    pub was_there: bool,
}

/// Puts the images and the chart below `root`. What an earlier run has begun is gone on with, what is there is left.
pub fn place(
    loading: &Loading<'_>,
    root: &Path,
    machine: &dyn Files,
    progress: &dyn Progress,
) -> Result<Placed, BundleError> {
    let head = loading.checked.head();
    let chart = &head.contents.chart;
    let images = root.join(layout::K3S_IMAGES_FOLDER).join(layout::k3s_images_file(&chart.name));
    let archive = root.join(layout::K3S_CHARTS_FOLDER).join(layout::chart_file(&chart.name, &chart.version));
    loading.is_whole()?;
    let was_there = is_there(loading, &images, machine)?;
    if !was_there {
        let mut growing = Growing::begin(&images, machine)?;
        match grow(loading, &mut growing, machine, progress) {
            Ok(()) => growing.appear()?,
            Err(error) => {
                // A full disk is not left full.
                growing.give_up();
                return Err(error);
            }
        }
    }
    let same_chart = machine.size(&archive)?.is_some_and(|size| size == head.chart().len() as u64)
        && machine.read(&archive, head.chart().len() as u64)? == head.chart();
    if !same_chart {
        machine.write(&archive, head.chart())?;
    }
    Ok(Placed { images, chart: archive, was_there: was_there && same_chart })
}

impl Loading<'_> {
    /// Whether every blob is at hand.
    pub fn is_whole(&self) -> Result<(), BundleError> {
        let contents = &self.checked.head().contents;
        match (self.older, contents.since) {
            (None, Some(since)) if !contents.elsewhere.is_empty() => Err(BundleError::Impossible(format!(
                "{} blobs are in the bundle that this one was made after (its SHA256SUMS: {since}): name it with `--since`",
                contents.elsewhere.len()
            ))),
            _ => Ok(()),
        }
    }

    /// Every blob of the images, those of the older bundle last, in the order of the files.
    pub fn blobs(
        &self,
        each: &mut dyn FnMut(&Blob, &mut dyn Read) -> Result<(), BundleError>,
        machine: &dyn Files,
    ) -> Result<(), BundleError> {
        Bundle::open(self.path, machine)?.blobs(each)?;
        let elsewhere = self.elsewhere();
        if let Some((path, _)) = self.older {
            Bundle::open(path, machine)?.blobs(&mut |blob, content| match elsewhere.contains(&blob.digest) {
                true => each(blob, content),
                false => Ok(()),
            })?;
        }
        Ok(())
    }

    fn elsewhere(&self) -> BTreeSet<Digest> {
        self.checked.head().contents.elsewhere.iter().map(|blob| blob.digest).collect()
    }

    /// The bytes of the archive of images.
    fn size(&self) -> u64 {
        let contents = &self.checked.head().contents;
        let blobs = contents.blobs.iter().chain(&contents.elsewhere).map(|blob| blob.size);
        let files = [layout::OCI_LAYOUT_TEXT.len() as u64, index(&contents.images).len() as u64];
        blobs.chain(files).map(tar::entry_size).sum::<u64>() + tar::END
    }

    /// Writes the archive of images: an image layout with the blobs as they come.
    fn write(&self, output: impl Write, machine: &dyn Files, progress: &dyn Progress) -> Result<(), BundleError> {
        let contents: &Contents = &self.checked.head().contents;
        let mut archive = ArchiveWriter::new(output, Packing::Plain)?;
        archive.bytes(layout::OCI_LAYOUT, layout::OCI_LAYOUT_TEXT)?;
        archive.bytes(layout::INDEX, &index(&contents.images))?;
        self.blobs(
            &mut |blob, content| {
                archive.stream(&layout::blob(&blob.digest), blob.size, content)?;
                progress.add(blob.size);
                Ok(())
            },
            machine,
        )?;
        archive.finish()?.flush()?;
        Ok(())
    }
}

/// Whether the archive is there, to the byte.
fn is_there(loading: &Loading<'_>, path: &Path, machine: &dyn Files) -> Result<bool, BundleError> {
    if machine.size(path)? != Some(loading.size()) {
        return Ok(false);
    }
    struct Nothing;
    impl Progress for Nothing {
        fn add(&self, _: u64) {}
    }
    let mut same = Same { there: Some(machine.open(path)?), behind: None };
    outcome(loading.write(&mut same, machine, &Nothing))
}

/// Goes on with what is there as far as it is right, and begins anew where it is not.
fn grow(
    loading: &Loading<'_>,
    growing: &mut Growing<'_>,
    machine: &dyn Files,
    progress: &dyn Progress,
) -> Result<(), BundleError> {
    let path = growing.partial().to_owned();
    let writing = |error: BundleError| match error {
        BundleError::InputOutput(error) => BundleError::InputOutput(during("writing", &path, &error)),
        other => other,
    };
    if machine.size(&path)?.is_some_and(|size| size <= loading.size()) {
        let same = Same { there: Some(machine.open(&path)?), behind: Some(&mut *growing) };
        if outcome(loading.write(same, machine, progress)).map_err(writing)? {
            return Ok(());
        }
    }
    growing.restart()?;
    loading.write(growing, machine, progress).map_err(writing)
}

/// Whether all of it was the same.
fn outcome(written: Result<(), BundleError>) -> Result<bool, BundleError> {
    match written {
        Ok(()) => Ok(true),
        Err(BundleError::InputOutput(error)) if Difference::is(&error) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Compares what is written with a file that is there, and writes on behind its end.
struct Same<'a> {
    /// Until its end was seen: what is written behind it is not to be read again.
    there: Option<Box<dyn Read + Send>>,
    behind: Option<&'a mut dyn Write>,
}

/// The file that is there is not what is written.
#[derive(Debug, thiserror::Error)]
#[error("the file that is there is another one")]
struct Difference;

impl Difference {
    fn error<T>() -> io::Result<T> {
        Err(io::Error::other(Self))
    }

    fn is(error: &io::Error) -> bool {
        error.get_ref().is_some_and(|inner| inner.is::<Self>())
    }
}

impl Write for Same<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if let Some(file) = &mut self.there {
            let mut there = vec![0; bytes.len()];
            let read = file.read(&mut there)?;
            if read > 0 {
                let same = there.get(..read) == bytes.get(..read);
                return if same { Ok(read) } else { Difference::error() };
            }
            self.there = None;
        }
        match &mut self.behind {
            Some(file) => file.write(bytes),
            None => Difference::error(),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.behind.as_mut().map_or(Ok(()), |file| file.flush())
    }
}
