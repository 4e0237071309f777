//! The command `helm-ha`: hands the arguments and the real machine in, and the exit code out.

use std::process::ExitCode;

/// Objects are many small pieces of memory: the system's allocator makes the whole run a third longer, musl's more.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let machine = helm_ha::host::Host;
    ExitCode::from(helm_ha::commands::run(helm_ha::host::arguments(), &machine))
}
