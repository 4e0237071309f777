//! `helm ha secrets`: what must exist before the install.

use std::fmt::Write;

use crate::cli::Output;
use crate::cli::Secrets;
use crate::commands::build::built;
use crate::commands::failure::Failure;
use crate::machine::Machine;

pub fn run(arguments: &Secrets, machine: &dyn Machine) -> Result<u8, Failure> {
    let Some(built) = built(&arguments.values, machine)? else { return Ok(1) };
    let secrets = &built.plan.secrets;
    if arguments.output == Output::Json {
        machine.data(&format!("{:#}\n", serde_json::json!(secrets)))?;
        return Ok(0);
    }
    if secrets.is_empty() {
        machine.say("no Secret is needed\n")?;
    }
    let mut text = String::new();
    for (name, secret) in secrets {
        let readers: Vec<&str> = secret.used_by.iter().map(String::as_str).collect();
        _ = writeln!(text, "# for {}\n{}", readers.join(", "), secret.command(name));
    }
    machine.data(&text)?;
    Ok(0)
}
