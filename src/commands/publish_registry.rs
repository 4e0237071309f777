//! `helm ha publish ARCHIVE oci://...`: an archive goes into a registry.

use serde_json::json;

use crate::cli::Output;
use crate::cli::Publish;
use crate::commands::failure::Failure;
use crate::commands::generate::epoch;
use crate::commands::publish::package;
use crate::commands::registries;
use crate::helm::timestamp;
use crate::machine::Machine;
use crate::publish::Change;
use crate::publish::PushError;
use crate::publish::RegistryPath;
use crate::publish::Replace;

/// `destination` begins with `oci://`.
pub fn run(arguments: &Publish, destination: &str, machine: &dyn Machine) -> Result<u8, Failure> {
    if arguments.url.is_some() {
        return Err(Failure::Usage("`--url` is for folders: a registry is found by its own address".to_owned()));
    }
    let place: RegistryPath = destination.parse().map_err(Failure::Usage)?;
    let created = epoch(machine)?.map(timestamp);
    let package = package(arguments, machine)?;
    let client = registries::client(&arguments.registries, machine)?;
    let replace = if arguments.force { Replace::Wanted } else { Replace::Refused };
    let pushed = place.push(&package, &client, replace, created.as_deref()).map_err(|error| match error {
        PushError::Registry(error) => Failure::from(error),
        PushError::Refused(text) => Failure::InputOutput(std::io::Error::new(std::io::ErrorKind::AlreadyExists, text)),
    })?;
    match arguments.output {
        Output::Human => {
            let done = match pushed.change {
                Change::Nothing => "is there already",
                Change::Added => "published",
                Change::Replaced => "replaced",
            };
            let with = if pushed.signed { " with its provenance" } else { "" };
            machine.say(&format!("{}: {done}{with}, {}\n", pushed.reference, pushed.digest))?;
        }
        Output::Json => {
            let json = json!({
                "name": package.chart.name, "version": package.chart.version, "url": pushed.reference,
                "digest": format!("sha256:{}", package.digest), "manifest": pushed.digest.to_string(),
                "provenance": pushed.signed,
                "change": match pushed.change {
                    Change::Nothing => "none",
                    Change::Added => "added",
                    Change::Replaced => "replaced",
                },
            });
            machine.data(&format!("{json:#}\n"))?;
        }
    }
    Ok(0)
}
