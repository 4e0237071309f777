//! `helm ha explain`: a code, a field, how values files merge, or everything that can be explained.

use crate::cli::Explain;
use crate::commands::failure::Failure;
use crate::machine::Machine;
use crate::rules;
use crate::schema::explain;
use crate::values::merge_cases;

pub fn run(arguments: &Explain, machine: &dyn Machine) -> Result<u8, Failure> {
    let topic = arguments.topic.as_deref().unwrap_or_default();
    let text = match topic {
        "merge" => merge_cases::table(),
        code if rules::explain(code).is_some() => rules::explain(code).unwrap_or_default(),
        "" => format!("{}\nFINDINGS:\n{}", field("")?, rules::list()),
        path => field(path)?,
    };
    machine.data(&text)?;
    Ok(0)
}

fn field(path: &str) -> Result<String, Failure> {
    explain::explain(path).map_err(|unknown| Failure::Usage(unknown.to_string()))
}
