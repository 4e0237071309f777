//! Names of objects that are derived from names in the values, in one place, so that every stage says them alike.

use sha2::Digest;
use sha2::Sha256;

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
    fitted(&format!("{service}-{}", node.as_str().replace('.', "-")), LABEL)
}

/// The longest label of DNS, and the longest value of a label.
pub const LABEL: usize = 63;

/// A name of at most `longest` characters: a digest of the whole stands for the end of what is too long.
pub fn fitted(name: &str, longest: usize) -> String {
    if name.len() <= longest {
        return name.to_owned();
    }
    let start: String = name.chars().take(longest.saturating_sub(9)).collect();
    format!("{}-{}", start.trim_end_matches(['-', '.']), digest(name.as_bytes()))
}

/// Eight hexadecimal digits that stand for these bytes.
pub fn digest(bytes: &[u8]) -> String {
    let mut digits = hex::encode(Sha256::digest(bytes));
    digits.truncate(8);
    digits
}

/// The static claim and, with the namespace in front, the volume of an NFS export.
pub fn export(name: &Name) -> String {
    format!("nfs-{name}")
}

/// The objects of a gateway.
pub fn gateway(name: &Name) -> String {
    format!("gateway-{name}")
}
