//! Names of objects that are derived from names in the values, in one place, so that every stage says them alike.

use sha2::Digest;
use sha2::Sha256;

use crate::model::Cluster;
use crate::values::name::Name;
use crate::values::name::NodeName;
use crate::values::name::ServiceName;
use crate::values::name::VolumeName;

/// The headless companion of a service's Service: every ready pod has an address under it.
pub fn headless(service: &ServiceName) -> String {
    format!("{service}-headless")
}

/// The claim of a private volume: the service's own, or `SERVICE-NAME`; after a move what the lock says.
pub fn claim(cluster: &Cluster, service: &ServiceName, name: Option<&Name>) -> String {
    placed(cluster, &claim_entry(service, name), || new_claim(service, name))
}

/// What a private volume's claim is called when it is made.
pub fn new_claim(service: &ServiceName, name: Option<&Name>) -> String {
    match name {
        None => service.to_string(),
        Some(name) => format!("{service}-{name}"),
    }
}

/// The claim of a shared volume: it has the volume's name; after a move what the lock says.
pub fn volume(cluster: &Cluster, name: &VolumeName) -> String {
    placed(cluster, &volume_entry(name), || name.to_string())
}

fn placed(cluster: &Cluster, entry: &str, new: impl FnOnce() -> String) -> String {
    cluster.placed.claims.get(entry).cloned().unwrap_or_else(new)
}

/// The entry of a shared volume in the lock.
pub fn volume_entry(volume: &VolumeName) -> String {
    format!("volumes.{volume}")
}

/// The entry of a private volume in the lock.
pub fn claim_entry(service: &ServiceName, name: Option<&Name>) -> String {
    match name {
        None => format!("claims.{service}"),
        Some(name) => format!("claims.{service}/{name}"),
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
    let mut digits = long_digest(bytes);
    digits.truncate(8);
    digits
}

/// The SHA-256 of these bytes in hexadecimal digits.
pub fn long_digest(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

/// The static claim and, with the namespace in front, the volume of an NFS export.
pub fn export(name: &Name) -> String {
    format!("nfs-{name}")
}

/// The objects of a gateway.
pub fn gateway(name: &Name) -> String {
    format!("gateway-{name}")
}

/// The Service of a gateway that cloudflared alone reaches.
pub fn gateway_of_tunnel(name: &Name) -> String {
    format!("gateway-{name}-tunnel")
}

/// A path as a part of a name: `/var/lib/App` is `var-lib-app`. Several paths may have the same.
pub fn slug(path: &str) -> String {
    let kept = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
    let slug: String = path.chars().map(kept).collect();
    let slug = slug.trim_matches('-');
    if slug.is_empty() { "root".to_owned() } else { slug.to_owned() }
}

/// A path as a part of a name that no other path has: with a digest where the words alone do not say it.
pub fn exact_slug(path: &str) -> String {
    let slug = slug(path);
    let said = format!("/{}", slug.replace('-', "/")) == path;
    if said { slug } else { format!("{slug}-{}", digest(path.as_bytes())) }
}

/// A StatefulSet or CronJob of a service: Kubernetes adds up to eleven characters to their names in a label.
pub fn with_label(service: &ServiceName) -> String {
    fitted(service.as_str(), LABEL - 11)
}

/// The ConfigMap with the files of a service.
pub fn files(service: &ServiceName) -> String {
    format!("{service}-files")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_fit_and_stay_apart() {
        let check = |path: &str, words: &str, exact: &str| {
            assert_eq!((slug(path).as_str(), exact_slug(path).as_str()), (words, exact), "{path}");
        };
        check("/vols/db", "vols-db", "vols-db");
        check("/vols-db", "vols-db", &format!("vols-db-{}", digest(b"/vols-db")));
        check("/etc/A.conf", "etc-a-conf", &format!("etc-a-conf-{}", digest(b"/etc/A.conf")));
        check("/", "root", &format!("root-{}", digest(b"/")));
        assert_eq!(fitted("abc", 3), "abc");
        assert_eq!(fitted("abcdefghijkl-mnop", 12), format!("abc-{}", digest(b"abcdefghijkl-mnop")));
    }
}
