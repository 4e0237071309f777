//! Files that grow while something is transferred, and take their place when it is complete.

use std::fs;
use std::fs::File;
use std::fs::FileTimes;
use std::fs::OpenOptions;
use std::io;
use std::path::Path;
use std::time::SystemTime;

pub(super) fn size(path: &Path) -> io::Result<Option<u64>> {
    match fs::metadata(path) {
        Ok(there) if there.is_file() => Ok(Some(there.len())),
        Ok(_) => Err(io::Error::new(io::ErrorKind::InvalidInput, "there is something else than a file")),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

pub(super) fn last_use(path: &Path) -> io::Result<u64> {
    let since = fs::metadata(path)?.modified()?.duration_since(SystemTime::UNIX_EPOCH);
    Ok(since.map_or(0, |since| since.as_secs()))
}

pub(super) fn mark_used(path: &Path) -> io::Result<()> {
    OpenOptions::new().append(true).open(path)?.set_times(FileTimes::new().set_modified(SystemTime::now()))
}

/// The file at its end, locked. Whoever had it before may have given it another name meanwhile: then there is a new one.
pub(super) fn append(path: &Path) -> io::Result<File> {
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent)?;
    }
    loop {
        let file = OpenOptions::new().create(true).append(true).open(path)?;
        file.lock()?;
        if is_at(&file, path)? {
            return Ok(file);
        }
    }
}

#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt;

    let of = |data: fs::Metadata| (data.dev(), data.ino());
    match fs::metadata(path) {
        Ok(there) => Ok(of(there) == of(file.metadata()?)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// Files that are open keep their name there.
#[cfg(not(unix))]
fn is_at(_: &File, _: &Path) -> io::Result<bool> {
    Ok(true)
}

pub(super) fn rename(from: &Path, to: &Path) -> io::Result<()> {
    if let Some(parent) = to.parent() {
        fs::create_dir_all(parent)?;
    }
    fs::rename(from, to)
}

pub(super) fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        outcome => outcome,
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn whoever_waits_for_a_file_gets_the_one_that_is_there_then() {
        let folder = tempfile::tempdir().unwrap();
        let (partial, whole) = (folder.path().join("partial/a"), folder.path().join("blobs/a"));
        let mut first = append(&partial).unwrap();
        first.write_all(b"1").unwrap();
        let waiting = {
            let partial = partial.clone();
            std::thread::spawn(move || append(&partial).unwrap().write_all(b"2").unwrap())
        };
        rename(&partial, &whole).unwrap();
        drop(first);
        waiting.join().unwrap();
        assert_eq!((fs::read(&whole).unwrap(), fs::read(&partial).unwrap()), (b"1".to_vec(), b"2".to_vec()));
        append(&partial).unwrap().write_all(b"3").unwrap();
        assert_eq!(size(&partial).unwrap(), Some(2));
        remove(&partial).unwrap();
        remove(&partial).unwrap();
        assert_eq!(size(&partial).unwrap(), None);
        assert!(size(folder.path()).is_err());
        mark_used(&whole).unwrap();
        assert!(last_use(&whole).unwrap() > 1_700_000_000);
    }
}
