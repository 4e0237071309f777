//! The stages in order, without input or output: texts in; findings and, when nothing is wrong, the archive out.

mod read;
mod check;

pub use check::Attach;
pub use check::Checked;
pub use check::check;
