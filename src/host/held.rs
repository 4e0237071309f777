//! A folder in, the right to change it alone out: a lock file in it that ends with the process, however that ends.

use std::fs;
use std::fs::File;
use std::fs::OpenOptions;
use std::fs::TryLockError;
use std::io;
use std::path::Path;
use std::path::PathBuf;
use std::thread;
use std::time::Duration;
use std::time::Instant;

use crate::host::files::write_together;
use crate::machine::HeldFolder;
use crate::machine::during;

const LOCK: &str = ".helm-ha-publish.lock";
/// How names begin of files that a holder has not completed.
const PREFIX: &str = ".helm-ha-publish-";
/// A holder writes three files at most.
const PATIENCE: Duration = Duration::from_secs(60);
const PAUSE: Duration = Duration::from_millis(5);

/// Has the lock until it is dropped.
pub struct Held {
    lock: File,
    path: PathBuf,
}

/// Waits for the lock, and removes what a killed holder left half done.
pub fn hold(folder: &Path) -> io::Result<Held> {
    let told = |error: io::Error| during("locking", folder, &error);
    if fs::metadata(folder).is_ok_and(|there| !there.is_dir()) {
        return Err(told(io::ErrorKind::NotADirectory.into()));
    }
    fs::create_dir_all(folder).map_err(told)?;
    let folder = fs::canonicalize(folder).map_err(told)?;
    let held = lock(folder.join(LOCK)).map_err(told)?;
    clean(&folder).map_err(told)?;
    Ok(held)
}

fn lock(path: PathBuf) -> io::Result<Held> {
    let start = Instant::now();
    loop {
        let lock = OpenOptions::new().create(true).write(true).truncate(false).open(&path)?;
        match lock.try_lock() {
            // Whoever had it before may have removed it meanwhile: then others lock a new one.
            Ok(()) if is_at(&lock, &path) => return Ok(Held { lock, path }),
            Ok(()) => continue,
            Err(TryLockError::Error(error)) => return Err(error),
            Err(TryLockError::WouldBlock) => {}
        }
        if start.elapsed() > PATIENCE {
            let text = format!("another process has held `{}` for {} s", path.display(), PATIENCE.as_secs());
            return Err(io::Error::new(io::ErrorKind::TimedOut, text));
        }
        thread::sleep(PAUSE);
    }
}

#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;

    let same = |(one, other): (fs::Metadata, fs::Metadata)| (one.dev(), one.ino()) == (other.dev(), other.ino());
    file.metadata().and_then(|own| Ok((own, fs::metadata(path)?))).is_ok_and(same)
}

/// Elsewhere the lock file stays.
#[cfg(not(unix))]
fn is_at(_: &File, _: &Path) -> bool {
    true
}

fn clean(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_name().to_string_lossy().starts_with(PREFIX) {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

impl HeldFolder for Held {
    fn write(&self, files: &[(PathBuf, Vec<u8>)]) -> io::Result<()> {
        write_together(files, PREFIX)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        match fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(during("removing", path, &error)),
            _ => Ok(()),
        }
    }
}

impl Drop for Held {
    /// What cannot be removed is an empty file, and the lock ends with the process at the latest.
    fn drop(&mut self) {
        if cfg!(unix) {
            _ = fs::remove_file(&self.path);
        }
        _ = self.lock.unlock();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> =
            fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn one_holder_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let deep = folder.path().join("a/b");
        let count = deep.join("count");
        let add = || {
            let held = hold(&deep).unwrap();
            let before = fs::read(&count).map_or(0, |bytes| bytes.len());
            held.write(&[(count.clone(), vec![b'x'; before + 1])]).unwrap();
        };
        thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| (0..10).for_each(|_| add()));
            }
        });
        assert_eq!(fs::read(&count).unwrap().len(), 80);
        assert_eq!(names(&deep), ["count"]);
    }

    #[test]
    fn what_a_killed_holder_left_is_removed() {
        let folder = tempfile::tempdir().unwrap();
        for name in [".helm-ha-publish-x1", LOCK, ".helm-ha-other", "a.tgz"] {
            fs::write(folder.path().join(name), "").unwrap();
        }
        let held = hold(folder.path()).unwrap();
        assert_eq!(names(folder.path()), [".helm-ha-other", LOCK, "a.tgz"]);
        held.remove(&folder.path().join("a.tgz")).unwrap();
        held.remove(&folder.path().join("a.tgz")).unwrap();
        drop(held);
        assert_eq!(names(folder.path()), [".helm-ha-other"]);
        fs::write(folder.path().join("file"), "").unwrap();
        assert!(hold(&folder.path().join("file")).is_err());
    }
}
