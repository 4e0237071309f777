//! `helm ha bundle`: a chart and every image that it needs, pulled and put into one file.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::json;

use crate::bundle;
use crate::bundle::Bundle;
use crate::bundle::BundleError;
use crate::bundle::Chart;
use crate::bundle::ChartFacts;
use crate::bundle::Head;
use crate::bundle::Ingredients;
use crate::bundle::K3s;
use crate::bundle::Packing;
use crate::bundle::Source;
use crate::bundle::Store;
use crate::cli;
use crate::cli::Input;
use crate::cli::Output;
use crate::commands::failure::Failure;
use crate::commands::generate::seconds;
use crate::commands::inspect;
use crate::commands::load::Locking;
use crate::commands::load::Verdict;
use crate::commands::load::load;
use crate::commands::lock_images;
use crate::commands::registries;
use crate::commands::sign;
use crate::helm;
use crate::lock;
use crate::machine::Machine;
use crate::objects;
use crate::oci::Platform;
use crate::pipeline;
use crate::registry::Cache;
use crate::registry::Puller;
use crate::registry::Wanted;
use crate::report::Advice;

/// K3s' own list of images has some ten lines.
const LIST_LIMIT: u64 = 1 << 20;

/// The chart, and what it needs.
struct Chosen {
    archive: Vec<u8>,
    facts: ChartFacts,
    wanted: Vec<(String, Option<crate::oci::Digest>)>,
    platforms: Vec<Platform>,
    k3s_version: Option<String>,
}

pub fn run(arguments: &cli::Bundle, machine: &dyn Machine) -> Result<u8, Failure> {
    let chosen = match archive(arguments, machine)? {
        Some(bytes) => of_archive(bytes, arguments)?,
        None => match of_values(arguments, machine)? {
            Some(chosen) => chosen,
            None => return Ok(1),
        },
    };
    let k3s = k3s(&chosen, arguments, machine)?;
    let older = arguments.since.as_deref().map(|path| older(path, machine)).transpose()?;
    let platforms = if arguments.platform.is_empty() { chosen.platforms } else { platforms(&arguments.platform)? };
    let cache = match &arguments.cache {
        Some(folder) => Cache::new(folder.clone(), machine),
        None => Cache::usual(machine)?,
    };
    let sources = pull(&chosen.wanted, k3s.as_ref(), &platforms, &cache, arguments, machine)?;
    let store = Store::new(cache.folder(), machine);
    let failure = |error: BundleError| inspect::failure(&arguments.bundle, error);
    let ingredients = Ingredients {
        chart: Chart { name: chosen.facts.name, version: chosen.facts.version },
        archive: &chosen.archive,
        subcharts: chosen.facts.subcharts,
        sources,
        platforms,
        k3s,
        since: older.as_ref(),
        seconds: seconds(machine)?,
    };
    let looking = machine.progress("looking through layers", 0);
    let mut prepared = bundle::prepare(ingredients, &store, looking.as_ref()).map_err(failure)?;
    drop(looking);
    let sums = String::from_utf8_lossy(prepared.sums()).into_owned();
    if let Some(signature) = sign::signed(&arguments.signing, &sums, machine)? {
        prepared.sign(signature);
    }
    let packing = if arguments.zstd { Packing::Zstd } else { Packing::Plain };
    let writing = machine.progress("writing", prepared.blob_bytes());
    bundle::write(&prepared, &arguments.bundle, packing, &store, machine, writing.as_ref()).map_err(failure)?;
    drop(writing);
    tell(arguments, machine)
}

/// Sorted, so that their order on the command line changes nothing.
fn platforms(texts: &[String]) -> Result<Vec<Platform>, Failure> {
    let read = |text: &String| text.parse().map_err(|reason| Failure::Usage(format!("error: {reason}")));
    let all: BTreeSet<Platform> = texts.iter().map(read).collect::<Result<_, _>>()?;
    Ok(all.into_iter().collect())
}

/// The only file, when that is a chart archive.
fn archive(arguments: &cli::Bundle, machine: &dyn Machine) -> Result<Option<Vec<u8>>, Failure> {
    let inputs: Vec<&Input> = arguments.values.inputs.iter().collect();
    let [Input::File(path)] = inputs.as_slice() else { return Ok(None) };
    let bytes = machine.read(path, helm::TREE_LIMIT)?;
    Ok(bytes.starts_with(&[0x1f, 0x8b]).then_some(bytes))
}

fn of_archive(archive: Vec<u8>, arguments: &cli::Bundle) -> Result<Chosen, Failure> {
    if arguments.values.lock.is_some() || arguments.values.deny.is_some() || arguments.locked {
        let reason = "`--lock`, `--locked` and `--deny` are about values files, not about a chart archive";
        return Err(Failure::Usage(format!("error: {reason}")));
    }
    if arguments.platform.is_empty() {
        let reason = "an archive does not say what its nodes are: name their `--platform`, such as `linux/amd64`";
        return Err(Failure::Usage(format!("error: {reason}")));
    }
    let facts = bundle::read_chart(&archive).map_err(|reason| {
        std::io::Error::new(std::io::ErrorKind::InvalidData, format!("the chart archive is none of helm ha: {reason}"))
    })?;
    let wanted = facts.images.iter().map(|image| (image.clone(), None)).collect();
    Ok(Chosen { archive, facts, wanted, platforms: Vec::new(), k3s_version: None })
}

