//! Blobs on disk by their digest, shared by all who pull: `blobs/sha256/HEX` whole and verified, `partial/HEX` what has
//! come so far.
//!
//! Whoever reads a blob for good verifies it again: disks fail, and a power cut may lose what was just written.

use std::io;
use std::io::Read;
use std::io::Write;
use std::path::Path;
use std::path::PathBuf;

use crate::machine::Environment;
use crate::machine::Machine;
use crate::machine::Progress;
use crate::oci::Descriptor;
use crate::oci::Digest;
use crate::oci::Hasher;
use crate::registry::Backoff;
use crate::registry::ImageSource;
use crate::registry::Part;
use crate::registry::Reason;
use crate::registry::RegistryError;
use crate::registry::Repository;
use crate::registry::image_source::found;

/// Bytes that are read at once.
const PIECE: usize = 128 << 10;
/// So many bytes without a failure show that the server is well, and the line is bad.
const MUCH: u64 = 1 << 20;

/// A folder of blobs.
pub struct Cache<'a> {
    folder: PathBuf,
    machine: &'a dyn Machine,
}

/// What [`Cache::prune`] has taken away.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pruned {
    pub files: u64,
    pub bytes: u64,
}

impl<'a> Cache<'a> {
    pub fn new(folder: impl Into<PathBuf>, machine: &'a dyn Machine) -> Self {
        Self { folder: folder.into(), machine }
    }

    /// The person's own: `helm-ha` below `$HELM_CACHE_HOME`, which is `$XDG_CACHE_HOME/helm` or `~/.cache/helm`.
    pub fn usual(machine: &'a dyn Machine) -> io::Result<Self> {
        let folder = usual_folder(machine).ok_or_else(|| {
            io::Error::new(
                io::ErrorKind::NotFound,
                "no folder for a cache: set HELM_CACHE_HOME, XDG_CACHE_HOME or HOME",
            )
        })?;
        Ok(Self::new(folder, machine))
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Where a whole blob lies.
    pub fn path(&self, digest: &Digest) -> PathBuf {
        self.folder.join("blobs/sha256").join(digest.hex())
    }

    fn partial(&self, digest: &Digest) -> PathBuf {
        self.folder.join("partial").join(digest.hex())
    }

    /// Whether a whole blob is there; it then counts as used. One of another size is taken away.
    pub fn has(&self, blob: &Descriptor) -> io::Result<bool> {
        let path = self.path(&blob.digest);
        match self.machine.size(&path)? {
            Some(size) if size == blob.size => {
                self.use_now(&path);
                Ok(true)
            }
            Some(_) => self.machine.remove(&path).map(|()| false),
            None => Ok(false),
        }
    }

    /// A small blob, verified; `None` when it is not there. A broken one is taken away.
    pub fn read(&self, digest: &Digest, limit: u64) -> io::Result<Option<Vec<u8>>> {
        let path = self.path(digest);
        if self.machine.size(&path)?.is_none() {
            return Ok(None);
        }
        let bytes = self.machine.read(&path, limit)?;
        if Digest::of(&bytes) == *digest {
            self.use_now(&path);
            return Ok(Some(bytes));
        }
        self.machine.remove(&path)?;
        Ok(None)
    }

    /// A cache that may only be read serves as well.
    fn use_now(&self, path: &Path) {
        _ = self.machine.mark_used(path);
    }

    /// Keeps a small blob.
    pub fn put(&self, bytes: &[u8]) -> io::Result<()> {
        self.machine.write(&self.path(&Digest::of(bytes)), bytes)
    }

    /// Bytes of a blob that have still to be read.
    pub fn missing(&self, blob: &Descriptor) -> io::Result<u64> {
        if self.has(blob)? {
            return Ok(0);
        }
        let there = self.machine.size(&self.partial(&blob.digest))?.unwrap_or(0);
        Ok(blob.size.saturating_sub(there))
    }

    /// Fetches a blob unless it is there, and goes on where an earlier attempt ended. Of several who want the same blob
    /// at once, one fetches it.
    pub fn fetch(&self, from: &ImageSource, blob: &Descriptor, progress: &dyn Progress) -> Result<(), RegistryError> {
        let outcome = from.first(|repository| found(self.fetch_from(repository, blob, progress)))?;
        outcome.ok_or_else(|| RegistryError {
            doing: "looking for",
            url: from.address(&blob.digest.to_string()),
            reason: Reason::NotFound,
        })
    }

    fn fetch_from(&self, from: &Repository, blob: &Descriptor, progress: &dyn Progress) -> Result<(), RegistryError> {
        let mut transfer = None;
        from.read_blob(&blob.digest, |part, backoff| {
            if transfer.is_none() {
                transfer = Some(Transfer::start(self, blob).map_err(Reason::File)?);
            }
            match &mut transfer {
                Some(transfer) => transfer.go_on(part, backoff, progress),
                None => Ok(()),
            }
        })
    }

    /// Takes away what nobody has used for so many seconds, and all that is unfinished as long.
    pub fn prune(&self, seconds: u64) -> io::Result<Pruned> {
        let mut pruned = Pruned::default();
        let now = self.machine.seconds();
        for folder in ["blobs/sha256", "partial"] {
            let folder = self.folder.join(folder);
            let names = match self.machine.names(&folder) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                names => names?,
            };
            for path in names.into_iter().map(|name| folder.join(name)) {
                if now.saturating_sub(self.machine.last_use(&path)?) >= seconds {
                    pruned.bytes += self.machine.size(&path)?.unwrap_or(0);
                    pruned.files += 1;
                    self.machine.remove(&path)?;
                }
            }
        }
        Ok(pruned)
    }
}

