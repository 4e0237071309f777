//! A cluster with every default applied. References between its parts are checked by `rules`, not here.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::net::IpAddr;

use ipnet::IpNet;
use serde_json::Map;
use serde_json::Value;

use crate::diagnostic::FieldPath;
use crate::model::service::Service;
use crate::values::addons::Addons;
use crate::values::address::Range;
use crate::values::auth::Login;
use crate::values::certificates::DomainValues;
use crate::values::certificates::Issuer;
use crate::values::image::Image;
use crate::values::name::ChartName;
use crate::values::name::Domain;
use crate::values::name::HostPath;
use crate::values::name::Name;
use crate::values::name::Namespace;
use crate::values::name::NodeName;
use crate::values::name::ServiceName;
use crate::values::name::VolumeName;
use crate::values::nodes::Arch;
use crate::values::nodes::Role;
use crate::values::quantity::Quantity;
use crate::values::storage::Storage;
use crate::values::tunnel::Cloudflare;
use crate::values::volumes::Volume;

/// The cluster that the values describe.
#[derive(Clone, Debug, PartialEq)]
pub struct Cluster {
    pub name: ChartName,
    pub version: String,
    pub namespace: Namespace,
    pub domain: Option<Domain>,
    pub timezone: Option<String>,
    pub k3s: K3s,
    pub nodes: BTreeMap<NodeName, Node>,
    pub storage: Storage,
    pub pools: BTreeMap<Name, Pool>,
    pub gateways: BTreeMap<Name, Gateway>,
    pub tunnel: Option<Cloudflare>,
    pub issuers: BTreeMap<Name, Issuer>,
    /// The issuer of domains that name none: the one with `default: true`, else the only one.
    pub default_issuer: Option<Name>,
    /// Domains with an entry; `domain` itself is among them, as a wildcard where the default issuer can, when there is one.
    pub domains: BTreeMap<Domain, DomainValues>,
    pub auth: BTreeMap<Name, Login>,
    pub addons: Addons,
    pub volumes: BTreeMap<VolumeName, Volume>,
    pub services: BTreeMap<ServiceName, Service>,
    /// The targets of patches that `defaults` gave to every service, whatever objects it has.
    pub default_patches: Vec<String>,
    /// Whole manifests by their name in the values.
    pub extra_objects: BTreeMap<Name, Map<String, Value>>,
    /// Images that the objects do not name in a place that we know.
    pub images: Vec<Image>,
    /// Fields that were taken out because they are wrong.
    pub removed: Vec<FieldPath>,
    pub placed: Placed,
}

/// What the lock says about volumes and the values do not, by entry of the lock: `volumes.media`, `claims.git`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Placed {
    /// Claims, or folders of NFS exports, that are not called as a new one would be.
    pub claims: BTreeMap<String, String>,
    /// Entries without a class in the values, which keep one that a new volume would no longer get.
    pub classes: BTreeSet<String>,
}

/// K3s with its defaults (`docs.k3s.io/cli/server`, "Networking").
#[derive(Clone, Debug, PartialEq)]
pub struct K3s {
    pub version: Option<String>,
    pub api_address: Option<String>,
    pub interface: Option<String>,
    pub cluster_cidrs: Vec<IpNet>,
    pub service_cidrs: Vec<IpNet>,
    pub cluster_dns: IpAddr,
    pub cluster_domain: Domain,
}

/// A machine.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    pub addresses: Vec<IpNet>,
    pub role: Role,
    pub devices: Vec<HostPath>,
    /// Of the devices together.
    pub capacity: Option<Quantity>,
    pub arch: Arch,
    pub cpu: Option<Quantity>,
    pub memory: Option<Quantity>,
}

/// A pool of addresses.
#[derive(Clone, Debug, PartialEq)]
pub struct Pool {
    pub ranges: Vec<Range>,
    pub interfaces: Vec<String>,
    pub nodes: Vec<NodeName>,
}

/// A gateway.
#[derive(Clone, Debug, PartialEq)]
pub struct Gateway {
    pub addresses: Vec<IpAddr>,
    /// Whether routes without `via` use it.
    pub default: bool,
    /// Whether `default: true` was written.
    pub says_default: bool,
    pub nodes: Vec<NodeName>,
    /// The pool whose advertisement announces it; `None` when nothing was said and there is not exactly one pool.
    pub pool: Option<Name>,
}

/// The parts of a cluster that others refer to by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Node,
    Volume,
    Pool,
    Gateway,
    Issuer,
    Login,
    Export,
    Class,
    Service,
}

impl Kind {
    /// Where they stand in the values.
    pub fn path(self) -> FieldPath {
        match self {
            Self::Node => FieldPath::of(["nodes"]),
            Self::Volume => FieldPath::of(["volumes"]),
            Self::Pool => FieldPath::of(["loadBalancer", "pools"]),
            Self::Gateway => FieldPath::of(["gateways"]),
            Self::Issuer => FieldPath::of(["certificates", "issuers"]),
            Self::Login => FieldPath::of(["auth"]),
            Self::Export => FieldPath::of(["storage", "nfs"]),
            Self::Class => FieldPath::of(["storage", "classes"]),
            Self::Service => FieldPath::of(["services"]),
        }
    }
}

impl Cluster {
    /// Whether a part was written but taken out: nothing is said about references to it.
    pub fn was_removed(&self, kind: Kind, name: &str) -> bool {
        let part = kind.path().key(name);
        self.removed.iter().any(|removed| part.starts_with(removed))
    }

    /// The gateway of routes that name none.
    pub fn default_gateway(&self) -> Option<&Name> {
        self.gateways.iter().find(|(_, gateway)| gateway.default).map(|(name, _)| name)
    }

    /// Whether Services have an address of each family.
    pub fn is_dual_stack(&self) -> bool {
        self.k3s.service_cidrs.len() > 1
    }

    /// The longest domain with an entry that a host ends in.
    pub fn domain_of(&self, host: &str) -> Option<(&Domain, &DomainValues)> {
        self.domains
            .iter()
            .filter(|(domain, _)| {
                host == domain.as_str() || host.strip_suffix(domain.as_str()).is_some_and(|rest| rest.ends_with('.'))
            })
            .max_by_key(|(domain, _)| domain.as_str().len())
    }

    /// The issuer of a host; `None` when no domain matches, or when it names none and there is no default.
    pub fn issuer_of(&self, host: &str) -> Option<&Name> {
        let (_, domain) = self.domain_of(host)?;
        domain.issuer.as_ref().or(self.default_issuer.as_ref())
    }
}
