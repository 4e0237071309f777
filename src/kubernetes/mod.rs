//! Kubernetes' kinds and types: what a field of an object may hold, and how a patch merges into it.

mod types;
mod check;
mod merge;

pub use check::Mistake;
pub use check::What;
pub use check::Whole;
pub use check::check;
pub use merge::merge;
pub use types::Kind;
pub use types::Scope;
pub use types::Type;
pub use types::Types;
