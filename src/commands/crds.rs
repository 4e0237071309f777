//! `helm ha crds`: the CRDs of an archive, as one stream for `kubectl apply`.

use std::io;

use crate::assets;
use crate::cli::Crds;
use crate::commands::failure::Failure;
use crate::helm;
use crate::machine::Machine;

pub fn run(arguments: &Crds, machine: &dyn Machine) -> Result<u8, Failure> {
    // What an archive unpacks to is limited; the packed one is smaller.
    let bytes = machine.read(&arguments.archive, helm::TREE_LIMIT)?;
    let crds = read(&bytes).map_err(|error| {
        let text = format!("while reading `{}`: {error}", arguments.archive.display());
        io::Error::new(io::ErrorKind::InvalidData, text)
    })?;
    if crds.is_empty() {
        machine.say("this archive brings no CRDs: all of its operators are there already\n")?;
    }
    machine.data(&crds)?;
    Ok(0)
}

/// The files of the nested chart `crds`, each a document of its own, those that are needed first in front.
fn read(archive: &[u8]) -> Result<String, helm::ArchiveError> {
    let tree = helm::unpack(archive)?;
    let start = format!("charts/{}-", assets::CRDS_NAME);
    let mut text = String::new();
    for (_, nested) in tree.files().filter(|(path, _)| path.starts_with(&start) && path.ends_with(".tgz")) {
        for (_, crd) in helm::unpack(nested)?.below("crds/") {
            text.push_str("---\n");
            text.push_str(&String::from_utf8_lossy(crd));
        }
    }
    Ok(text)
}
