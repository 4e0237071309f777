//! The schemas: derived from the types, used on files, shown to people.

pub mod derive;
pub mod validate;
pub mod explain;
pub mod chart;
mod message;
