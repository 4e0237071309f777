//! Files on disk: paths and bytes in; what appears, appears complete.

use std::fs;
use std::fs::File;
use std::io;
use std::io::Read;
use std::io::Seek;
use std::io::Write;
use std::path::Component;
use std::path::Path;
use std::path::PathBuf;

use tempfile::Builder;
use tempfile::NamedTempFile;
use walkdir::WalkDir;

use crate::host::Host;
use crate::host::held;
use crate::host::transfers;
use crate::machine::Files;
use crate::machine::HeldFolder;
use crate::machine::during;
use crate::machine::too_large;

impl Files for Host {
    fn read(&self, path: &Path, limit: u64) -> io::Result<Vec<u8>> {
        File::open(path).and_then(|file| read_limited(file, limit)).map_err(|error| during("reading", path, &error))
    }

    fn read_standard_input(&self, limit: u64) -> io::Result<Vec<u8>> {
        let input = Path::new("standard input");
        read_limited(io::stdin().lock(), limit).map_err(|error| during("reading", input, &error))
    }

    fn list(&self, folder: &Path) -> io::Result<Vec<PathBuf>> {
        list(folder).map_err(|error| during("listing", folder, &error))
    }

    fn names(&self, folder: &Path) -> io::Result<Vec<PathBuf>> {
        // A file without a folder in its path lies here.
        let here = if folder == Path::new("") { Path::new(".") } else { folder };
        names(here, |kind| kind.is_file()).map_err(|error| during("listing", folder, &error))
    }

    fn folders(&self, folder: &Path) -> io::Result<Vec<PathBuf>> {
        let here = if folder == Path::new("") { Path::new(".") } else { folder };
        names(here, |kind| kind.is_dir()).map_err(|error| during("listing", folder, &error))
    }

    fn exists(&self, path: &Path) -> bool {
        path.exists()
    }

    fn write(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        write(&target(path), bytes).map_err(|error| during("writing", path, &error))
    }

    fn write_together(&self, files: &[(PathBuf, Vec<u8>)]) -> io::Result<()> {
        write_together(files, PREFIX)
    }

    fn hold(&self, folder: &Path) -> io::Result<Box<dyn HeldFolder + '_>> {
        Ok(Box::new(held::hold(folder)?))
    }

    fn write_folder(&self, folder: &Path, files: &[(String, Vec<u8>)]) -> io::Result<()> {
        write_folder(&target(folder), files).map_err(|error| during("writing", folder, &error))
    }

    fn size(&self, path: &Path) -> io::Result<Option<u64>> {
        transfers::size(path).map_err(|error| during("looking at", path, &error))
    }

    fn last_use(&self, path: &Path) -> io::Result<u64> {
        transfers::last_use(path).map_err(|error| during("looking at", path, &error))
    }

    fn mark_used(&self, path: &Path) -> io::Result<()> {
        transfers::mark_used(path).map_err(|error| during("marking", path, &error))
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn Read + Send>> {
        match File::open(path) {
            Ok(file) => Ok(Box::new(file)),
            Err(error) => Err(during("reading", path, &error)),
        }
    }

    fn open_at(&self, path: &Path, offset: u64) -> io::Result<Box<dyn Read + Send>> {
        let open = || File::open(path).and_then(|mut file| file.seek(io::SeekFrom::Start(offset)).map(|_| file));
        match open() {
            Ok(file) => Ok(Box::new(file)),
            Err(error) => Err(during("reading", path, &error)),
        }
    }

    fn sync(&self, path: &Path) -> io::Result<()> {
        File::open(path).and_then(|file| file.sync_all()).map_err(|error| during("writing", path, &error))
    }

    fn append(&self, path: &Path) -> io::Result<Box<dyn Write + Send>> {
        match transfers::append(path) {
            Ok(file) => Ok(Box::new(file)),
            Err(error) => Err(during("writing", path, &error)),
        }
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        transfers::rename(from, to).map_err(|error| during("writing", to, &error))
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        transfers::remove(path).map_err(|error| during("removing", path, &error))
    }
}

/// How the names of half-written files begin.
const PREFIX: &str = ".helm-ha-";

/// Completes all files under names that begin with `prefix`; then each takes its place, in their order.
pub fn write_together(files: &[(PathBuf, Vec<u8>)], prefix: &'static str) -> io::Result<()> {
    let stage = |(path, bytes): &(PathBuf, Vec<u8>)| {
        stage(&target(path), bytes, prefix).map_err(|error| during("writing", path, &error))
    };
    let staged: Vec<Staged> = files.iter().map(stage).collect::<io::Result<_>>()?;
    let mut pairs = staged.into_iter().zip(files);
    pairs.try_for_each(|(staged, (path, _))| staged.appear().map_err(|error| during("writing", path, &error)))
}

