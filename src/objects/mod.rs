//! Plan in, Kubernetes objects and exposed values per subchart out. Decides nothing.

mod object;
mod exposed;
mod chart;
pub mod metadata;

pub use chart::ChartObject;
pub use chart::ChartObjects;
pub use exposed::Exposed;
pub use exposed::Form;
pub use exposed::Step;
pub use exposed::steps;
pub use object::Object;
