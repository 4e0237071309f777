//! `helm ha index`: the index of a chart repository says what is in its folder.

use serde_json::json;

use crate::cli::Index;
use crate::cli::Output;
use crate::commands::failure::Failure;
use crate::commands::publish::base_url;
use crate::commands::publish::time;
use crate::machine::Machine;
use crate::publish::Repository;

pub fn run(arguments: &Index, machine: &dyn Machine) -> Result<u8, Failure> {
    let base = base_url(arguments.url.as_deref())?;
    let repository = Repository { folder: &arguments.folder, base: base.as_ref(), time: time(machine)?, machine };
    let found = if arguments.check { repository.check()? } else { repository.regenerate()? };
    let path = arguments.folder.join("index.yaml");
    let differs = arguments.check && !found.changes.is_empty();
    match arguments.output {
        Output::Human => {
            let skipped: String =
                found.skipped.iter().map(|name| format!("`{name}` is no chart: left out\n")).collect();
            let changes: String = found.changes.iter().map(|line| format!("  {line}\n")).collect();
            let done = match (arguments.check, found.changes.is_empty()) {
                (true, false) => "is not what it should be: run `helm ha index` without `--check`",
                (false, false) => "written",
                (_, true) => "is up to date",
            };
            let versions = found.versions;
            machine.say(&format!("{skipped}{changes}{}: {done}, versions: {versions}\n", path.display()))?;
        }
        Output::Json => {
            let json = json!({
                "path": path, "versions": found.versions, "changes": found.changes, "skipped": found.skipped,
            });
            machine.data(&format!("{json:#}\n"))?;
        }
    }
    Ok(if differs { 2 } else { 0 })
}
