//! `completion.yaml`, which Helm reads to complete `helm ha ...`, is what the command line says.

use std::env;
use std::fs;

use clap::Command;
use helm_ha::cli;

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/completion.yaml");
const HEADER: &str = "# Made from `src/cli.rs` by `UPDATE=1 cargo test completion`; do not edit.\n";

#[test]
fn the_completion_file_is_up_to_date() {
    let text = HEADER.to_owned() + &completion(&cli::command().name("ha"), "");
    if env::var_os("UPDATE").is_some() {
        fs::write(FILE, &text).unwrap();
    }
    let written = fs::read_to_string(FILE).unwrap_or_default();
    assert_eq!(written, text, "run `UPDATE=1 cargo test completion`");
}

/// Helm pairs the first short flag with the first long one and so on, hence first those that have both. `--help` is
/// Helm's own addition.
fn completion(command: &Command, indent: &str) -> String {
    let mut text = format!("name: {}\n", command.get_name());
    let (both, long): (Vec<_>, Vec<_>) = command.get_arguments().partition(|flag| flag.get_short().is_some());
    let longs = both.iter().chain(&long).filter_map(|flag| flag.get_long().map(str::to_owned));
    let flags: Vec<String> = longs.chain(both.iter().filter_map(|flag| flag.get_short()).map(String::from)).collect();
    if !flags.is_empty() {
        text += &format!("{indent}flags: [{}]\n", flags.join(", "));
    }
    if command.has_subcommands() {
        text += &format!("{indent}commands:\n");
    }
    for verb in command.get_subcommands() {
        text += &format!("{indent}  - {}", completion(verb, &format!("{indent}    ")));
    }
    text
}