fn read_limited(source: impl Read, limit: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    source.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit { Err(too_large(limit)) } else { Ok(bytes) }
}

fn list(folder: &Path) -> io::Result<Vec<PathBuf>> {
    if !fs::metadata(folder)?.is_dir() {
        return Err(io::ErrorKind::NotADirectory.into());
    }
    let mut files = Vec::new();
    for entry in WalkDir::new(folder).min_depth(1) {
        let entry = entry?;
        let path = entry.path().strip_prefix(folder).unwrap_or(entry.path()).to_owned();
        match entry.file_type() {
            kind if kind.is_dir() => {}
            kind if kind.is_file() => files.push(path),
            _ => return Err(invalid(format!("`{}` is neither a file nor a folder", path.display()))),
        }
    }
    files.sort();
    Ok(files)
}

fn names(folder: &Path, wanted: impl Fn(fs::FileType) -> bool) -> io::Result<Vec<PathBuf>> {
    if !fs::metadata(folder)?.is_dir() {
        return Err(io::ErrorKind::NotADirectory.into());
    }
    let mut names = Vec::new();
    for entry in WalkDir::new(folder).min_depth(1).max_depth(1) {
        let entry = entry?;
        if wanted(entry.file_type()) {
            names.push(PathBuf::from(entry.file_name()));
        }
    }
    names.sort();
    Ok(names)
}

/// What a link points to, so that writing replaces the file and not the link.
fn target(path: &Path) -> PathBuf {
    fs::canonicalize(path).unwrap_or_else(|_| path.to_owned())
}

/// The new file stands beside the old one until it is complete and on the disk; then one rename replaces it.
fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    stage(path, bytes, PREFIX)?.appear()
}

/// A complete file beside the place that it is for.
struct Staged {
    file: NamedTempFile,
    parent: PathBuf,
    path: PathBuf,
}

fn stage(path: &Path, bytes: &[u8], prefix: &'static str) -> io::Result<Staged> {
    if fs::metadata(path).is_ok_and(|there| !there.is_file()) {
        return Err(invalid("there is something else than a file".to_owned()));
    }
    let (parent, builder) = beside(path, 0o644, prefix)?;
    let mut file = builder.tempfile_in(&parent)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    Ok(Staged { file, parent, path: path.to_owned() })
}

impl Staged {
    fn appear(self) -> io::Result<()> {
        self.file.persist(&self.path).map_err(|failed| failed.error)?;
        sync_folder(&self.parent);
        Ok(())
    }
}

/// No system call that every platform has swaps two folders. The old one is therefore aside for a moment, and comes
/// back when the new one cannot take its place.
fn write_folder(folder: &Path, files: &[(String, Vec<u8>)]) -> io::Result<()> {
    let replaces = match fs::metadata(folder) {
        Ok(there) if !there.is_dir() => return Err(io::ErrorKind::NotADirectory.into()),
        Ok(_) => true,
        Err(_) => false,
    };
    let (parent, builder) = beside(folder, 0o755, PREFIX)?;
    let fresh = builder.tempdir_in(&parent)?;
    for (name, bytes) in files {
        if !Path::new(name).components().all(|part| matches!(part, Component::Normal(_))) {
            return Err(invalid(format!("`{name}` would lie outside of the folder")));
        }
        let path = fresh.path().join(name);
        path.parent().map_or(Ok(()), fs::create_dir_all)?;
        let mut file = File::create_new(&path)?;
        file.write_all(bytes)?;
        file.sync_all()?;
    }
    if replaces {
        let aside = builder.tempdir_in(&parent)?;
        let old = aside.path().join("old");
        fs::rename(folder, &old)?;
        fs::rename(fresh.path(), folder).or_else(|error| fs::rename(&old, folder).and(Err(error)))?;
    } else {
        fs::rename(fresh.path(), folder)?;
    }
    sync_folder(&parent);
    Ok(())
}

/// The folder that a path lies in, made where it is missing, and a maker of hidden temporary names in it. The
/// permissions are those that any program would give: `mode` without the bits of the umask.
#[cfg_attr(not(unix), allow(unused_variables))]
fn beside(path: &Path, mode: u32, prefix: &'static str) -> io::Result<(PathBuf, Builder<'static, 'static>)> {
    if path.file_name().is_none() {
        return Err(invalid("the path names no file".to_owned()));
    }
    let parent = match path.parent() {
        Some(parent) if parent != Path::new("") => parent.to_owned(),
        _ => PathBuf::from("."),
    };
    fs::create_dir_all(&parent)?;
    let mut builder = Builder::new();
    builder.prefix(prefix);
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(mode));
    Ok((parent, builder))
}

