//! A machine in memory, for tests and benches: files, variables and standard input in, what was written and said out.

mod server;

pub use server::Answer;

use std::collections::BTreeMap;
use std::io;
use std::io::Read;
use std::io::Write;
use std::path::Component;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;
use std::time::Duration;

use crate::machine::Clock;
use crate::machine::Ended;
use crate::machine::Environment;
use crate::machine::Files;
use crate::machine::HeldFolder;
use crate::machine::Http;
use crate::machine::Network;
use crate::machine::Processes;
use crate::machine::Progress;
use crate::machine::Terminal;
use crate::machine::Trust;
use crate::machine::during;
use crate::machine::memory::server::Server;
use crate::machine::too_large;

type Stored = Arc<Mutex<BTreeMap<PathBuf, Vec<u8>>>>;

/// Starts empty; `./a` and `a` are the same file, and a folder exists while it has a file. No server answers, no
/// program is there and no time passes unless a test says so.
#[derive(Debug, Default)]
pub struct MemoryMachine {
    files: Stored,
    variables: BTreeMap<String, String>,
    programs: BTreeMap<String, Vec<u8>>,
    standard_input: Vec<u8>,
    data: Mutex<String>,
    said: Mutex<String>,
    waited: Mutex<Duration>,
    server: Server,
}

impl MemoryMachine {
    #[must_use]
    pub fn file(self, path: impl AsRef<Path>, bytes: impl Into<Vec<u8>>) -> Self {
        locked(&self.files).insert(plain(path.as_ref()), bytes.into());
        self
    }

    #[must_use]
    pub fn variable(mut self, name: &str, value: &str) -> Self {
        self.variables.insert(name.to_owned(), value.to_owned());
        self
    }

    #[must_use]
    pub fn standard_input(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.standard_input = bytes.into();
        self
    }

    /// A program that prints this, whatever it is asked.
    #[must_use]
    pub fn program(mut self, name: &str, output: impl Into<Vec<u8>>) -> Self {
        self.programs.insert(name.to_owned(), output.into());
        self
    }

    /// What answers every request: method, URL, headers and body in.
    #[must_use]
    pub fn server(
        mut self,
        answer: impl Fn(&str, &str, &[(&'static str, String)], &[u8]) -> Answer + Send + Sync + 'static,
    ) -> Self {
        self.server = Server::new(answer);
        self
    }

    /// How long was waited, all in all.
    pub fn waited(&self) -> Duration {
        *locked(&self.waited)
    }

    /// Every file as it is now.
    pub fn files(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        locked(&self.files).clone()
    }

    /// All that went to standard output.
    pub fn printed(&self) -> String {
        locked(&self.data).clone()
    }

    /// All that went to standard error.
    pub fn said(&self) -> String {
        locked(&self.said).clone()
    }
}

/// A panic of another thread is its own, and what it left is looked at all the same.
fn locked<T>(value: &Mutex<T>) -> MutexGuard<'_, T> {
    value.lock().unwrap_or_else(PoisonError::into_inner)
}

fn plain(path: &Path) -> PathBuf {
    path.components().filter(|part| *part != Component::CurDir).collect()
}

fn limited(bytes: &[u8], limit: u64) -> io::Result<Vec<u8>> {
    if bytes.len() as u64 > limit { Err(too_large(limit)) } else { Ok(bytes.to_vec()) }
}

impl Files for MemoryMachine {
    fn read(&self, path: &Path, limit: u64) -> io::Result<Vec<u8>> {
        let files = locked(&self.files);
        let bytes = files.get(&plain(path)).ok_or_else(|| io::Error::from(io::ErrorKind::NotFound));
        bytes.and_then(|bytes| limited(bytes, limit)).map_err(|error| during("reading", path, &error))
    }

    fn read_standard_input(&self, limit: u64) -> io::Result<Vec<u8>> {
        limited(&self.standard_input, limit).map_err(|error| during("reading", Path::new("standard input"), &error))
    }

    fn list(&self, folder: &Path) -> io::Result<Vec<PathBuf>> {
        let (files, wanted) = (locked(&self.files), plain(folder));
        let found: Vec<PathBuf> =
            files.keys().filter_map(|path| path.strip_prefix(&wanted).ok()).map(Path::to_owned).collect();
        match found.is_empty() {
            true => Err(during("listing", folder, &io::ErrorKind::NotFound.into())),
            false => Ok(found),
        }
    }

    fn names(&self, folder: &Path) -> io::Result<Vec<PathBuf>> {
        let mut names = self.list(folder)?;
        names.retain(|path| path.components().count() == 1);
        Ok(names)
    }

    fn folders(&self, folder: &Path) -> io::Result<Vec<PathBuf>> {
        let first = |path: PathBuf| {
            Some(PathBuf::from(path.components().next().filter(|_| path.components().count() > 1)?.as_os_str()))
        };
        let mut folders: Vec<PathBuf> = self.list(folder)?.into_iter().filter_map(first).collect();
        folders.dedup();
        Ok(folders)
    }

    fn exists(&self, path: &Path) -> bool {
        let wanted = plain(path);
        locked(&self.files).keys().any(|path| path.starts_with(&wanted))
    }

    fn write(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        locked(&self.files).insert(plain(path), bytes.to_vec());
        Ok(())
    }

    fn write_together(&self, files: &[(PathBuf, Vec<u8>)]) -> io::Result<()> {
        files.iter().try_for_each(|(path, bytes)| self.write(path, bytes))
    }

    fn hold(&self, _: &Path) -> io::Result<Box<dyn HeldFolder + '_>> {
        Ok(Box::new(Held(self)))
    }

    fn write_folder(&self, folder: &Path, files: &[(String, Vec<u8>)]) -> io::Result<()> {
        let (mut all, folder) = (locked(&self.files), plain(folder));
        all.retain(|path, _| !path.starts_with(&folder));
        all.extend(files.iter().map(|(path, bytes)| (folder.join(path), bytes.clone())));
        Ok(())
    }

    fn size(&self, path: &Path) -> io::Result<Option<u64>> {
        Ok(locked(&self.files).get(&plain(path)).map(|bytes| bytes.len() as u64))
    }

    fn last_use(&self, _: &Path) -> io::Result<u64> {
        Ok(0)
    }

    fn mark_used(&self, _: &Path) -> io::Result<()> {
        Ok(())
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn Read + Send>> {
        Ok(Box::new(io::Cursor::new(self.read(path, u64::MAX)?)))
    }

    fn open_at(&self, path: &Path, offset: u64) -> io::Result<Box<dyn Read + Send>> {
        let mut cursor = io::Cursor::new(self.read(path, u64::MAX)?);
        cursor.set_position(offset);
        Ok(Box::new(cursor))
    }

    fn sync(&self, _: &Path) -> io::Result<()> {
        Ok(())
    }

    fn append(&self, path: &Path) -> io::Result<Box<dyn Write + Send>> {
        locked(&self.files).entry(plain(path)).or_default();
        Ok(Box::new(End { files: Arc::clone(&self.files), path: plain(path) }))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let mut files = locked(&self.files);
        let bytes = files.remove(&plain(from)).ok_or_else(|| io::Error::from(io::ErrorKind::NotFound));
        let bytes = bytes.map_err(|error| during("renaming", from, &error))?;
        files.insert(plain(to), bytes);
        Ok(())
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        locked(&self.files).remove(&plain(path));
        Ok(())
    }
}

/// The end of a file.
struct End {
    files: Stored,
    path: PathBuf,
}

impl Write for End {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        locked(&self.files).entry(self.path.clone()).or_default().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Processes for MemoryMachine {
    fn run(&self, program: &str, _: &[&str], _: &[u8]) -> io::Result<Ended> {
        let output = self.programs.get(program).cloned().ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))?;
        Ok(Ended { succeeded: true, output })
    }
}

impl Network for MemoryMachine {
    fn connect(&self, _: &Trust) -> io::Result<Box<dyn Http>> {
        Ok(Box::new(self.server.clone()))
    }
}

impl Clock for MemoryMachine {
    fn seconds(&self) -> u64 {
        locked(&self.waited).as_secs()
    }

