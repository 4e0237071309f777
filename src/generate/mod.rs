//! Objects and exposed values per subchart in, the tree of the umbrella chart out.

mod expression;
mod guard;
mod schema;
mod template;
mod umbrella;
pub mod flux;
pub mod guide;
pub mod teardown;
mod values;

pub use umbrella::NestedChart;
pub use umbrella::UmbrellaInput;
pub use umbrella::chart_tree;

/// A contradiction between objects and exposed values: our own bug, never the user's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("chart `{chart}`, file `{file}`: {fault}")]
pub struct GenerateError {
    pub chart: String,
    pub file: String,
    pub fault: Fault,
}

/// What contradicts.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    #[error("two charts have this name, or it is a name that Helm keeps for itself")]
    ChartName,
    #[error("two objects have this file, or it is no name of a template")]
    FileName,
    #[error("exposed value `{0}`: the object has no such field")]
    NoField(String),
    #[error("exposed value `{0}`: two elements of the list match")]
    Ambiguous(String),
    #[error("exposed value `{0}`: its field is inside another exposed field, or the same")]
    FieldTwice(String),
    #[error("exposed value `{key}`: expected {expected} at its field")]
    Field { key: String, expected: &'static str },
    #[error("exposed value `{0}`: its key is inside another key, empty, or one that Helm keeps for itself")]
    Key(String),
    #[error("exposed value `{0}`: the same key has another default or another type elsewhere")]
    KeyDiffers(String),
}
