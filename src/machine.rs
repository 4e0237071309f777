//! What a stage may ask of the outside world, as traits; `host` is the one implementation that touches the machine.

mod memory;

pub use memory::MemoryMachine;

use std::io;
use std::path::Path;
use std::path::PathBuf;

/// Files and folders, by path. Every error reads `while reading `PATH`: REASON` and keeps its [`io::ErrorKind`].
pub trait Files {
    /// The whole content of a file, at most `limit` bytes; larger is [`io::ErrorKind::FileTooLarge`].
    fn read(&self, path: &Path, limit: u64) -> io::Result<Vec<u8>>;
    /// Standard input, at most `limit` bytes.
    fn read_standard_input(&self, limit: u64) -> io::Result<Vec<u8>>;
    /// The files below a folder, relative, sorted; a symbolic link among them is an error.
    fn list(&self, folder: &Path) -> io::Result<Vec<PathBuf>>;
    /// The files right in a folder, by their names, sorted.
    fn names(&self, folder: &Path) -> io::Result<Vec<PathBuf>>;
    fn exists(&self, path: &Path) -> bool;
    /// Writes a file so that it appears complete or not at all; folders on the way are made.
    fn write(&self, path: &Path, bytes: &[u8]) -> io::Result<()>;
    /// The same for several files: none appears before all are complete.
    fn write_together(&self, files: &[(PathBuf, Vec<u8>)]) -> io::Result<()>;
    /// Replaces a folder by these files (paths with `/`) so that it appears complete or not at all.
    fn write_folder(&self, folder: &Path, files: &[(String, Vec<u8>)]) -> io::Result<()>;
}

/// Environment variables, such as `HELM_NAMESPACE`.
pub trait Environment {
    fn variable(&self, name: &str) -> Option<String>;
}

/// Where text goes: data to standard output, words for people to standard error. A reader that went away
/// (`| head`) is no error.
pub trait Terminal {
    fn data(&self, text: &str) -> io::Result<()>;
    /// Colours in the text are taken out when [`Terminal::colours`] says no.
    fn say(&self, text: &str) -> io::Result<()>;
    /// Whether people read standard error on a terminal that takes colours (`NO_COLOR` respected).
    fn colours(&self) -> bool;
    /// Columns of the terminal on standard error; `None` when it is none.
    fn width(&self) -> Option<usize>;
}

/// The machine that a command runs on.
pub trait Machine: Files + Environment + Terminal {}

impl<T: Files + Environment + Terminal> Machine for T {}

/// The same error with what was going on when it happened: `while reading `a.yaml`: no such file or directory`.
pub fn during(doing: &str, what: &Path, error: &io::Error) -> io::Error {
    let reason = error.to_string();
    let reason = reason.split_once(" (os error ").map_or(reason.as_str(), |(reason, _)| reason);
    let mut letters = reason.chars();
    let first = letters.next().map(|letter| letter.to_ascii_lowercase());
    let reason: String = first.into_iter().chain(letters).collect();
    io::Error::new(error.kind(), format!("while {doing} `{}`: {reason}", what.display()))
}

/// The error for an input that exceeds its limit.
pub fn too_large(limit: u64) -> io::Error {
    io::Error::new(io::ErrorKind::FileTooLarge, format!("larger than {limit} bytes, which is more than expected here"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_say_what_was_going_on() {
        let check = |error: io::Error, expect: &str| {
            let kind = error.kind();
            let told = during("reading", Path::new("a.yaml"), &error);
            assert_eq!((told.to_string().as_str(), told.kind()), (expect, kind));
        };
        check(io::Error::from_raw_os_error(2), "while reading `a.yaml`: no such file or directory");
        check(too_large(9), "while reading `a.yaml`: larger than 9 bytes, which is more than expected here");
    }
}
