//! Values files -> the chart, for every verb that needs more than findings.

use crate::cli::Output;
use crate::cli::Values;
use crate::commands::failure::Failure;
use crate::commands::load::Locking;
use crate::commands::load::Verdict;
use crate::commands::load::load;
use crate::machine::Machine;
use crate::pipeline::Built;
use crate::report::Advice;

/// The chart of values files; `None` when findings keep it from being made. Findings are told to people.
pub fn built(values: &Values, machine: &dyn Machine) -> Result<Option<Built>, Failure> {
    let mut loaded = load(&values.inputs, values.lock.as_deref(), machine)?;
    let built = loaded.build(None, Locking::READ)?;
    loaded.tell(Output::Human, Advice::Counted, machine)?;
    Ok(built.filter(|_| loaded.verdict(values.deny) == Verdict::Passed))
}
