//! `helm ha lint`: everything that is wrong or could be better.

use crate::cli::Lint;
use crate::commands::failure::Failure;
use crate::commands::load::Verdict;
use crate::commands::load::load;
use crate::machine::Machine;
use crate::report::Advice;

pub fn run(arguments: &Lint, machine: &dyn Machine) -> Result<u8, Failure> {
    let loaded = load(&arguments.values.inputs, machine)?;
    let verdict = loaded.tell(arguments.output, Advice::Listed, arguments.values.deny, machine)?;
    Ok(u8::from(verdict == Verdict::Refused))
}
