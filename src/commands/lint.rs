//! `helm ha lint`: everything that is wrong or could be better.

use crate::cli::Lint;
use crate::commands::failure::Failure;
use crate::commands::load::Locking;
use crate::commands::load::Verdict;
use crate::commands::load::load;
use crate::machine::Machine;
use crate::report::Advice;

pub fn run(arguments: &Lint, machine: &dyn Machine) -> Result<u8, Failure> {
    let mut loaded = load(&arguments.values.inputs, arguments.values.lock.as_deref(), machine)?;
    loaded.build(None, Locking::READ)?;
    loaded.tell(arguments.output, Advice::Listed, machine)?;
    Ok(u8::from(loaded.verdict(arguments.values.deny) == Verdict::Refused))
}
