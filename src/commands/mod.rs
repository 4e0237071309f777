//! One file per verb: asks the machine for inputs, runs the stages, tells what came out.

mod failure;
mod load;
mod build;
mod registries;
mod init;
mod lint;
mod generate;
mod plan;
mod lock;
mod lock_images;
mod move_volume;
mod explain;
mod schema;
mod secrets;
mod teardown;
mod dns;
mod crds;
mod images;
mod cache;
mod verify;
mod sign;
mod publish;
mod publish_registry;
mod index;
mod bundle;
mod inspect;
mod load_bundle;
mod version;

use std::ffi::OsString;

use crate::cli;
use crate::cli::Verb;
use crate::commands::failure::Failure;
use crate::machine::Machine;

/// Runs the verb that the arguments (without the program's name) ask for, and gives the exit code: 0 done, 1 the
/// values are wrong, 2 there is a difference, 64 wrong usage, 69 network or another program, 70 our own bug, 74 file input or output.
pub fn run(arguments: impl IntoIterator<Item = OsString>, machine: &dyn Machine) -> u8 {
    let outcome = match cli::parse(arguments, machine.width()) {
        Ok(verb) => dispatch(&verb, machine),
        Err(stop) => {
            let told = match &stop {
                cli::Stop::Answer(text) => machine.data(text),
                cli::Stop::Misuse(text) => machine.say(text),
            };
            told.map(|()| stop.exit_code()).map_err(Failure::from)
        }
    };
    outcome.unwrap_or_else(|failure| {
        // When even this cannot be said, the exit code is all that is left.
        _ = machine.say(&format!("{failure}\n"));
        failure.exit_code()
    })
}

fn dispatch(verb: &Verb, machine: &dyn Machine) -> Result<u8, Failure> {
    match verb {
        Verb::Init(arguments) => init::run(arguments, machine),
        Verb::Lint(arguments) => lint::run(arguments, machine),
        Verb::Explain(arguments) => explain::run(arguments, machine),
        Verb::Schema(arguments) => schema::run(arguments, machine),
        Verb::Generate(arguments) => generate::run(arguments, machine),
        Verb::Plan(arguments) => plan::run(arguments, machine),
        Verb::Secrets(arguments) => secrets::run(arguments, machine),
        Verb::Teardown(arguments) => teardown::run(arguments, machine),
        Verb::Dns(arguments) => dns::run(arguments, machine),
        Verb::Crds(arguments) => crds::run(arguments, machine),
        Verb::Lock(arguments) => lock::run(arguments, machine),
        Verb::Images(arguments) => images::run(arguments, machine),
        Verb::Cache(arguments) => cache::run(arguments, machine),
        Verb::Move(arguments) => move_volume::run(arguments, machine),
        Verb::Verify(arguments) => verify::run(arguments, machine),
        Verb::Publish(arguments) => publish::run(arguments, machine),
        Verb::Index(arguments) => index::run(arguments, machine),
        Verb::Bundle(arguments) => bundle::run(arguments, machine),
        Verb::Inspect(arguments) => inspect::run(arguments, machine),
        Verb::Load(arguments) => load_bundle::run(arguments, machine),
        Verb::Version(arguments) => version::run(arguments, machine),
    }
}
