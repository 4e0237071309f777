//! A file that grows beside its place, where nobody else can write it meanwhile, until it takes that place whole.

use std::io;
use std::io::Write;
use std::path::Path;
use std::path::PathBuf;

use crate::machine::Files;
use crate::machine::during;

/// The growing file; it is this run's alone until the value is dropped.
pub struct Growing<'a> {
    machine: &'a dyn Files,
    path: &'a Path,
    partial: PathBuf,
    file: Box<dyn Write + Send>,
}

impl<'a> Growing<'a> {
    /// Goes on with what an earlier run has left, if it has; whoever asks for the same file meanwhile waits.
    pub fn begin(path: &'a Path, machine: &'a dyn Files) -> io::Result<Self> {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        // A name that nobody takes for a bundle or an archive of images.
        let partial = path.with_file_name(format!(".{name}.partial"));
        let file = machine.append(&partial)?;
        Ok(Self { machine, path, partial, file })
    }

    /// An empty one.
    pub fn empty(path: &'a Path, machine: &'a dyn Files) -> io::Result<Self> {
        let mut growing = Self::begin(path, machine)?;
        growing.restart()?;
        Ok(growing)
    }

    /// Where it grows.
    pub fn partial(&self) -> &Path {
        &self.partial
    }

    /// Forgets what is in it.
    pub fn restart(&mut self) -> io::Result<()> {
        // Another run may have been quicker, and died: then it is not empty again.
        while self.machine.size(&self.partial)?.is_none_or(|size| size > 0) {
            self.machine.remove(&self.partial)?;
            // The name is free, so who waited for the old file looks for a new one as well.
            self.file = Box::new(io::sink());
            self.file = self.machine.append(&self.partial)?;
        }
        Ok(())
    }

    /// Takes its place, complete and on the disk.
    pub fn appear(mut self) -> io::Result<()> {
        self.file.flush().map_err(|error| during("writing", &self.partial, &error))?;
        self.machine.sync(&self.partial)?;
        self.machine.rename(&self.partial, self.path)
    }

    /// Takes it away: what stopped it is what to tell, not that this may not work either.
    pub fn give_up(self) {
        _ = self.machine.remove(&self.partial);
    }
}

impl Write for Growing<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}
