//! `helm ha plan`: every decision.

use crate::cli::Data;
use crate::cli::Plan;
use crate::commands::build::built;
use crate::commands::failure::Failure;
use crate::machine::Machine;
use crate::yaml;

pub fn run(arguments: &Plan, machine: &dyn Machine) -> Result<u8, Failure> {
    let Some(built) = built(&arguments.values, machine)? else { return Ok(1) };
    let json = serde_json::to_value(&built.plan).map_err(|error| Failure::Bug(error.to_string()))?;
    let text = match arguments.output {
        Data::Yaml => yaml::write_json(&json),
        Data::Json => format!("{json:#}\n"),
    };
    machine.data(&text)?;
    Ok(0)
}
