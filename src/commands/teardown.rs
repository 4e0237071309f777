//! `helm ha teardown`: the script that takes the cluster down.

use crate::cli::Teardown;
use crate::commands::build::built;
use crate::commands::failure::Failure;
use crate::generate::teardown;
use crate::machine::Machine;

pub fn run(arguments: &Teardown, machine: &dyn Machine) -> Result<u8, Failure> {
    let Some(built) = built(&arguments.values, machine)? else { return Ok(1) };
    let name = &built.plan.facts.name;
    if let Some(asked) = arguments.destroy_data.as_ref().filter(|asked| *asked != name) {
        let message = format!("expected the cluster of these values after --destroy-data, `{name}`, found `{asked}`");
        return Err(Failure::Usage(message));
    }
    let script = teardown::script(&built.plan, &built.charts, arguments.destroy_data.is_some());
    machine.data(&script.map_err(|error| Failure::Bug(error.to_string()))?)?;
    Ok(0)
}
