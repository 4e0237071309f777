//! Names of objects that are derived from names in the values, in one place, so that every stage says them alike.

use crate::values::name::Name;
use crate::values::name::NodeName;
use crate::values::name::ServiceName;

/// The headless companion of a service's Service: every ready pod has an address under it.
pub fn headless(service: &ServiceName) -> String {
    format!("{service}-headless")
}

/// The claim of a private volume: the service's own, or `SERVICE-NAME`.
pub fn claim(service: &ServiceName, name: Option<&Name>) -> String {
    match name {
        None => service.to_string(),
        Some(name) => format!("{service}-{name}"),
    }
}

/// One instance of a `perNode` service; dots of a node's name become dashes.
pub fn instance(service: &ServiceName, node: &NodeName) -> String {
    format!("{service}-{}", node.as_str().replace('.', "-"))
}

/// The static claim and, with the namespace in front, the volume of an NFS export.
pub fn export(name: &Name) -> String {
    format!("nfs-{name}")
}

/// The objects of a gateway.
pub fn gateway(name: &Name) -> String {
    format!("gateway-{name}")
}
