//! The command `helm-ha`: hands the arguments and the real machine in, and the exit code out.

use std::process::ExitCode;

fn main() -> ExitCode {
    let machine = helm_ha::host::Host;
    ExitCode::from(helm_ha::commands::run(helm_ha::host::arguments(), &machine))
}
