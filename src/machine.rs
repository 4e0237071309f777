//! What a stage may ask of the outside world, as traits; `host` is the one implementation that touches the machine.

mod memory;
mod network;

pub use memory::Answer;
pub use memory::MemoryMachine;
pub use network::Body;
pub use network::Checks;
pub use network::Http;
pub use network::Identity;
pub use network::Method;
pub use network::Network;
pub use network::Request;
pub use network::Response;
pub use network::Trust;

use std::io;
use std::io::Read;
use std::io::Write;
use std::path::Path;
use std::path::PathBuf;
use std::time::Duration;

/// Files and folders, by path. Every error reads `while reading `PATH`: REASON` and keeps its [`io::ErrorKind`].
pub trait Files: Sync {
    /// The whole content of a file, at most `limit` bytes; larger is [`io::ErrorKind::FileTooLarge`].
    fn read(&self, path: &Path, limit: u64) -> io::Result<Vec<u8>>;
    /// Standard input, at most `limit` bytes.
    fn read_standard_input(&self, limit: u64) -> io::Result<Vec<u8>>;
    /// The files below a folder, relative, sorted; a symbolic link among them is an error.
    fn list(&self, folder: &Path) -> io::Result<Vec<PathBuf>>;
    /// The files right in a folder, by their names, sorted.
    fn names(&self, folder: &Path) -> io::Result<Vec<PathBuf>>;
    /// The folders right in a folder, by their names, sorted.
    fn folders(&self, folder: &Path) -> io::Result<Vec<PathBuf>>;
    fn exists(&self, path: &Path) -> bool;
    /// Writes a file so that it appears complete or not at all; folders on the way are made.
    fn write(&self, path: &Path, bytes: &[u8]) -> io::Result<()>;
    /// The same for several files: none appears before all are complete.
    fn write_together(&self, files: &[(PathBuf, Vec<u8>)]) -> io::Result<()>;
    /// Waits until no other process holds the folder, which is made where it is missing; gives up after a minute with
    /// [`io::ErrorKind::TimedOut`].
    fn hold(&self, folder: &Path) -> io::Result<Box<dyn HeldFolder + '_>>;
    /// Replaces a folder by these files (paths with `/`) so that it appears complete or not at all.
    fn write_folder(&self, folder: &Path, files: &[(String, Vec<u8>)]) -> io::Result<()>;
    /// The bytes of a file, or `None` where there is none.
    fn size(&self, path: &Path) -> io::Result<Option<u64>>;
    /// Seconds since 1970 when a file was last written or marked as used.
    fn last_use(&self, path: &Path) -> io::Result<u64>;
    /// Marks a file as used now.
    fn mark_used(&self, path: &Path) -> io::Result<()>;
    /// A file to read from its start, however large.
    fn open(&self, path: &Path) -> io::Result<Box<dyn Read + Send>>;
    /// The same from some byte on.
    fn open_at(&self, path: &Path, offset: u64) -> io::Result<Box<dyn Read + Send>>;
    /// Makes what was written to a file survive a power cut.
    fn sync(&self, path: &Path) -> io::Result<()>;
    /// A file to write at its end, made where it is missing. Nobody else can get it so until it is dropped: whoever asks
    /// meanwhile waits.
    fn append(&self, path: &Path) -> io::Result<Box<dyn Write + Send>>;
    /// Gives a file another name in the same file system; what has that name is replaced.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;
    /// Takes a file away; one that is not there is no error.
    fn remove(&self, path: &Path) -> io::Result<()>;
}

/// A folder that no other process of ours holds until this is dropped. What one that was killed left half done in it is
/// gone.
pub trait HeldFolder {
    /// As [`Files::write_together`]; the files appear in their order.
    fn write(&self, files: &[(PathBuf, Vec<u8>)]) -> io::Result<()>;
    /// Removes a file; none is no error.
    fn remove(&self, path: &Path) -> io::Result<()>;
}

/// Environment variables, such as `HELM_NAMESPACE`.
pub trait Environment: Sync {
    fn variable(&self, name: &str) -> Option<String>;
}

/// Other programs, found by the folders in `PATH`.
pub trait Processes: Sync {
    /// Runs a program to its end. Its standard error is shown to nobody.
    fn run(&self, program: &str, arguments: &[&str], input: &[u8]) -> io::Result<Ended>;
}

/// A program that has ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ended {
    pub succeeded: bool,
    pub output: Vec<u8>,
}

/// The time, which decides when something is tried again, and when a version that is new in an index was published.
pub trait Clock: Sync {
    /// Seconds since 1970.
    fn seconds(&self) -> u64;
    fn wait(&self, time: Duration);
}

/// How far something is that takes long; the display ends when it is dropped.
pub trait Progress: Send + Sync {
    /// So many bytes more are done.
    fn add(&self, bytes: u64);
}

/// Where text goes: data to standard output, words for people to standard error. A reader that went away
/// (`| head`) is no error.
pub trait Terminal: Sync {
    fn data(&self, text: &str) -> io::Result<()>;
    /// Colours in the text are taken out when [`Terminal::colours`] says no.
    fn say(&self, text: &str) -> io::Result<()>;
    /// What a person types at the terminal, which does not show it. An error without a terminal.
    fn ask(&self, question: &str) -> io::Result<String>;
    /// Whether people read standard error on a terminal that takes colours (`NO_COLOR` respected).
    fn colours(&self) -> bool;
    /// Columns of the terminal on standard error; `None` when it is none.
    fn width(&self) -> Option<usize>;
    /// Shows how many of `total` bytes are done, on a terminal only.
    fn progress(&self, title: &str, total: u64) -> Box<dyn Progress>;
}

/// The machine that a command runs on.
pub trait Machine: Files + Environment + Terminal + Processes + Network + Clock {}

impl<T: Files + Environment + Terminal + Processes + Network + Clock> Machine for T {}

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