    fn wait(&self, time: Duration) {
        *locked(&self.waited) += time;
    }
}

struct NoProgress;

impl Progress for NoProgress {
    fn add(&self, _: u64) {}
}

/// Nobody else has a machine in memory.
struct Held<'a>(&'a MemoryMachine);

impl HeldFolder for Held<'_> {
    fn write(&self, files: &[(PathBuf, Vec<u8>)]) -> io::Result<()> {
        self.0.write_together(files)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        locked(&self.0.files).remove(&plain(path));
        Ok(())
    }
}

impl Environment for MemoryMachine {
    fn variable(&self, name: &str) -> Option<String> {
        self.variables.get(name).cloned()
    }
}

impl Terminal for MemoryMachine {
    fn data(&self, text: &str) -> io::Result<()> {
        locked(&self.data).push_str(text);
        Ok(())
    }

    fn say(&self, text: &str) -> io::Result<()> {
        locked(&self.said).push_str(text);
        Ok(())
    }

    fn ask(&self, _: &str) -> io::Result<String> {
        Err(io::ErrorKind::NotFound.into())
    }

    fn colours(&self) -> bool {
        false
    }

    fn width(&self) -> Option<usize> {
        None
    }

    fn progress(&self, _: &str, _: u64) -> Box<dyn Progress> {
        Box::new(NoProgress)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_found_by_any_spelling_of_their_path() {
        let machine = MemoryMachine::default().file("./a/b.yaml", "b: 1\n").variable("HELM_NAMESPACE", "web");
        assert_eq!(machine.read(Path::new("a/./b.yaml"), 5).unwrap(), b"b: 1\n");
        assert_eq!(machine.read(Path::new("a/b.yaml"), 4).unwrap_err().kind(), io::ErrorKind::FileTooLarge);
        assert_eq!(machine.read(Path::new("c"), 4).unwrap_err().to_string(), "while reading `c`: entity not found");
        assert_eq!(machine.list(Path::new("a")).unwrap(), [PathBuf::from("b.yaml")]);
        assert!(machine.exists(Path::new("a")) && !machine.exists(Path::new("b")));
        machine.write_folder(Path::new("a"), &[("c/d".to_owned(), Vec::new())]).unwrap();
        assert_eq!(machine.list(Path::new("a")).unwrap(), [PathBuf::from("c/d")]);
        assert_eq!(Environment::variable(&machine, "HELM_NAMESPACE").as_deref(), Some("web"));
    }
}
