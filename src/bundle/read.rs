//! A bundle that anybody may have made in; its content out, each byte of which is where and what it must be.
//!
//! `bundle.json` stands first. What follows is known from it to the byte: every header is compared with the only one that
//! may stand there, so no path, link or size in the file is ever believed.

use std::collections::BTreeMap;
use std::io;
use std::io::Read;
use std::path::Path;

use crate::bundle::contents::Blob;
use crate::bundle::contents::CONTENTS_LIMIT;
use crate::bundle::contents::Contents;
use crate::bundle::error::BundleError;
use crate::bundle::error::damaged;
use crate::bundle::error::unsound;
use crate::bundle::layout;
use crate::bundle::packing::Hashed;
use crate::bundle::packing::Packing;
use crate::bundle::packing::Unpacker;
use crate::bundle::sums;
use crate::bundle::tar;
use crate::machine::Files;
use crate::oci::Digest;

/// Bytes of a signature.
const SIGNATURE_LIMIT: u64 = 1 << 16;

/// The part of a bundle that is no blob.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    pub contents: Contents,
    pub packing: Packing,
    pub sums: Vec<u8>,
    pub signature: Option<Vec<u8>>,
    files: BTreeMap<String, Vec<u8>>,
}

impl Head {
    /// A file that is no blob.
    pub fn file(&self, path: &str) -> &[u8] {
        self.files.get(path).map_or(&[], Vec::as_slice)
    }

    /// Where each blob starts in the file, when that is not compressed.
    pub fn blob_offsets(&self) -> Vec<(u64, Blob)> {
        let contents = &self.contents;
        let files = [contents.to_json().len() as u64, self.sums.len() as u64].into_iter();
        let files =
            files.chain(self.signature.iter().map(|it| it.len() as u64)).chain(contents.files.iter().map(|it| it.size));
        let mut next: u64 = files.map(tar::entry_size).sum();
        let mut offsets = Vec::new();
        for blob in &contents.blobs {
            offsets.push((next + tar::BLOCK, *blob));
            next += tar::entry_size(blob.size);
        }
        offsets
    }

    /// The chart archive.
    pub fn chart(&self) -> &[u8] {
        self.file(&layout::chart(&self.contents.chart.name, &self.contents.chart.version))
    }
}

/// A bundle whose head was read; its blobs follow.
pub struct Bundle {
    pub head: Head,
    source: Source,
}

impl Bundle {
    /// Reads the head, and no more of the file.
    pub fn open(path: &Path, machine: &dyn Files) -> Result<Self, BundleError> {
        let size = machine.size(path)?.ok_or_else(|| {
            let missing = io::Error::from(io::ErrorKind::NotFound);
            crate::machine::during("reading", path, &missing)
        })?;
        Self::new(machine.open(path)?, size)
    }

    fn new(file: Box<dyn Read + Send>, file_size: u64) -> Result<Self, BundleError> {
        let unpacker = Unpacker::new(file, file_size)?;
        let packing = unpacker.packing();
        let mut source = Source { unpacker, position: 0, ahead: None };
        let (bytes, _) = source.free(layout::CONTENTS, CONTENTS_LIMIT)?;
        let contents = Contents::read(&bytes).map_err(BundleError::Unsound)?;
        let mut digests = BTreeMap::from([(layout::CONTENTS.to_owned(), Digest::of(&bytes))]);
        let sums = source.known(layout::SUMS, sums::size(&contents))?;
        let signature = match source.header_is(layout::SIGNATURE)? {
            true => Some(source.free(layout::SIGNATURE, SIGNATURE_LIMIT)?.0),
            false => None,
        };
        if packing == Packing::Plain {
            let entries =
                contents.files.iter().map(|file| file.size).chain(contents.blobs.iter().map(|blob| blob.size));
            let rest: u64 = entries.map(tar::entry_size).fold(tar::END, u64::saturating_add);
            let expected = source.position().saturating_add(rest);
            if expected != file_size {
                let what = if expected > file_size { "it was cut off" } else { "there is more behind its end" };
                return unsound(format!("expected {expected} bytes, found {file_size}: {what}"));
            }
        }
        let mut files = BTreeMap::new();
        for file in &contents.files {
            let bytes = source.known(&file.path, file.size)?;
            digests.insert(file.path.clone(), Digest::of(&bytes));
            files.insert(file.path.clone(), bytes);
        }
        if sums::text(&contents, &digests) != sums {
            return unsound(differs(&sums, &sums::text(&contents, &digests)));
        }
        Ok(Self { head: Head { contents, packing, sums, signature, files }, source })
    }

