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
pub mod service;
pub mod container;
pub mod ports;
pub mod env;
pub mod mount;
pub mod probe;
pub mod route;
pub mod short_forms;
pub mod merge;
pub mod document;

pub use cluster::ClusterValues;
pub use document::Document;

/// The text types of the format: their name in the schema (`format`) and whether a text is one.
pub const FORMATS: &[(&str, fn(&str) -> bool)] = &[
    ("ChartName", is::<name::ChartName>),
    ("Namespace", is::<name::Namespace>),
    ("ServiceName", is::<name::ServiceName>),
    ("VolumeName", is::<name::VolumeName>),
    ("Name", is::<name::Name>),
    ("PortName", is::<name::PortName>),
    ("NodeName", is::<name::NodeName>),
    ("ObjectName", is::<name::ObjectName>),
    ("DataKey", is::<name::DataKey>),
    ("EnvName", is::<name::EnvName>),
    ("MountPath", is::<name::MountPath>),
    ("HostPath", is::<name::HostPath>),
    ("SubPath", is::<name::SubPath>),
    ("FileMode", is::<name::FileMode>),
    ("Domain", is::<name::Domain>),
    ("Duration", is::<name::Duration>),
    ("ClassName", is::<storage::ClassName>),
    ("Host", is::<route::Host>),
    ("RouteKey", is::<route::RouteKey>),
    ("RateLimit", is::<route::RateLimit>),
    ("HeaderName", is::<route::HeaderName>),
    ("Address", is::<address::Address>),
    ("PrefixedAddress", is::<address::PrefixedAddress>),
    ("Network", is::<address::Network>),
    ("AddressRange", is::<address::AddressRange>),
    ("Quantity", |text| text.parse::<quantity::Quantity>().is_ok()),
];

fn is<T: TryFrom<String>>(text: &str) -> bool {
    T::try_from(text.to_owned()).is_ok()
}
