//! The schemas: derived from the types, used on files, shown to people.

pub mod derive;
pub mod validate;
mod message;
