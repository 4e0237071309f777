//! `helm ha schema`: the JSON schema of the values file.

use crate::cli::Schema;
use crate::commands::failure::Failure;
use crate::machine::Machine;
use crate::schema::validate::CLUSTER_TEXT;
use crate::schema::validate::OVERLAY_TEXT;

pub fn run(arguments: &Schema, machine: &dyn Machine) -> Result<u8, Failure> {
    machine.data(if arguments.overlay { OVERLAY_TEXT } else { CLUSTER_TEXT })?;
    Ok(0)
}
