//! Plan in, Kubernetes objects and exposed values per subchart out. Decides nothing.

mod object;
mod exposed;
mod chart;
pub mod metadata;
mod custom;
mod addons;
mod issuers;
pub mod ceph;
pub mod addresses;
pub mod certificates;
pub mod volumes;

pub use chart::ChartObject;
pub use chart::ChartObjects;
pub use exposed::Exposed;
pub use exposed::Form;
pub use exposed::Step;
pub use exposed::steps;
pub use object::Object;
