//! What signatures need of the machine: a keyring, the key in it, its passphrase; a `.prov` out, or who has made one.

use std::io;
use std::path::Path;

use crate::cli::Signing;
use crate::commands::failure::Failure;
use crate::commands::publish::time;
use crate::helm;
use crate::helm::ChartYaml;
use crate::helm::Keyring;
use crate::helm::Provenance;
use crate::helm::Signer;
use crate::machine::Machine;
use crate::publish::Package;
use crate::publish::provenance_path;

/// A passphrase is one line.
const PASSPHRASE_LIMIT: u64 = 1 << 16;

/// The `.prov` of an archive; `None` when nobody asked for it. `file` is the name under which the archive will lie.
pub fn provenance(
    arguments: &Signing,
    chart: &ChartYaml,
    file: &str,
    digest: &str,
    machine: &dyn Machine,
) -> Result<Option<Vec<u8>>, Failure> {
    if !arguments.sign {
        return Ok(None);
    }
    signed(arguments, &helm::statement(chart, file, digest), machine)
}

/// A text with a signature; `None` when nobody asked for one.
pub fn signed(arguments: &Signing, text: &str, machine: &dyn Machine) -> Result<Option<Vec<u8>>, Failure> {
    let (true, Some(path)) = (arguments.sign, &arguments.keyring) else { return Ok(None) };
    let keyring = keyring(path, machine)?;
    let signer =
        Signer::find(&keyring, arguments.key.as_deref(), time(machine)?).map_err(|error| told(path, &error))?;
    let passphrase = if signer.is_locked() { passphrase(arguments, &signer.name, machine)? } else { String::new() };
    let text = signer.sign(text, &passphrase).map_err(|error| told(path, &error))?;
    if signer.is_new_to_helm() {
        machine.say(
            "Helm up to 3.21.3 reads no keyring that holds this kind of key; RSA and P-256 work with every Helm\n",
        )?;
    }
    Ok(Some(text.into_bytes()))
}

/// Reads the keys of a file.
pub fn keyring(path: &Path, machine: &dyn Machine) -> Result<Keyring, Failure> {
    Keyring::read(&machine.read(path, helm::KEYRING_LIMIT)?).map_err(|error| told(path, &error))
}

fn told(path: &Path, error: &dyn std::error::Error) -> Failure {
    let text = format!("while reading `{}`: {error}", path.display());
    io::Error::new(io::ErrorKind::InvalidData, text).into()
}

/// The first line of a file, or what a person types.
fn passphrase(arguments: &Signing, name: &str, machine: &dyn Machine) -> Result<String, Failure> {
    let bytes = match &arguments.passphrase_file {
        Some(path) if path.as_os_str() == "-" => machine.read_standard_input(PASSPHRASE_LIMIT)?,
        Some(path) => machine.read(path, PASSPHRASE_LIMIT)?,
        None => {
            let typed = machine.ask(&format!("Passphrase of {name}: "));
            let hint = |_| {
                Failure::Usage(format!(
                    "the key {name} has a passphrase and there is no terminal to ask for it: say `--passphrase-file FILE`"
                ))
            };
            return typed.map_err(hint);
        }
    };
    Ok(String::from_utf8_lossy(&bytes).lines().next().unwrap_or_default().to_owned())
}

/// Who has signed an archive, or why its `.prov` says nothing.
pub fn signed_by(
    archive: &Path,
    bytes: &[u8],
    keyring: &Path,
    machine: &dyn Machine,
) -> Result<Result<String, String>, Failure> {
    let keyring = self::keyring(keyring, machine)?;
    let path = provenance_path(archive);
    let provenance = machine.read(&path, helm::PROVENANCE_LIMIT)?;
    let file = archive.file_name().unwrap_or_default().to_string_lossy();
    let signed = || -> Result<String, String> {
        let (chart, digest) = Package::describe(bytes)?;
        let provenance = Provenance::read(&provenance).map_err(|error| error.to_string())?;
        provenance.is_of(&chart, &file, &digest).map_err(|error| error.to_string())?;
        provenance.signed_by(&keyring).map_err(|error| error.to_string())
    };
    Ok(signed().map_err(|reason| format!("`{}`: {reason}", path.display())))
}
