//! A machine in memory, for tests and benches: files, variables and standard input in, what was written and said out.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io;
use std::path::Component;
use std::path::Path;
use std::path::PathBuf;

use crate::machine::Environment;
use crate::machine::Files;
use crate::machine::Terminal;
use crate::machine::during;
use crate::machine::too_large;

/// Starts empty; `./a` and `a` are the same file, and a folder exists while it has a file.
#[derive(Debug, Default)]
pub struct MemoryMachine {
    files: RefCell<BTreeMap<PathBuf, Vec<u8>>>,
    variables: BTreeMap<String, String>,
    standard_input: Vec<u8>,
    data: RefCell<String>,
    said: RefCell<String>,
}

impl MemoryMachine {
    #[must_use]
    pub fn file(self, path: impl AsRef<Path>, bytes: impl Into<Vec<u8>>) -> Self {
        self.files.borrow_mut().insert(plain(path.as_ref()), bytes.into());
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

    /// Every file as it is now.
    pub fn files(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        self.files.borrow().clone()
    }

    /// All that went to standard output.
    pub fn printed(&self) -> String {
        self.data.borrow().clone()
    }

    /// All that went to standard error.
    pub fn said(&self) -> String {
        self.said.borrow().clone()
    }
}

fn plain(path: &Path) -> PathBuf {
    path.components().filter(|part| *part != Component::CurDir).collect()
}

fn limited(bytes: &[u8], limit: u64) -> io::Result<Vec<u8>> {
    if bytes.len() as u64 > limit { Err(too_large(limit)) } else { Ok(bytes.to_vec()) }
}

impl Files for MemoryMachine {
    fn read(&self, path: &Path, limit: u64) -> io::Result<Vec<u8>> {
        let files = self.files.borrow();
        let bytes = files.get(&plain(path)).ok_or_else(|| io::Error::from(io::ErrorKind::NotFound));
        bytes.and_then(|bytes| limited(bytes, limit)).map_err(|error| during("reading", path, &error))
    }

    fn read_standard_input(&self, limit: u64) -> io::Result<Vec<u8>> {
        limited(&self.standard_input, limit).map_err(|error| during("reading", Path::new("standard input"), &error))
    }

    fn list(&self, folder: &Path) -> io::Result<Vec<PathBuf>> {
        let (files, wanted) = (self.files.borrow(), plain(folder));
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

    fn exists(&self, path: &Path) -> bool {
        let wanted = plain(path);
        self.files.borrow().keys().any(|path| path.starts_with(&wanted))
    }

    fn write(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        self.files.borrow_mut().insert(plain(path), bytes.to_vec());
        Ok(())
    }

    fn write_together(&self, files: &[(PathBuf, Vec<u8>)]) -> io::Result<()> {
        files.iter().try_for_each(|(path, bytes)| self.write(path, bytes))
    }

    fn write_folder(&self, folder: &Path, files: &[(String, Vec<u8>)]) -> io::Result<()> {
        let (mut all, folder) = (self.files.borrow_mut(), plain(folder));
        all.retain(|path, _| !path.starts_with(&folder));
        all.extend(files.iter().map(|(path, bytes)| (folder.join(path), bytes.clone())));
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
        self.data.borrow_mut().push_str(text);
        Ok(())
    }

    fn say(&self, text: &str) -> io::Result<()> {
        self.said.borrow_mut().push_str(text);
        Ok(())
    }

    fn colours(&self) -> bool {
        false
    }

    fn width(&self) -> Option<usize> {
        None
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
