//! `helm ha move`: the steps that take the files of a volume to another class, and what they need in a folder.

use std::path::Path;
use std::path::PathBuf;

use serde_json::json;

use crate::assets;
use crate::cli::Move;
use crate::cli::Output;
use crate::cli::Values;
use crate::commands::failure::Failure;
use crate::commands::generate::seconds;
use crate::commands::load::Loaded;
use crate::commands::load::Locking;
use crate::commands::load::Verdict;
use crate::commands::load::load;
use crate::diagnostic::FieldPath;
use crate::lock;
use crate::lock::Locked;
use crate::machine::Machine;
use crate::model::Cluster;
use crate::objects::copy;
use crate::pipeline;
use crate::pipeline::Built;
use crate::plan::moves;
use crate::plan::names;
use crate::report::Advice;
use crate::rules;
use crate::rules::Locks;
use crate::text;
use crate::values::mount::Mount;
use crate::values::storage::ClassName;
use crate::yaml;

const STEPS: &str = assets::text("charts-src/move/steps.sh.hbs");

pub fn run(arguments: &Move, machine: &dyn Machine) -> Result<u8, Failure> {
    let mut loaded = load(&arguments.values.inputs, arguments.values.lock.as_deref(), machine)?;
    let lock_path = loaded.lock_path()?.to_owned();
    let (Some(cluster), Some(locked)) = (loaded.checked.cluster.clone(), loaded.checked.locked.clone()) else {
        loaded.tell(Output::Human, Advice::Counted, machine)?;
        let found = loaded.verdict(None) == Verdict::Refused;
        let missing = format!("`{}` is not there: what was never generated has nothing to move", lock_path.display());
        return if found { Ok(1) } else { Err(Failure::Usage(missing)) };
    };
    let usage = |error: &dyn std::fmt::Display| Failure::Usage(error.to_string());
    let to: ClassName = arguments.to.parse().map_err(|error| usage(&error))?;
    let plan = moves::plan(&cluster, &locked.lock, &arguments.volume, &to).map_err(|error| usage(&error))?;
    said_class(&loaded, &cluster, &plan.entry, &to)?;
    let before = pipeline::build(&plan.before, None)?;
    let after = pipeline::build(&plan.after, None)?;
    check(&mut loaded, &plan, &locked, &before.plan.lock.next, &after);
    loaded.tell(Output::Human, Advice::Counted, machine)?;
    if loaded.verdict(arguments.values.deny) == Verdict::Refused {
        return Ok(1);
    }
    let next = plan.lock(&locked.lock, &after.plan.lock.next);
    let during = pipeline::with_additions_of(before, &after)?;
    let (facts, seconds) = (&after.plan.facts, seconds(machine)?);
    let folder = arguments.destination.join(format!("{}-{}", facts.name, plan.job));
    let job = yaml::write_json(copy::job(&facts.namespace, &plan).json());
    let files = [
        ("during.tgz", pipeline::pack(&during, seconds)?.bytes().to_vec()),
        ("after.tgz", pipeline::pack(&after, seconds)?.bytes().to_vec()),
        ("copy.yaml", job.into_bytes()),
        ("before.lock", lock::write(&locked.lock).into_bytes()),
        ("after.lock", lock::write(&next).into_bytes()),
    ];
    let files: Vec<(PathBuf, Vec<u8>)> = files.into_iter().map(|(name, bytes)| (folder.join(name), bytes)).collect();
    machine.write_together(&files)?;
    machine.data(&steps(&plan, &facts.name, &facts.namespace, &folder, &lock_path, &arguments.values)?)?;
    machine.say(&format!("wrote {}: charts, the copy and the lock that the steps need\n", folder.display()))?;
    Ok(0)
}

