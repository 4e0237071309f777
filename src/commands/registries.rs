//! What the command line says of registries -> a client of them.

use std::path::PathBuf;

use crate::cli;
use crate::cli::Registries;
use crate::commands::failure::Failure;
use crate::machine::Checks;
use crate::machine::Identity;
use crate::machine::Machine;
use crate::machine::Trust;
use crate::registry::Client;
use crate::registry::Encryption;
use crate::registry::Mirrors;
use crate::registry::Options;

/// No honest file of certificates is as large.
const MAX_BYTES: u64 = 16 << 20;

/// Reads the certificates and the logins.
pub fn client<'a>(arguments: &Registries, machine: &'a dyn Machine) -> Result<Client<'a>, Failure> {
    made(arguments, Mirrors::default(), machine)
}

/// Reads the mirrors, the certificates and the logins.
pub fn puller<'a>(
    arguments: &Registries,
    mirrors: &cli::Mirrors,
    machine: &'a dyn Machine,
) -> Result<Client<'a>, Failure> {
    let read = mirrors.registries.as_ref().map(|path| Mirrors::read(path, machine)).transpose()?;
    made(arguments, read.unwrap_or_default(), machine)
}

fn made<'a>(arguments: &Registries, mirrors: Mirrors, machine: &'a dyn Machine) -> Result<Client<'a>, Failure> {
    let authorities = arguments.ca_file.as_ref().map(|path| machine.read(path, MAX_BYTES)).transpose()?;
    let read = |path: &PathBuf| machine.read(path, MAX_BYTES);
    let identity = match (&arguments.cert_file, &arguments.key_file) {
        (Some(certificates), Some(key)) => Some(Identity { certificates: read(certificates)?, key: read(key)? }),
        _ => None,
    };
    let checks = if arguments.insecure_skip_tls_verify { Checks::None } else { Checks::All };
    let encryption = if arguments.plain_http { Encryption::Never } else { Encryption::Usual };
    let client = Client::new(machine, Options { trust: Trust { authorities, checks, identity }, encryption, mirrors });
    client.map_err(|error| match &arguments.ca_file {
        Some(path) if error.kind() == std::io::ErrorKind::InvalidData => {
            Failure::InputOutput(crate::machine::during("reading", path, &error))
        }
        _ => Failure::InputOutput(error),
    })
}
