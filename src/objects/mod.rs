//! Plan in, Kubernetes objects and exposed values per subchart out. Decides nothing.

mod object;
mod exposed;
mod chart;
pub mod metadata;
<<<<<<< HEAD
mod custom;
mod addons;
mod issuers;
pub mod ceph;
pub mod addresses;
pub mod certificates;
pub mod volumes;
=======
pub mod services;
mod workload;
mod pod;
mod container;
mod pod_volumes;
mod ports;
mod claims;
mod account;
mod monitor;
mod once;
mod service_values;
>>>>>>> 49be0a8 (Plan every service and build its Kubernetes objects with the values that they expose)

#[cfg(test)]
mod tests;

pub use chart::ChartObject;
pub use chart::ChartObjects;
pub use exposed::Exposed;
pub use exposed::Form;
pub use exposed::Step;
pub use exposed::steps;
pub use object::Object;
