//! `helm ha init`: a commented values file to start from, and the schemas beside it for the editor.

use crate::assets;
use crate::cli::Init;
use crate::commands::failure::Failure;
use crate::machine::Machine;
use crate::schema::validate::CLUSTER_TEXT;
use crate::schema::validate::OVERLAY_TEXT;

const STARTING_FILE: &str = assets::text("charts-src/init/values.yaml");

pub fn run(arguments: &Init, machine: &dyn Machine) -> Result<u8, Failure> {
    let file = &arguments.file;
    if machine.exists(file) {
        return Err(Failure::InputOutput(std::io::Error::new(
            std::io::ErrorKind::AlreadyExists,
            format!("`{}` is there already; name another file: `helm ha init FILE`", file.display()),
        )));
    }
    let folder = file.parent().unwrap_or(std::path::Path::new("")).join(".helm-ha");
    machine.write(&folder.join("cluster.schema.json"), CLUSTER_TEXT.as_bytes())?;
    machine.write(&folder.join("overlay.schema.json"), OVERLAY_TEXT.as_bytes())?;
    machine.write(file, STARTING_FILE.as_bytes())?;
    machine.say(&format!(
        "wrote {} and .helm-ha/ (schemas for your editor)\nnext: put your machines and services in, then `helm ha lint {0}`\n",
        file.display()
    ))?;
    Ok(0)
}
