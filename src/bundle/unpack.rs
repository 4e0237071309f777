//! A compressed bundle in, the same one not compressed out: of that every blob can be read from its place.

use std::io;
use std::io::Write;
use std::path::Path;
use std::path::PathBuf;

use crate::bundle::check::CheckedBundle;
use crate::bundle::error::BundleError;
use crate::bundle::error::damaged;
use crate::bundle::packing::Unpacker;
use crate::machine::Files;
use crate::machine::during;
use crate::oci::Digest;

/// Writes it into a folder for files that can be made again; the caller takes it away.
pub fn unpack(
    path: &Path,
    checked: &CheckedBundle,
    folder: &Path,
    machine: &dyn Files,
) -> Result<PathBuf, BundleError> {
    let to = folder.join("unpacked").join(format!("{}.tar", Digest::of(&checked.head().sums).hex()));
    machine.remove(&to)?;
    let outcome = write(path, &to, machine);
    if outcome.is_err() {
        // What stopped it is what to tell.
        _ = machine.remove(&to);
    }
    outcome.map(|()| to)
}

fn write(path: &Path, to: &Path, machine: &dyn Files) -> Result<(), BundleError> {
    let size = machine.size(path)?.unwrap_or_default();
    let mut unpacker = Unpacker::new(machine.open(path)?, size)?;
    let mut file = machine.append(to)?;
    let copied = io::copy(&mut unpacker, &mut file).and_then(|_| file.flush());
    copied.map_err(|error| damaged(during("writing", to, &error)))?;
    unpacker.finish()
}
