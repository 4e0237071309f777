//! The real machine: the only door to disk, environment, process, clock and terminal.

#![allow(clippy::disallowed_methods, clippy::disallowed_types, reason = "this is the door that the lint guards")]

mod clock;
mod files;
mod identity;
mod held;
mod network;
mod processes;
mod progress;
mod proxy;
mod terminal;
mod transfers;

use std::ffi::OsString;

use crate::machine::Environment;

/// The machine that the program runs on.
#[derive(Clone, Copy, Debug, Default)]
pub struct Host;

/// The arguments of the program without its own name.
pub fn arguments() -> impl Iterator<Item = OsString> {
    std::env::args_os().skip(1)
}

impl Environment for Host {
    /// A value that is not UTF-8 counts as absent: nothing that is asked for here may hold one.
    fn variable(&self, name: &str) -> Option<String> {
        std::env::var(name).ok()
    }
}
