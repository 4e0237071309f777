//! `helm ha schema`: the JSON schema of the values file.

use crate::assets;
use crate::cli::Schema;
use crate::commands::failure::Failure;
use crate::machine::Machine;

/// The committed schemas, which a test holds equal to the derived ones.
pub const CLUSTER: &str = assets::text("schemas/cluster.schema.json");
pub const OVERLAY: &str = assets::text("schemas/overlay.schema.json");

pub fn run(arguments: &Schema, machine: &dyn Machine) -> Result<u8, Failure> {
    machine.data(if arguments.overlay { OVERLAY } else { CLUSTER })?;
    Ok(0)
}
