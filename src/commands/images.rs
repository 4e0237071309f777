//! `helm ha images`: every image, and with `--why` what names it.

use std::fmt::Write;

use serde_json::json;

use crate::cli::Images;
use crate::cli::Output;
use crate::commands::build::built;
use crate::commands::failure::Failure;
use crate::machine::Machine;
use crate::objects;

pub fn run(arguments: &Images, machine: &dyn Machine) -> Result<u8, Failure> {
    let Some(built) = built(&arguments.values, machine)? else { return Ok(1) };
    let images = objects::images(&built.plan, &built.charts);
    if arguments.output == Output::Json {
        let entries: Vec<_> = (images.iter())
            .map(|(image, namers)| match arguments.why {
                true => json!({ "image": image, "namedBy": namers }),
                false => json!({ "image": image }),
            })
            .collect();
        machine.data(&format!("{:#}\n", json!(entries)))?;
        return Ok(0);
    }
    let mut text = String::new();
    for (image, namers) in images {
        _ = writeln!(text, "{image}");
        for namer in namers.iter().filter(|_| arguments.why) {
            _ = writeln!(text, "  {namer}");
        }
    }
    machine.data(&text)?;
    Ok(0)
}
