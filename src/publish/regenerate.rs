//! A folder of archives in, the index that says what is in it out: what `helm repo index --merge` does, without forgetting.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::path::PathBuf;

use crate::helm::ArchiveError;
use crate::helm::ChartYaml;
use crate::helm::Index;
use crate::helm::Location;
use crate::helm::digest_of;
use crate::helm::timestamp;
use crate::helm::url_of;
use crate::helm::version_of;
use crate::parallel;
use crate::publish::ARCHIVE_LIMIT;
use crate::publish::Package;
use crate::publish::Repository;

/// Archives that are in memory at once.
const AT_ONCE: usize = 64;

/// An index that is true, and what had to be changed for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Regenerated {
    /// A line for each version that is not as it was.
    pub changes: Vec<String>,
    /// Archives that are no charts.
    pub skipped: Vec<String>,
    pub versions: usize,
}

const NEW: &str = "there was no `index.yaml`";

/// Name and version.
type Key = (String, String);

/// A chart of the folder.
struct Found {
    chart: ChartYaml,
    path: String,
    digest: String,
}

impl Repository<'_> {
    /// Makes the index true, and writes it when it was not.
    pub fn regenerate(&self) -> io::Result<Regenerated> {
        // A folder that is not there is not made.
        self.machine.names(self.folder)?;
        let held = self.machine.hold(self.folder)?;
        let is_new = !self.machine.exists(&self.index_path());
        let (mut index, mut regenerated) = self.true_index()?;
        if is_new {
            regenerated.changes.insert(0, NEW.to_owned());
        }
        if !regenerated.changes.is_empty() {
            held.write(&[(self.index_path(), index.write(&timestamp(self.time)).into_bytes())])?;
        }
        Ok(regenerated)
    }

    /// What [`Repository::regenerate`] would change; nothing is written.
    pub fn check(&self) -> io::Result<Regenerated> {
        let is_new = !self.machine.exists(&self.index_path());
        let (_, mut regenerated) = self.true_index()?;
        if is_new {
            regenerated.changes.insert(0, NEW.to_owned());
        }
        Ok(regenerated)
    }

    fn true_index(&self) -> io::Result<(Index, Regenerated)> {
        let (found, skipped) = self.charts()?;
        let mut index = self.index()?;
        let mut changes = self.remove_what_is_gone(&mut index, &found);
        let before: BTreeMap<Key, _> =
            index.versions().map(|(name, entry)| (key(name, &version_of(entry)), entry)).collect();
        let mut added = Vec::new();
        for (key, Found { chart, path, digest }) in found {
            let old = before.get(&key).copied();
            let same_bytes = old.filter(|old| digest_of(old).as_ref() == Some(&digest));
            let created = same_bytes.and_then(|old| old.get("created")?.as_str()).map(str::to_owned);
            let location =
                Location { url: self.url(&path), created: created.unwrap_or_else(|| timestamp(self.time)), digest };
            if old.is_some_and(|old| *old == Index::entry(&chart, &location)) {
                continue;
            }
            let what = match (old, same_bytes) {
                (None, _) => "new",
                (_, None) => "has other bytes",
                (_, Some(_)) => "is described in another way",
            };
            changes.push(format!("{} {}: {what}", key.0, key.1));
            added.push((chart, location));
        }
        index.put(added);
        let versions = index.versions().count();
        Ok((index, Regenerated { changes, skipped, versions }))
    }

    /// Entries of archives that would lie in the folder and do not.
    fn remove_what_is_gone(&self, index: &mut Index, found: &BTreeMap<Key, Found>) -> Vec<String> {
        let gone = |name: &str, entry: &serde_json::Map<String, serde_json::Value>| {
            let is_found = found.contains_key(&key(name, &version_of(entry)));
            !is_found && url_of(entry).and_then(|url| self.path(url)).is_some_and(|path| !self.machine.exists(&path))
        };
        let removed: Vec<String> = index
            .versions()
            .filter(|(name, entry)| gone(name, entry))
            .map(|(name, entry)| format!("{name} {}: its archive is gone", version_of(entry)))
            .collect();
        if !removed.is_empty() {
            index.remove(gone);
        }
        removed
    }

    /// Where the file of an address lies in this folder; `None` for what lies elsewhere.
    fn path(&self, url: &str) -> Option<PathBuf> {
        let below = self.base.and_then(|base| base.strip(url));
        let relative = below.or_else(|| (!url.contains("://") && !url.starts_with('/')).then_some(url))?;
        relative.split('/').all(|part| !matches!(part, "" | "." | "..")).then(|| self.folder.join(relative))
    }

    /// The charts of the folder and of the folders right in it, where Helm looks too, and archives that are none.
    fn charts(&self) -> io::Result<(BTreeMap<Key, Found>, Vec<String>)> {
        let (mut found, mut skipped, mut wrong) = (BTreeMap::new(), Vec::new(), Vec::new());
        for paths in self.archives()?.chunks(AT_ONCE) {
            let read = |path: &String| Ok((path.clone(), self.machine.read(&self.folder.join(path), ARCHIVE_LIMIT)?));
            let archives: Vec<(String, Vec<u8>)> = paths.iter().map(read).collect::<io::Result<_>>()?;
            let opened = parallel::map(&archives, |(_, bytes)| Package::describe(bytes));
            for ((path, _), opened) in archives.iter().zip(opened) {
                match opened {
                    Ok((chart, digest)) => {
                        let key = key(&chart.name, &chart.version);
                        let new = Found { chart, path: path.clone(), digest };
                        if let Some(other) = found.insert(key, new) {
                            wrong.push(format!("`{path}` and `{}` hold the same version of one chart", other.path));
                        }
                    }
                    Err(reason) if reason == ArchiveError::NoChart.to_string() => skipped.push(path.clone()),
                    Err(reason) => wrong.push(format!("`{path}`: {reason}")),
                }
            }
        }
        if wrong.is_empty() {
            return Ok((found, skipped));
        }
        let text = format!("while reading the archives of `{}`: {}", self.folder.display(), wrong.join("\n  "));
        Err(io::Error::new(io::ErrorKind::InvalidData, text))
    }

    /// Paths in the folder, with `/`.
    fn archives(&self) -> io::Result<Vec<String>> {
        let names = |folder: &Path| -> io::Result<Vec<String>> {
            let names = self.machine.names(folder)?.into_iter().map(|name| name.to_string_lossy().into_owned());
            Ok(names.filter(|name| name.ends_with(".tgz")).collect())
        };
        let mut paths = names(self.folder)?;
        for folder in self.machine.folders(self.folder)? {
            let below = names(&self.folder.join(&folder))?;
            paths.extend(below.iter().map(|name| format!("{}/{name}", folder.display())));
        }
        Ok(paths)
    }
}

fn key(name: &str, version: &str) -> Key {
    (name.to_owned(), version.to_owned())
}
