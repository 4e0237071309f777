//! A folder of blobs by their digest, as a cache of pulled images is: digests in, bytes out that are what they should be.

use std::io;
use std::io::Read;
use std::path::PathBuf;

use crate::bundle::contents::Blob;
use crate::bundle::error::BundleError;
use crate::bundle::layout;
use crate::machine::Files;
use crate::oci::Digest;

/// `FOLDER/blobs/sha256/HEX`.
pub struct Store<'a> {
    folder: PathBuf,
    machine: &'a dyn Files,
}

impl<'a> Store<'a> {
    pub fn new(folder: impl Into<PathBuf>, machine: &'a dyn Files) -> Self {
        Self { folder: folder.into(), machine }
    }

    pub fn path(&self, digest: &Digest) -> PathBuf {
        self.folder.join(layout::blob(digest))
    }

    /// A blob to read; its bytes are not checked yet.
    pub fn open(&self, digest: &Digest) -> Result<Box<dyn Read + Send>, BundleError> {
        Ok(self.machine.open(&self.path(digest))?)
    }

    /// The bytes of a small blob.
    pub fn read(&self, digest: &Digest, limit: u64) -> Result<Vec<u8>, BundleError> {
        let bytes = self.machine.read(&self.path(digest), limit)?;
        let found = Blob { digest: Digest::of(&bytes), size: bytes.len() as u64 };
        self.check(digest, &found).map(|()| bytes)
    }

    /// Whether what was read is the blob.
    pub fn check(&self, digest: &Digest, found: &Blob) -> Result<(), BundleError> {
        if found.digest == *digest {
            return Ok(());
        }
        let path = self.path(digest);
        let reason = format!("`{}` has other bytes than its name says: take it away, and pull again", path.display());
        Err(BundleError::InputOutput(io::Error::new(io::ErrorKind::InvalidData, reason)))
    }
}
