//! What a stage may ask of the outside world, as traits; `host` is the one implementation that touches the machine.

use std::io;
use std::path::Path;
use std::path::PathBuf;

/// Files and folders, by path. Every error names its path.
pub trait Files {
    /// The whole text or bytes of a file, at most `limit` bytes; larger is an error.
    fn read(&self, path: &Path, limit: u64) -> io::Result<Vec<u8>>;
    /// Standard input, at most `limit` bytes.
    fn read_standard_input(&self, limit: u64) -> io::Result<Vec<u8>>;
    /// The files below a folder, relative, sorted; links are not followed.
    fn list(&self, folder: &Path) -> io::Result<Vec<PathBuf>>;
    fn exists(&self, path: &Path) -> bool;
    /// Writes a file so that it appears complete or not at all; folders on the way are made.
    fn write(&self, path: &Path, bytes: &[u8]) -> io::Result<()>;
    /// Replaces a folder by these files so that it appears complete or not at all.
    fn write_folder(&self, folder: &Path, files: &[(String, Vec<u8>)]) -> io::Result<()>;
}

/// Environment variables, such as `HELM_NAMESPACE`.
pub trait Environment {
    fn variable(&self, name: &str) -> Option<String>;
}

/// Where text goes: data to standard output, words for people to standard error.
pub trait Terminal {
    fn data(&self, text: &str) -> io::Result<()>;
    fn say(&self, text: &str) -> io::Result<()>;
    /// Whether people read standard error on a terminal that takes colours (`NO_COLOR` respected).
    fn colours(&self) -> bool;
    /// Columns of the terminal; `None` when it is none.
    fn width(&self) -> Option<usize>;
}

/// The machine that a command runs on.
pub trait Machine: Files + Environment + Terminal {}

impl<T: Files + Environment + Terminal> Machine for T {}