/// A class that the values name must be the one that the volume goes to, or the next `generate` would disagree.
fn said_class(loaded: &Loaded, cluster: &Cluster, entry: &str, to: &ClassName) -> Result<(), Failure> {
    for path in class_paths(cluster, entry) {
        let said = loaded.checked.document.at(&path).map(yaml::Node::to_json);
        if let Some(class) = said.as_ref().and_then(|class| class.as_str()).filter(|class| *class != to.as_str()) {
            return Err(Failure::Usage(format!(
                "the values say `{path}: {class}`: write `{to}` there, or take it out, then move"
            )));
        }
    }
    Ok(())
}

fn class_paths(cluster: &Cluster, entry: &str) -> Vec<FieldPath> {
    let volumes = cluster.volumes.keys().filter(|name| names::volume_entry(name) == entry);
    let mut paths: Vec<FieldPath> = volumes.map(|name| FieldPath::of(["volumes", name.as_str(), "class"])).collect();
    for (name, service) in &cluster.services {
        for (below, container) in service.containers() {
            for (at, mount) in &container.mounts {
                let is_it =
                    matches!(mount, Mount::Claim(mount) if names::claim_entry(name, mount.name.as_ref()) == entry);
                if is_it {
                    let path = FieldPath::of(["services", name.as_str()]);
                    let path = below.iter().fold(path, |path, key| path.key(key));
                    paths.push(path.key("mounts").key(at.as_str()).key("class"));
                }
            }
        }
    }
    paths
}

/// What is wrong with the cluster as it will be, and what else differs from the lock.
fn check(loaded: &mut Loaded, plan: &moves::Move, locked: &Locked, next: &lock::Lock, after: &Built) {
    let mut old = locked.clone();
    if let Some(claim) = old.lock.claim_mut(&plan.entry) {
        // It gets a claim of a size of its own.
        claim.size = None;
    }
    let Locking { upgrade, frozen } = Locking::READ;
    let locks = Locks { cluster: &plan.before, old: &old, next, upgrade, frozen };
    let mut found = Vec::new();
    rules::check_cluster(rules::RULES, &plan.after, &mut found);
    rules::check_lock(rules::RULES, &locks, &mut found);
    rules::check_chart(rules::RULES, &plan.after, &after.charts, after.record, &mut found);
    let known = &mut loaded.checked.findings;
    found.retain(|finding| !known.contains(finding));
    known.append(&mut found);
}

fn steps(
    plan: &moves::Move,
    name: &str,
    namespace: &str,
    folder: &Path,
    lock: &Path,
    values: &Values,
) -> Result<String, Failure> {
    let sets = plan.services.iter().map(|service| {
        let key = if moves::is_counted(&plan.after, service) { "replicas=0" } else { "enabled=false" };
        format!(" --set {service}.{key}")
    });
    let words = |spot: &moves::Spot| match &spot.folder {
        Some(folder) => format!("folder {folder} of claim {} ({})", spot.claim, spot.class),
        None => format!("claim {} ({})", spot.claim, spot.class),
    };
    let inputs: Vec<String> = values.inputs.iter().map(|input| quoted(&input.to_string())).collect();
    let said = values.lock.as_ref().map(|lock| format!("--lock {}", quoted(&lock.display().to_string())));
    let context = json!({
        "volume": plan.entry,
        "from": words(&plan.from),
        "to": words(&plan.to),
        "stopped": plan.services.join(", "),
        "stop": sets.collect::<String>(),
        "pods": format!("app.kubernetes.io/name in ({})", plan.services.join(", ")),
        "name": name,
        "namespace": namespace,
        "folder": quoted(&folder.display().to_string()),
        "lock": quoted(&lock.display().to_string()),
        "job": plan.job,
        "kept": plan.kept,
        "inputs": inputs.into_iter().chain(said).collect::<Vec<_>>().join(" "),
    });
    text::render(STEPS, &context).map_err(|error| Failure::Bug(error.to_string()))
}

/// A word for a POSIX shell.
fn quoted(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+:@%,=".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', "'\\''"))
    }
}
