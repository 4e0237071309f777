//! `helm ha dns`: the records that must exist.

use std::fmt::Write;

use crate::cli::Dns;
use crate::cli::Output;
use crate::commands::build::built;
use crate::commands::failure::Failure;
use crate::machine::Machine;
use crate::plan::dns;
use crate::values::tunnel::Managed;

pub fn run(arguments: &Dns, machine: &dyn Machine) -> Result<u8, Failure> {
    let Some(built) = built(&arguments.values, machine)? else { return Ok(1) };
    let records = &built.plan.dns;
    if arguments.output == Output::Json {
        machine.data(&format!("{:#}\n", serde_json::json!(records)))?;
        return Ok(0);
    }
    if records.is_empty() {
        machine.say("no name is served\n")?;
    }
    let mut text = String::new();
    for record in records {
        _ = writeln!(text, "{record}");
    }
    if let Some(tunnel) = &built.plan.tunnel {
        for line in dns::tunnel_lines(tunnel.name.as_deref(), records) {
            _ = writeln!(text, "{line}");
        }
        if tunnel.managed == Managed::Remote {
            machine.say("public hostnames to enter at Cloudflare, in this order, are the last lines\n")?;
            for rule in &tunnel.rules {
                _ = writeln!(text, "{rule}");
            }
        }
    }
    machine.data(&text)?;
    Ok(0)
}