/// Makes a rename survive a power cut. Some file systems refuse it, and there the rename is as safe as it gets.
fn sync_folder(folder: &Path) {
    let _ = File::open(folder).and_then(|folder| folder.sync_all());
}

fn invalid(message: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        Host.list(folder).unwrap().iter().map(|path| path.display().to_string()).collect()
    }

    #[test]
    fn reading_stops_at_the_limit() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep/a.yaml");
        Host.write(&path, b"12345").unwrap();
        assert_eq!(Host.read(&path, 5).unwrap(), b"12345");
        assert_eq!(Host.read(&path, 4).unwrap_err().kind(), io::ErrorKind::FileTooLarge);
        assert_eq!(Host.read(Path::new("/dev/zero"), 4).unwrap_err().kind(), io::ErrorKind::FileTooLarge);
        let missing = Host.read(Path::new("no/such.yaml"), 4).unwrap_err();
        assert_eq!(missing.to_string(), "while reading `no/such.yaml`: no such file or directory");
    }

    #[test]
    fn a_file_is_replaced_and_nothing_else_is_left() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        for bytes in [b"old".as_slice(), b"new"] {
            Host.write(&path, bytes).unwrap();
            assert_eq!(fs::read(&path).unwrap(), bytes);
        }
        assert_eq!(names(folder.path()), ["a"]);
        assert!(Host.write(folder.path(), b"").is_err(), "a folder is no file");
        assert!(Host.write(Path::new("/dev/null"), b"").is_err(), "a device would be replaced by a file");
    }

    #[test]
    fn several_files_appear_together_or_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        let (first, second) = (folder.path().join("a"), folder.path().join("b"));
        std::fs::create_dir(&second).unwrap();
        assert!(Host.write_together(&[(first.clone(), b"1".to_vec()), (second, b"2".to_vec())]).is_err());
        assert!(!first.exists());
        let deep = folder.path().join("c/d");
        Host.write_together(&[(first, b"1".to_vec()), (deep.clone(), b"2".to_vec())]).unwrap();
        assert_eq!(fs::read(deep).unwrap(), b"2");
        assert_eq!(Host.names(folder.path()).unwrap(), [PathBuf::from("a")]);
    }

    #[test]
    fn a_folder_is_replaced_as_a_whole_or_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let chart = folder.path().join("chart");
        let write = |names: &[&str]| {
            let files: Vec<_> = names.iter().map(|name| ((*name).to_owned(), name.as_bytes().to_vec())).collect();
            Host.write_folder(&chart, &files)
        };
        write(&["b", "a/c"]).unwrap();
        write(&["a.d", "a/b"]).unwrap();
        assert_eq!(names(&chart), ["a/b", "a.d"]);
        for outside in ["../x", "/x", "a/../../x", "a.d/x"] {
            assert!(write(&["new", "a.d", outside]).is_err(), "{outside}");
            assert_eq!(names(folder.path()), ["chart/a/b", "chart/a.d"]);
        }
    }

    #[cfg(unix)]
    #[test]
    fn links_are_written_through_and_never_listed() {
        let folder = tempfile::tempdir().unwrap();
        let (real, link) = (folder.path().join("real"), folder.path().join("link"));
        Host.write(&real, b"1").unwrap();
        std::os::unix::fs::symlink(&real, &link).unwrap();
        Host.write(&link, b"2").unwrap();
        assert_eq!(fs::read(&real).unwrap(), b"2");
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        let error = Host.list(folder.path()).unwrap_err().to_string();
        assert!(error.ends_with("`link` is neither a file nor a folder"), "{error}");
    }

    #[cfg(unix)]
    #[test]
    fn permissions_follow_the_umask() {
        use std::os::unix::fs::PermissionsExt;

        let folder = tempfile::tempdir().unwrap();
        let umask = std::process::Command::new("sh").args(["-c", "umask"]).output().unwrap().stdout;
        let umask = u32::from_str_radix(std::str::from_utf8(&umask).unwrap().trim(), 8).unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        let (file, chart) = (folder.path().join("a"), folder.path().join("chart"));
        Host.write(&file, b"").unwrap();
        Host.write_folder(&chart, &[("a".to_owned(), Vec::new())]).unwrap();
        assert_eq!(mode(&file), 0o644 & !umask);
        assert_eq!(mode(&chart), 0o755 & !umask);
    }
}
