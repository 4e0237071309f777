//! `helm ha publish`: an archive goes into a chart repository, or into a registry.

use std::path::Path;

use serde_json::json;

use crate::cli::Output;
use crate::cli::Publish;
use crate::commands::failure::Failure;
use crate::commands::generate::epoch;
use crate::commands::publish_registry;
use crate::commands::sign;
use crate::machine::Machine;
use crate::publish::BaseUrl;
use crate::publish::Change;
use crate::publish::Package;
use crate::publish::Replace;
use crate::publish::Repository;

pub fn run(arguments: &Publish, machine: &dyn Machine) -> Result<u8, Failure> {
    if let Some(destination) = arguments.destination.to_str().filter(|text| text.starts_with("oci://")) {
        return publish_registry::run(arguments, destination, machine);
    }
    if arguments.registries.is_said() {
        return Err(Failure::Usage("a folder is no registry: options of registries go with `oci://`".to_owned()));
    }
    refuse_urls(&arguments.destination)?;
    let base = base_url(arguments.url.as_deref())?;
    let time = time(machine)?;
    let package = package(arguments, machine)?;
    let repository = Repository { folder: &arguments.destination, base: base.as_ref(), time, machine };
    let replace = if arguments.force { Replace::Wanted } else { Replace::Refused };
    let published = repository.publish(&package, replace)?;
    let path = arguments.destination.join(package.file_name());
    let signed = package.provenance.is_some();
    match arguments.output {
        Output::Human => {
            let done = match published.change {
                Change::Nothing => "is there already",
                Change::Added => "published",
                Change::Replaced => "replaced",
            };
            let with = if signed { " with its provenance" } else { "" };
            let versions = published.versions;
            machine.say(&format!(
                "{}: {done}{with}, sha256:{}\nindex.yaml: {}, {versions} version{} of {}\n",
                path.display(),
                package.digest,
                published.url,
                if versions == 1 { "" } else { "s" },
                package.chart.name,
            ))?;
        }
        Output::Json => {
            let json = json!({
                "path": path, "name": package.chart.name, "version": package.chart.version, "url": published.url,
                "digest": format!("sha256:{}", package.digest), "provenance": signed,
                "change": match published.change {
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

/// The archive with its provenance: the one beside it, or a new one.
pub fn package(arguments: &Publish, machine: &dyn Machine) -> Result<Package, Failure> {
    let mut package = Package::read(&arguments.archive, machine)?;
    let file = package.file_name();
    match sign::provenance(&arguments.signing, &package.chart, &file, &package.digest, machine)? {
        Some(signed) => package.provenance = Some(signed),
        None => package.take_provenance(&arguments.archive, machine)?,
    }
    Ok(package)
}

/// A folder with such a name would surprise.
fn refuse_urls(destination: &Path) -> Result<(), Failure> {
    let text = destination.to_string_lossy();
    match text.split_once("://") {
        Some((scheme, _)) => Err(Failure::Usage(format!(
            "cannot publish to `{scheme}://`: name the folder that the web server serves, or `oci://HOST/PATH`"
        ))),
        None => Ok(()),
    }
}

/// What `--url` says.
pub fn base_url(said: Option<&str>) -> Result<Option<BaseUrl>, Failure> {
    let read = |text: &str| {
        BaseUrl::read(text).ok_or_else(|| {
            Failure::Usage(format!(
                "expected an address like `https://charts.example.com/stable` for --url, found `{text}`"
            ))
        })
    };
    said.map(read).transpose()
}

/// When a version that is new in an index was created: what `SOURCE_DATE_EPOCH` says, else now.
pub fn time(machine: &dyn Machine) -> Result<u64, Failure> {
    Ok(epoch(machine)?.unwrap_or_else(|| machine.seconds()))
}
