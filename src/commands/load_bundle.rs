//! `helm ha load`: a bundle at the site, checked, then put where K3s finds it or pushed to a registry.

use std::path::Path;
use std::path::PathBuf;

use serde_json::json;

use crate::bundle;
use crate::bundle::CheckedBundle;
use crate::bundle::Loading;
use crate::bundle::Packing;
use crate::bundle::PushError;
use crate::bundle::Target;
use crate::bundle::Unpacked;
use crate::cli;
use crate::cli::Destination;
use crate::cli::Output;
use crate::commands::failure::Failure;
use crate::commands::inspect;
use crate::commands::registries;
use crate::commands::sign;
use crate::machine::Machine;
use crate::registry::Cache;

pub fn run(arguments: &cli::Load, machine: &dyn Machine) -> Result<u8, Failure> {
    let target = target(arguments)?;
    let check = |path: &Path, older: Option<&CheckedBundle>| {
        let progress = machine.progress("checking", machine.size(path)?.unwrap_or_default());
        bundle::check(path, older, machine, progress.as_ref()).map_err(|error| inspect::failure(path, error))
    };
    let older = arguments.since.as_deref().map(|path| Ok::<_, Failure>((path, check(path, None)?))).transpose()?;
    let checked = check(&arguments.bundle, older.as_ref().map(|(_, checked)| checked))?;
    if let Some(path) = &arguments.keyring {
        let keyring = sign::keyring(path, machine)?;
        let signer = bundle::signed_by(checked.head(), &keyring);
        let signer = signer.map_err(|error| inspect::failure(&arguments.bundle, error))?;
        machine.say(&format!("signed by {signer}\n"))?;
    }
    let loading = Loading {
        path: &arguments.bundle,
        checked: &checked,
        older: older.as_ref().map(|(path, checked)| (*path, checked)),
    };
    match target {
        None => to_k3s(&loading, arguments, machine),
        Some(target) => to_registry(&loading, &target, arguments, machine),
    }
}

/// `None` for K3s; flags of the other destination are refused.
fn target(arguments: &cli::Load) -> Result<Option<Target>, Failure> {
    let usage = |reason: &str| Err(Failure::Usage(format!("error: {reason}")));
    match (arguments.to, &arguments.registry) {
        (Destination::K3s, Some(_)) => usage("`--to k3s` takes no registry"),
        (Destination::K3s, None) if arguments.pull_address.is_some() || arguments.registries.is_said() => {
            usage("`--to k3s` speaks to no registry: leave out `--pull-address` and what says how to speak to one")
        }
        (Destination::K3s, None) if arguments.destination.is_some() => {
            usage("`--destination` belongs to `--to registry`; `--to k3s` puts the chart where K3s serves it")
        }
        (Destination::K3s, None) => Ok(None),
        (Destination::Registry, _) if arguments.root.is_some() => usage("`--root` belongs to `--to k3s`"),
        (Destination::Registry, None) => {
            usage("`--to registry` wants a registry behind the bundle: HOST[:PORT][/PREFIX]")
        }
        (Destination::Registry, Some(registry)) => match Target::read(registry) {
            Ok(target) => Ok(Some(target)),
            Err(reason) => usage(&reason),
        },
    }
}

fn to_k3s(loading: &Loading<'_>, arguments: &cli::Load, machine: &dyn Machine) -> Result<u8, Failure> {
    let contents = &loading.checked.head().contents;
    let total = contents.blobs.iter().chain(&contents.elsewhere).map(|blob| blob.size).sum();
    let root = arguments.root.clone().unwrap_or_else(|| PathBuf::from("/"));
    let progress = machine.progress("placing", total);
    let placed = bundle::place(loading, &root, machine, progress.as_ref());
    drop(progress);
    let placed = placed.map_err(|error| inspect::failure(loading.path, error))?;
    if arguments.output == Output::Json {
        let json = json!({ "images": placed.images, "chart": placed.chart, "wasThere": placed.was_there });
        machine.data(&format!("{json:#}\n"))?;
        return Ok(0);
    }
    let done = if placed.was_there { "all of it is there already:" } else { "wrote" };
    let facts = bundle::read_chart(loading.checked.head().chart()).map_err(Failure::Bug)?;
    machine.say(&format!(
        "{done} {}\n{done} {}\nThe images belong on every node: K3s imports them when it starts and when the file appears.\n\
         Install and upgrade, on a server:\n  helm upgrade --install {name} {} -n {namespace} --create-namespace\n",
        placed.images.display(),
        placed.chart.display(),
        placed.chart.display(),
        name = facts.name,
        namespace = facts.namespace,
    ))?;
    Ok(0)
}

fn to_registry(
    loading: &Loading<'_>,
    target: &Target,
    arguments: &cli::Load,
    machine: &dyn Machine,
) -> Result<u8, Failure> {
    let head = loading.checked.head();
    let contents = &head.contents;
    let client = registries::client(&arguments.registries, machine)?;
    let cache = Cache::usual(machine)?;
    let spool = |path: &Path, checked: &CheckedBundle| match checked.head().packing {
        Packing::Plain => Ok(path.to_owned()),
        Packing::Zstd => {
            bundle::unpack(path, checked, cache.folder(), machine).map_err(|error| inspect::failure(path, error))
        }
    };
    let files = Unpacked {
        bundle: spool(loading.path, loading.checked)?,
        older: loading.older.map(|(path, checked)| spool(path, checked)).transpose()?,
    };
    let progress = machine.progress("pushing", contents.blobs.iter().map(|blob| blob.size).sum());
    let pushed = bundle::push(loading, &files, target, &client, machine, progress.as_ref());
    drop(progress);
    for path in [Some(&files.bundle), files.older.as_ref()].into_iter().flatten() {
        if path.starts_with(cache.folder()) {
            machine.remove(path)?;
        }
    }
    let pushed = pushed.map_err(|error| match error {
        PushError::Bundle(error) => inspect::failure(loading.path, error),
        PushError::Registry(error) => Failure::from(error),
    })?;
    let folder = arguments.destination.clone().unwrap_or_else(|| PathBuf::from("."));
    let archive = folder.join(bundle::layout::chart_file(&contents.chart.name, &contents.chart.version));
    machine.write(&archive, head.chart())?;
    let pull = arguments.pull_address.clone().unwrap_or_else(|| target.address());
    let facts = bundle::read_chart(head.chart()).map_err(Failure::Bug)?;
    let install = format!(
        "helm upgrade --install {} {} -n {} --create-namespace --set global.imageRegistry={pull}",
        facts.name,
        archive.display(),
        facts.namespace
    );
    if arguments.output == Output::Json {
        let json = json!({
            "images": pushed.images, "reduced": pushed.reduced, "bytes": pushed.bytes, "chart": archive, "install": install,
        });
        machine.data(&format!("{json:#}\n"))?;
        return Ok(0);
    }
    let mut text = format!(
        "pushed {} images to {}: {} were sent\n",
        pushed.images.len(),
        target.address(),
        inspect::size(pushed.bytes)
    );
    for image in &pushed.reduced {
        text.push_str(&format!("  {image}: only with the platforms of the bundle, so it has another digest there\n"));
    }
    text.push_str(&format!("wrote {}\nInstall and upgrade:\n  {install}\n", archive.display()));
    machine.say(&text)?;
    Ok(0)
}
