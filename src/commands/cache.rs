//! `helm ha cache prune`: takes out of the cache of images what nobody has used for long.

use crate::cli::Cache;
use crate::cli::CacheAction;
use crate::commands::failure::Failure;
use crate::machine::Machine;
use crate::registry;

const DAY: u64 = 24 * 60 * 60;

pub fn run(arguments: &Cache, machine: &dyn Machine) -> Result<u8, Failure> {
    let CacheAction::Prune(prune) = &arguments.action;
    let cache = match &prune.cache {
        Some(folder) => registry::Cache::new(folder.clone(), machine),
        None => registry::Cache::usual(machine)?,
    };
    let pruned = cache.prune(u64::from(prune.days) * DAY)?;
    let (files, megabytes) = (pruned.files, pruned.bytes / 1_000_000);
    machine.say(&format!("{}: {files} files taken away, {megabytes} MB\n", cache.folder().display()))?;
    Ok(0)
}
