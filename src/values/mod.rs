//! The typed values format: these types are the format, and the schemas are derived from them.

pub mod name;
pub mod quantity;
pub mod address;
pub mod image;
pub mod secret;
pub mod cluster;
pub mod k3s;
pub mod nodes;
pub mod storage;
pub mod volumes;
pub mod load_balancer;
pub mod gateways;
pub mod tunnel;
pub mod certificates;
pub mod auth;
pub mod addons;
pub mod program;
pub mod metallb;
pub mod cert_manager;
pub mod service;
pub mod container;
pub mod ports;
pub mod env;
pub mod mount;
pub mod probe;
pub mod rook;
pub mod route;
pub mod short_forms;
pub mod merge;
pub mod merge_cases;
pub mod document;
pub mod attachments;

pub use cluster::ClusterValues;
pub use document::Document;

/// The text types of the format.
pub const FORMATS: &[name::TextFormat] = &[
    name::ChartName::FORMAT,
    name::Namespace::FORMAT,
    name::ServiceName::FORMAT,
    name::VolumeName::FORMAT,
    name::Name::FORMAT,
    name::PortName::FORMAT,
    name::NodeName::FORMAT,
    name::ObjectName::FORMAT,
    name::DataKey::FORMAT,
    name::EnvName::FORMAT,
    name::MountPath::FORMAT,
    name::HostPath::FORMAT,
    name::SubPath::FORMAT,
    name::FileMode::FORMAT,
    name::Domain::FORMAT,
    name::Duration::FORMAT,
    service::PatchTarget::FORMAT,
    storage::ClassName::FORMAT,
    route::Host::FORMAT,
    route::RouteKey::FORMAT,
    route::RateLimit::FORMAT,
    route::HeaderName::FORMAT,
    address::Address::FORMAT,
    address::PrefixedAddress::FORMAT,
    address::Network::FORMAT,
    address::AddressRange::FORMAT,
    quantity::Quantity::FORMAT,
];