fn usual_folder(environment: &(impl Environment + ?Sized)) -> Option<PathBuf> {
    let said = |name: &str| environment.variable(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let helm = said("HELM_CACHE_HOME")
        .or_else(|| said("XDG_CACHE_HOME").map(|folder| folder.join("helm")))
        .or_else(|| said("HOME").map(|home| home.join(".cache/helm")))?;
    Some(helm.join("helm-ha"))
}

/// A blob that is on its way.
struct Transfer<'t> {
    cache: &'t Cache<'t>,
    blob: &'t Descriptor,
    /// Locked as long as this lives; `None` when somebody else has fetched it.
    file: Option<Box<dyn Write + Send>>,
    hasher: Hasher,
    /// Bytes that are in the file and in the digest.
    there: u64,
    /// Whether these bytes were wrong once.
    was_wrong: bool,
}

impl<'t> Transfer<'t> {
    fn start(cache: &'t Cache<'t>, blob: &'t Descriptor) -> io::Result<Self> {
        let partial = cache.partial(&blob.digest);
        let mut file = Some(cache.machine.append(&partial)?);
        let (mut hasher, mut there) = (Hasher::default(), 0);
        if cache.has(blob)? {
            cache.machine.remove(&partial)?;
            file = None;
        } else if cache.machine.size(&partial)?.unwrap_or(0) > blob.size {
            file = Some(anew(cache, &partial)?);
        } else {
            let mut written = cache.machine.open(&partial)?;
            let mut piece = vec![0; PIECE];
            loop {
                let length = written.read(&mut piece)?;
                let Some(bytes) = piece.get(..length).filter(|bytes| !bytes.is_empty()) else { break };
                hasher.update(bytes);
                there += length as u64;
            }
        }
        Ok(Self { cache, blob, file, hasher, there, was_wrong: false })
    }

    fn go_on(
        &mut self,
        part: &dyn Fn(u64) -> Result<Part, Reason>,
        backoff: &mut Backoff,
        progress: &dyn Progress,
    ) -> Result<(), Reason> {
        if self.file.is_none() {
            return Ok(());
        }
        if self.there < self.blob.size {
            let before = self.there;
            let outcome = self.read(part(before)?, progress);
            if self.there - before >= MUCH {
                backoff.progressed();
            }
            outcome?;
        }
        let found = self.hasher.clone().finish();
        if found == self.blob.digest {
            return self.finish().map_err(Reason::File);
        }
        let partial = self.cache.partial(&self.blob.digest);
        self.file = Some(anew(self.cache, &partial).map_err(Reason::File)?);
        (self.hasher, self.there) = (Hasher::default(), 0);
        // What lay here may have been damaged; what comes now has no such excuse.
        if std::mem::replace(&mut self.was_wrong, true) {
            return Err(Reason::WrongDigest { expected: self.blob.digest, found });
        }
        self.go_on(part, backoff, progress)
    }

    fn read(&mut self, part: Part, progress: &dyn Progress) -> Result<(), Reason> {
        let mut body = part.body;
        // A registry that cannot start in the middle starts over; what is here already is passed over.
        let known = self.there - part.start;
        let passed = io::copy(&mut (&mut body).take(known), &mut io::sink()).map_err(Reason::Connection)?;
        let mut piece = vec![0; PIECE];
        let mut body = body.take(self.blob.size - self.there);
        let Some(file) = self.file.as_mut().filter(|_| passed == known) else { return Err(self.too_short()) };
        loop {
            let length = body.read(&mut piece).map_err(Reason::Connection)?;
            let Some(bytes) = piece.get(..length).filter(|bytes| !bytes.is_empty()) else { break };
            file.write_all(bytes).map_err(|error| {
                Reason::File(crate::machine::during("writing", &self.cache.partial(&self.blob.digest), &error))
            })?;
            self.hasher.update(bytes);
            self.there += length as u64;
            progress.add(length as u64);
        }
        if self.there < self.blob.size { Err(self.too_short()) } else { Ok(()) }
    }

    fn too_short(&self) -> Reason {
        Reason::WrongSize { expected: self.blob.size, found: self.there }
    }

    fn finish(&mut self) -> io::Result<()> {
        if let Some(mut file) = self.file.take() {
            file.flush()?;
            self.cache.machine.rename(&self.cache.partial(&self.blob.digest), &self.cache.path(&self.blob.digest))?;
        }
        Ok(())
    }
}

/// An empty file in place of the one that is there.
fn anew(cache: &Cache, partial: &Path) -> io::Result<Box<dyn Write + Send>> {
    cache.machine.remove(partial)?;
    cache.machine.append(partial)
}
