//! `helm ha lock --images`: what the name of every image means now goes into the lock, or is compared with it.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use serde_json::json;

use crate::cli::Lock;
use crate::cli::Output;
use crate::commands::failure::Failure;
use crate::commands::load::Loaded;
use crate::commands::registries;
use crate::lock;
use crate::lock::Fields;
use crate::machine::Machine;
use crate::model::Cluster;
use crate::objects;
use crate::oci::ImageReference;
use crate::oci::Platform;
use crate::pipeline::Built;
use crate::registry::Cache;
use crate::registry::Puller;
use crate::registry::Resolved;
use crate::registry::Wanted;
use crate::values::nodes::Arch;

pub fn run(arguments: &Lock, loaded: &Loaded, built: &Built, machine: &dyn Machine) -> Result<u8, Failure> {
    let path = loaded.lock_path()?;
    let platforms = loaded.checked.cluster.as_ref().map(platforms).unwrap_or_default();
    let images = resolve(arguments, built, &platforms, machine)?;
    let facts = &built.plan.facts;
    let old = built.plan.lock.old.clone().unwrap_or_else(|| lock::Lock::empty(&facts.name, &facts.namespace));
    let lines = changes(&old.images, &images);
    let is_new = !lines.is_empty();
    if is_new && !arguments.check {
        machine.write(path, lock::write(&lock::Lock { images: images.clone(), ..old }).as_bytes())?;
    }
    let shown = path.display();
    match arguments.output {
        Output::Json => {
            let json = json!({ "path": path, "images": images, "changes": lines });
            machine.data(&format!("{json:#}\n"))?;
        }
        Output::Human => {
            let done = match (is_new, arguments.check) {
                (false, _) => format!("{shown}: all {} images are locked as they are\n", images.len()),
                (true, true) => format!("{shown} would change: run `helm ha lock --images`\n"),
                (true, false) => format!("wrote {shown}, {} images are locked (commit it):\n", images.len()),
            };
            let lines: String = lines.iter().map(|line| format!("  {line}\n")).collect();
            machine.say(&format!("{done}{lines}"))?;
        }
    }
    Ok(if is_new && arguments.check { 2 } else { 0 })
}

/// The platforms of the nodes; a cluster always has one.
pub fn platforms(cluster: &Cluster) -> Vec<Platform> {
    let all: BTreeSet<Arch> = cluster.nodes.values().map(|node| node.arch).collect();
    let name = |arch: &Arch| match arch {
        Arch::Amd64 => Platform::linux("amd64"),
        Arch::Arm64 => Platform::linux("arm64"),
    };
    all.iter().map(name).collect()
}

fn resolve(
    arguments: &Lock,
    built: &Built,
    platforms: &[Platform],
    machine: &dyn Machine,
) -> Result<BTreeMap<String, Fields>, Failure> {
    let client = registries::puller(&arguments.registries, &arguments.mirrors, machine)?;
    let cache = Cache::usual(machine)?;
    let puller = Puller { client: &client, cache: &cache, machine, platforms };
    let names = objects::images(&built.plan, &built.charts).into_keys();
    let read = |name: String| {
        let image = name.parse::<ImageReference>();
        // The rules have passed: every image is complete.
        image.map(|image| Wanted { image, digest: None }).map_err(|error| Failure::Bug(format!("{name}: {error}")))
    };
    let wanted: Vec<Wanted> = names.map(read).collect::<Result<_, _>>()?;
    Ok(puller.resolve(&wanted)?.iter().map(|resolved| (resolved.image.to_string(), fields(resolved))).collect())
}

/// An entry of the lock: the digest of the name, and of the image of each platform.
fn fields(resolved: &Resolved) -> Fields {
    let own = (lock::DIGEST.to_owned(), resolved.root.digest.to_string());
    let each =
        resolved.manifests.iter().map(|(platform, manifest, _)| (platform.to_string(), manifest.digest.to_string()));
    std::iter::once(own).chain(each).collect()
}

/// A line for each image that is not locked as it is.
fn changes(old: &BTreeMap<String, Fields>, new: &BTreeMap<String, Fields>) -> Vec<String> {
    let digest = |fields: &Fields| fields.get(lock::DIGEST).cloned().unwrap_or_default();
    let mut lines = Vec::new();
    for (image, fields) in new {
        match old.get(image) {
            None => lines.push(format!("added {image}: {}", digest(fields))),
            Some(before) if digest(before) != digest(fields) => {
                lines.push(format!("moved {image}: {} (was {})", digest(fields), digest(before)));
            }
            Some(before) if before != fields => lines.push(format!("changed {image}: other platforms")),
            Some(_) => {}
        }
    }
    let gone = old.keys().filter(|image| !new.contains_key(*image));
    lines.extend(gone.map(|image| format!("removed {image}: nothing names it any more")));
    lines
}
