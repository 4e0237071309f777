//! `helm ha lint`: everything that is wrong or could be better.

use crate::cli::Lint;
use crate::commands::failure::Failure;
use crate::commands::load::Verdict;
use crate::commands::load::load;
use crate::commands::load::plan_and_check;
use crate::machine::Machine;
use crate::report::Advice;

pub fn run(arguments: &Lint, machine: &dyn Machine) -> Result<u8, Failure> {
    let mut loaded = load(&arguments.values.inputs, machine)?;
    plan_and_check(&mut loaded)?;
    let verdict = loaded.tell(arguments.output, Advice::Listed, arguments.values.deny, machine)?;
    Ok(u8::from(verdict == Verdict::Refused))
}