    /// Reads on to the end; `each` gets every blob as it comes, and what it leaves unread is read for it. Nothing that it
    /// got may be used before this has returned: only then is all of it known to be sound.
    pub fn blobs(
        mut self,
        each: &mut dyn FnMut(&Blob, &mut dyn Read) -> Result<(), BundleError>,
    ) -> Result<Head, BundleError> {
        for blob in &self.head.contents.blobs {
            let path = layout::blob(&blob.digest);
            self.source.expect(&path, blob.size)?;
            let mut content = Hashed::new(Exactly { source: &mut self.source, left: blob.size });
            each(blob, &mut content)?;
            io::copy(&mut content, &mut io::sink()).map_err(damaged)?;
            let (digest, _) = content.finish();
            if digest != blob.digest {
                return unsound(format!("`{path}` has other bytes than it should have: their digest is {digest}"));
            }
            self.source.padding(&path, tar::padding(blob.size))?;
        }
        self.source.padding("the end", tar::END)?;
        self.source.unpacker.finish()?;
        Ok(self.head)
    }
}

/// The first line of the sums that is not what the files give.
fn differs(found: &[u8], expected: &[u8]) -> String {
    let (found, expected) = (String::from_utf8_lossy(found), String::from_utf8_lossy(expected));
    let line = found.lines().zip(expected.lines()).find(|(one, other)| one != other);
    match line {
        Some((found, expected)) => format!("`{}` says `{found}`, the files give `{expected}`", layout::SUMS),
        None => format!("`{}` has other lines than there are files", layout::SUMS),
    }
}

/// The unpacked file, read from its start.
struct Source {
    unpacker: Unpacker,
    position: u64,
    /// A header that was looked at already.
    ahead: Option<[u8; 512]>,
}

impl Source {
    /// Where the next header or content starts.
    fn position(&self) -> u64 {
        self.position - if self.ahead.is_some() { tar::BLOCK } else { 0 }
    }

    fn header(&mut self) -> Result<[u8; 512], BundleError> {
        if let Some(header) = self.ahead.take() {
            return Ok(header);
        }
        let mut header = [0; 512];
        self.read_exact(&mut header).map_err(damaged)?;
        Ok(header)
    }

    /// Whether this file comes next, whatever its size.
    fn header_is(&mut self, path: &str) -> Result<bool, BundleError> {
        let header = self.header()?;
        self.ahead = Some(header);
        Ok(tar::size(&header).and_then(|size| tar::header(path, size)) == Some(header))
    }

    /// The header that must come next.
    fn expect(&mut self, path: &str, size: u64) -> Result<(), BundleError> {
        let position = self.position();
        let found = self.header()?;
        if tar::header(path, size) == Some(found) {
            return Ok(());
        }
        let found = tar::describe(&found);
        unsound(format!(
            "at byte {position}: expected `{path}`, a file of {size} bytes as it is written here, found {found}"
        ))
    }

    /// The bytes of a file whose size was said before.
    fn known(&mut self, path: &str, size: u64) -> Result<Vec<u8>, BundleError> {
        self.expect(path, size)?;
        let mut bytes = Vec::new();
        Exactly { source: self, left: size }.read_to_end(&mut bytes).map_err(damaged)?;
        self.padding(path, tar::padding(size))?;
        Ok(bytes)
    }

    /// The bytes of a file that says its size itself, up to a limit.
    fn free(&mut self, path: &str, limit: u64) -> Result<(Vec<u8>, u64), BundleError> {
        let header = self.header()?;
        self.ahead = Some(header);
        let size = tar::size(&header).filter(|_| header != [0; 512]);
        let Some(size) = size.filter(|size| tar::header(path, *size) == Some(header)) else {
            return unsound(format!("expected a bundle, which starts with `{path}`, found {}", tar::describe(&header)));
        };
        if size > limit {
            return unsound(format!("`{path}` has {size} bytes, more than the {limit} that are expected"));
        }
        Ok((self.known(path, size)?, size))
    }

    /// Empty bytes.
    fn padding(&mut self, path: &str, length: u64) -> Result<(), BundleError> {
        let mut bytes = Vec::new();
        Exactly { source: self, left: length }.read_to_end(&mut bytes).map_err(damaged)?;
        match bytes.iter().all(|byte| *byte == 0) {
            true => Ok(()),
            false => unsound(format!("behind `{path}` stands something where nothing may stand")),
        }
    }
}

impl Read for Source {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.unpacker.read(buffer)?;
        self.position += read as u64;
        Ok(read)
    }
}

/// So many bytes of the source; fewer of them are an error.
struct Exactly<'a> {
    source: &'a mut Source,
    left: u64,
}

impl Read for Exactly<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let wanted = usize::try_from(self.left).unwrap_or(usize::MAX).min(buffer.len());
        if wanted == 0 {
            return Ok(0);
        }
        let read = self.source.read(buffer.get_mut(..wanted).unwrap_or_default())?;
        if read == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.left -= read as u64;
        Ok(read)
    }
}
