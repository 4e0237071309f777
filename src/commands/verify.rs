//! `helm ha verify`: whether an archive is sound and, with values files, what they say.

use crate::cli::Output;
use crate::cli::Verify;
use crate::commands::failure::Failure;
use crate::commands::load::Locking;
use crate::commands::load::Verdict;
use crate::commands::load::load;
use crate::helm;
use crate::machine::Machine;
use crate::pipeline;
use crate::report::Advice;
use crate::verify;

pub fn run(arguments: &Verify, machine: &dyn Machine) -> Result<u8, Failure> {
    let bytes = machine.read(&arguments.archive, helm::TREE_LIMIT)?;
    let path = arguments.archive.display();
    let outcome = if arguments.inputs.is_empty() {
        sound(&bytes)
    } else {
        let mut loaded = load(&arguments.inputs, arguments.lock.as_deref(), machine)?;
        let built = loaded.build(None, Locking::READ)?;
        let (Some(built), Verdict::Passed) = (built, loaded.verdict(None)) else {
            loaded.tell(arguments.output, Advice::Counted, machine)?;
            return Ok(1);
        };
        let built = match arguments.locked {
            true => loaded.with_locked_images(built, None)?,
            false => Ok(built),
        };
        let built = match built {
            Ok(built) => built,
            Err(reason) => {
                machine.say(&reason)?;
                return Ok(1);
            }
        };
        verify::verify(bytes, &pipeline::expected(&built))
            .map(|_| built.charts.len())
            .map_err(|error| error.to_string())
    };
    let (code, text) = match &outcome {
        Ok(charts) => (0, format!("{path} is sound: {charts} subcharts render with their own values\n")),
        Err(reason) => (1, format!("{path} is not what it should be: {reason}\n")),
    };
    match arguments.output {
        Output::Human => machine.say(&text)?,
        Output::Json => {
            let json =
                serde_json::json!({ "archive": arguments.archive, "ok": outcome.is_ok(), "reason": outcome.err() });
            machine.data(&format!("{json:#}\n"))?;
        }
    }
    Ok(code)
}

/// Structure and templates alone: every template is of the closed grammar and renders with the chart's own values.
fn sound(bytes: &[u8]) -> Result<usize, String> {
    let tree = helm::unpack(bytes).map_err(|error| error.to_string())?;
    let objects = verify::render(&tree, None).map_err(|error| error.to_string())?;
    let charts: std::collections::BTreeSet<&str> =
        objects.iter().filter_map(|(path, _)| path.strip_prefix("charts/")?.split('/').next()).collect();
    Ok(charts.len())
}
