//! A folder that is a chart repository: archives in, `index.yaml` beside them kept true.
//!
//! One process at a time changes the folder. The archive is complete and on the disk before the index names it, and the
//! index is replaced in one step, so that whoever reads it sees the state before or after.

use std::io;
use std::path::Path;

use crate::helm::INDEX_LIMIT;
use crate::helm::Index;
use crate::helm::Location;
use crate::helm::digest_of;
use crate::helm::timestamp;
use crate::machine::HeldFolder;
use crate::machine::Machine;
use crate::publish::ARCHIVE_LIMIT;
use crate::publish::BaseUrl;
use crate::publish::Package;
use crate::publish::difference;
use crate::publish::package::provenance_path;

/// A folder, and what its index says of it.
pub struct Repository<'a> {
    pub folder: &'a Path,
    /// Without it the index names archives relative to itself.
    pub base: Option<&'a BaseUrl>,
    /// Seconds since 1970: when a version that is new was created.
    pub time: u64,
    pub machine: &'a dyn Machine,
}

/// Whether other bytes may take the place of a version that is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Replace {
    Refused,
    Wanted,
}

/// What publishing did to the version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    Nothing,
    Added,
    Replaced,
}

/// An archive that is in the repository now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Published {
    /// As the index names it.
    pub url: String,
    pub change: Change,
    /// Versions of this chart in the index.
    pub versions: usize,
}

impl Repository<'_> {
    /// Puts an archive and its provenance in.
    pub fn publish(&self, package: &Package, replace: Replace) -> io::Result<Published> {
        let held = self.machine.hold(self.folder)?;
        let mut index = self.index()?;
        let there = self.there(package)?;
        let is_there = there.as_ref().map(|bytes| *bytes == package.bytes);
        let entry = index.get(&package.chart.name, &package.chart.version);
        let is_listed = entry.map(|entry| digest_of(entry).map_or(is_there == Some(true), |it| it == package.digest));
        let conflict = is_there == Some(false) || is_listed == Some(false);
        if conflict && replace == Replace::Refused {
            let listed = entry.and_then(digest_of);
            return Err(self.refusal(package, there, listed));
        }
        let url = match entry.and_then(crate::helm::url_of) {
            Some(url) if !conflict => url.to_owned(),
            _ => self.url(&package.file_name()),
        };
        let mut files = self.archive_files(package, is_there == Some(true), held.as_ref())?;
        if is_listed != Some(true) {
            let location = Location { url: url.clone(), created: timestamp(self.time), digest: package.digest.clone() };
            index.put(vec![(package.chart.clone(), location)]);
            files.push((self.index_path(), index.write(&timestamp(self.time)).into_bytes()));
        }
        held.write(&files)?;
        let change = match (conflict, is_listed) {
            (true, _) => Change::Replaced,
            (false, Some(true)) if files.is_empty() => Change::Nothing,
            (false, _) => Change::Added,
        };
        let versions = index.versions().filter(|(name, _)| *name == package.chart.name).count();
        Ok(Published { url, change, versions })
    }

    /// What has to be written beside the index. A signature of other bytes is taken away before these appear.
    fn archive_files(
        &self,
        package: &Package,
        is_there: bool,
        held: &dyn HeldFolder,
    ) -> io::Result<Vec<(std::path::PathBuf, Vec<u8>)>> {
        let archive = self.folder.join(package.file_name());
        let beside = provenance_path(&archive);
        let mut files = Vec::new();
        if !is_there {
            held.remove(&beside)?;
            files.push((archive, package.bytes.clone()));
        }
        if let Some(provenance) = &package.provenance {
            let same = self.machine.read(&beside, ARCHIVE_LIMIT).is_ok_and(|bytes| bytes == *provenance);
            if !same {
                files.push((beside, provenance.clone()));
            }
        }
        Ok(files)
    }

    /// The bytes under the name that the archive will have.
    fn there(&self, package: &Package) -> io::Result<Option<Vec<u8>>> {
        let path = self.folder.join(package.file_name());
        self.machine.exists(&path).then(|| self.machine.read(&path, ARCHIVE_LIMIT)).transpose()
    }

    /// Why a version that is there stays: what differs, as far as that can be told.
    fn refusal(&self, package: &Package, there: Option<Vec<u8>>, listed: Option<String>) -> io::Error {
        let (name, version) = (&package.chart.name, &package.chart.version);
        let digest = |digest: Option<&str>| digest.map_or("unknown bytes".to_owned(), |it| format!("sha256:{it}"));
        let other = there.filter(|bytes| *bytes != package.bytes).map(Package::open);
        let (found, lines) = match &other {
            Some(Ok(other)) => (Some(other.digest.clone()), difference(&other.tree, &package.tree)),
            Some(Err(reason)) => (None, vec![format!("the archive there is none: {reason}")]),
            None => (listed, vec!["only the index knows it: the archive lies elsewhere or is gone".to_owned()]),
        };
        let text = format!(
            "while publishing {name} {version}: `{}` has it with other content\n  there: {}\n  here:  {}\n{}hint: make a new \
             version (`helm ha generate --version`), or replace the one that is there with `--force`",
            self.folder.display(),
            digest(found.as_deref()),
            digest(Some(&package.digest)),
            lines.iter().map(|line| format!("  {line}\n")).collect::<String>(),
        );
        io::Error::new(io::ErrorKind::AlreadyExists, text)
    }

    /// The index; one without charts where there is none.
    pub(super) fn index(&self) -> io::Result<Index> {
        let path = self.index_path();
        if !self.machine.exists(&path) {
            return Ok(Index::default());
        }
        let bytes = self.machine.read(&path, INDEX_LIMIT)?;
        Index::read(bytes).map_err(|error| {
            let text = format!("while reading `{}`: {error}", path.display());
            io::Error::new(io::ErrorKind::InvalidData, text)
        })
    }

    pub(super) fn index_path(&self) -> std::path::PathBuf {
        self.folder.join("index.yaml")
    }

    /// The address of a file in the folder, by its path with `/`.
    pub(super) fn url(&self, path: &str) -> String {
        self.base.map_or_else(|| path.to_owned(), |base| base.join(path))
    }
}