/// `None` when the findings, which were told, keep anything from being made.
fn of_values(arguments: &cli::Bundle, machine: &dyn Machine) -> Result<Option<Chosen>, Failure> {
    let mut loaded = load(&arguments.values.inputs, arguments.values.lock.as_deref(), machine)?;
    let built = loaded.build(None, Locking::READ)?;
    let (Some(built), Verdict::Passed) = (built, loaded.verdict(arguments.values.deny)) else {
        loaded.tell(arguments.output, Advice::Counted, machine)?;
        return Ok(None);
    };
    let lock = loaded.new_lock(&built, Locking::READ)?;
    if lock.is_new {
        let path = lock.path.display();
        machine.say(&format!("{path} would get new entries: run `helm ha generate` first, which writes it\n"))?;
        return Ok(None);
    }
    let digests = loaded.checked.locked.as_ref().map(|locked| locked.lock.images.clone()).unwrap_or_default();
    let built = match arguments.locked {
        false => built,
        true => match loaded.with_locked_images(built, None)? {
            Ok(built) => built,
            Err(reason) => {
                machine.say(&reason)?;
                return Ok(None);
            }
        },
    };
    let Some(cluster) = &loaded.checked.cluster else { return Ok(None) };
    let archive = pipeline::pack(&built, seconds(machine)?)?.bytes().to_vec();
    let facts = bundle::read_chart(&archive).map_err(Failure::Bug)?;
    let digest = |image: &str| digests.get(image).and_then(|fields| fields.get(lock::DIGEST)?.parse().ok());
    let names = objects::images(&built.plan, &built.charts).into_keys();
    Ok(Some(Chosen {
        archive,
        facts,
        wanted: names.map(|image| (image.clone(), digest(&image))).collect(),
        platforms: lock_images::platforms(cluster),
        k3s_version: cluster.k3s.version.clone(),
    }))
}

fn k3s(chosen: &Chosen, arguments: &cli::Bundle, machine: &dyn Machine) -> Result<Option<K3s>, Failure> {
    let version = chosen.k3s_version.clone();
    let Some(path) = &arguments.k3s_images else { return Ok(version.map(|version| bundle::known_k3s(&version))) };
    let bytes = machine.read(path, LIST_LIMIT)?;
    let listed = bundle::listed_k3s(&version.unwrap_or_default(), &String::from_utf8_lossy(&bytes));
    let wrong =
        |reason| std::io::Error::new(std::io::ErrorKind::InvalidData, format!("`{}`: {reason}", path.display()));
    Ok(Some(listed.map_err(wrong)?))
}

fn older(path: &Path, machine: &dyn Machine) -> Result<Head, Failure> {
    Bundle::open(path, machine).map(|bundle| bundle.head).map_err(|error| inspect::failure(path, error))
}

fn pull(
    images: &[(String, Option<crate::oci::Digest>)],
    k3s: Option<&K3s>,
    platforms: &[Platform],
    cache: &Cache<'_>,
    arguments: &cli::Bundle,
    machine: &dyn Machine,
) -> Result<Vec<Source>, Failure> {
    let client = registries::puller(&arguments.registries, &arguments.mirrors, machine)?;
    let puller = Puller { client: &client, cache, machine, platforms };
    let own = k3s.into_iter().flat_map(|k3s| k3s.images.iter().map(|image| (image.clone(), None)));
    let mut all: Vec<_> = images.iter().cloned().chain(own).collect();
    all.sort();
    all.dedup_by(|later, first| later.0 == first.0);
    let read = |(name, digest): &(String, Option<crate::oci::Digest>)| match name.parse() {
        Ok(image) => Ok(Wanted { image, digest: *digest }),
        Err(error) => Err(Failure::Bug(format!("{name}: {error}"))),
    };
    let wanted: Vec<Wanted> = all.iter().map(read).collect::<Result<_, _>>()?;
    let resolved = puller.pull(&wanted)?;
    Ok(resolved.into_iter().map(|it| Source { name: it.image.to_string(), root: it.root }).collect())
}

/// What was written, read back from its first bytes.
fn tell(arguments: &cli::Bundle, machine: &dyn Machine) -> Result<u8, Failure> {
    let path = &arguments.bundle;
    let head = older(path, machine)?;
    let bytes = machine.size(path)?.unwrap_or_default();
    match arguments.output {
        Output::Human => {
            let mut text = format!("wrote {}: {}\n", path.display(), inspect::summary(&head));
            let unknown = head.contents.k3s.iter().flat_map(|k3s| &k3s.unknown);
            let unknown: String = unknown.map(|image| format!("  {image}\n")).collect();
            if !unknown.is_empty() {
                text.push_str("K3s runs these too, and nothing here knows their tags: give `--k3s-images` the list of its release\n");
                text.push_str(&unknown);
            }
            machine.say(&text)?;
        }
        Output::Json => {
            let json = json!({ "path": path, "bytes": bytes, "contents": head.contents });
            machine.data(&format!("{json:#}\n"))?;
        }
    }
    Ok(0)
}
