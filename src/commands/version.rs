//! `helm ha version`: of the tool and of what it generates.

use serde_json::json;

use crate::cli::Output;
use crate::cli::Version;
use crate::commands::failure::Failure;
use crate::machine::Machine;

pub fn run(arguments: &Version, machine: &dyn Machine) -> Result<u8, Failure> {
    let version = env!("CARGO_PKG_VERSION");
    let platform = crate::plan::addons::PLATFORM_SET;
    let text = match arguments.output {
        Output::Json => {
            let set: serde_json::Map<_, _> =
                platform.iter().map(|(name, version)| ((*name).to_owned(), json!(version))).collect();
            format!("{}\n", json!({ "version": version, "platformSet": set }))
        }
        Output::Human => {
            let set: String = platform.iter().map(|(name, version)| format!("  {name:<14}{version}\n")).collect();
            format!("helm ha {version}\nplatform set:\n{set}")
        }
    };
    machine.data(&text)?;
    Ok(0)
}
