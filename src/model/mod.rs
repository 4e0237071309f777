//! Values in, one `Cluster` out: every default applied, hosts completed, names that are references still names.

mod cluster;
mod service;
mod container;
mod route;
mod decode;
#[cfg(test)]
pub mod sample;

pub use cluster::Cluster;
pub use cluster::Gateway;
pub use cluster::K3s;
pub use cluster::Kind;
pub use cluster::Node;
pub use cluster::Placed;
pub use cluster::Pool;
pub use container::Container;
pub use container::Probes;
pub use decode::complete;
pub use decode::decode;
pub use route::Route;
pub use route::Stream;
pub use route::TUNNEL;
pub use route::Way;
pub use service::Job;
pub use service::Port;
pub use service::Service;
pub use service::Workload;
