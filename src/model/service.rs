//! A service with every default applied.

use std::collections::BTreeMap;

use indexmap::IndexMap;
use serde_json::Map;
use serde_json::Value;

use crate::model::container::Container;
use crate::model::route::Route;
use crate::model::route::Stream;
use crate::values::container::User;
use crate::values::name::Name;
use crate::values::name::NodeName;
use crate::values::name::ObjectName;
use crate::values::name::PortName;
use crate::values::ports::Protocol;
use crate::values::route::Expose;
use crate::values::service::DnsPolicy;
use crate::values::service::Kind;
use crate::values::service::Metrics;
use crate::values::service::PatchTarget;
use crate::values::service::ServiceAccount;

/// A service of the cluster.
#[derive(Clone, Debug, PartialEq)]
pub struct Service {
    pub workload: Workload,
    /// As it was written; `schedule` and `perNode` decide before it.
    pub kind: Kind,
    /// Whether `schedule` was written; `perNode` decides before it.
    pub has_schedule: bool,
    /// As it was written; `None` when nothing was.
    pub replicas: Option<u32>,
    pub main: Container,
    /// Default 1000; `User::Image` leaves user and `runAsNonRoot` out.
    pub user: User,
    /// Default: the user's id; `None` for the image's user.
    pub group: Option<u32>,
    pub groups: Vec<u32>,
    pub host_users: Option<bool>,
    pub nodes: Vec<NodeName>,
    pub node_selector: BTreeMap<String, String>,
    pub tolerations: Vec<Map<String, Value>>,
    pub affinity: Map<String, Value>,
    pub priority_class: Option<ObjectName>,
    pub host_network: bool,
    pub host_pid: bool,
    pub dns_policy: Option<DnsPolicy>,
    pub runtime_class: Option<ObjectName>,
    /// In written order.
    pub ports: IndexMap<PortName, Port>,
    /// In written order.
    pub init: IndexMap<Name, Container>,
    pub sidecars: IndexMap<Name, Container>,
    pub once: BTreeMap<Name, Container>,
    pub routes: Vec<Route>,
    pub streams: BTreeMap<PortName, Stream>,
    pub expose: Option<Expose>,
    pub service_account: Option<ServiceAccount>,
    pub metrics: Option<Metrics>,
    pub labels: BTreeMap<String, String>,
    pub annotations: BTreeMap<String, String>,
    pub pod_labels: BTreeMap<String, String>,
    pub pod_annotations: BTreeMap<String, String>,
    pub service_annotations: BTreeMap<String, String>,
    /// Seconds; default 30.
    pub grace: u32,
    /// Changes of its objects, by kind or `KIND/NAME`.
    pub patch: BTreeMap<PatchTarget, Map<String, Value>>,
}

/// What runs the service.
#[derive(Clone, Debug, PartialEq)]
pub enum Workload {
    Deployment,
    StatefulSet,
    DaemonSet,
    CronJob(Job),
    /// A Deployment per node, in written order.
    PerNode(Vec<NodeName>),
}

/// A CronJob's own settings.
#[derive(Clone, Debug, PartialEq)]
pub struct Job {
    pub cron: String,
    pub suspend: bool,
    /// Failed tries that a run may have; Kubernetes' own default of 6 unless said.
    pub retries: u32,
}

/// A port.
#[derive(Clone, Debug, PartialEq)]
pub struct Port {
    pub port: u16,
    /// Sorted, without doubles, never empty.
    pub protocols: Vec<Protocol>,
}

impl Service {
    /// Every container with the keys below the service at which its fields stand: none for the main one,
    /// `["init", NAME]`, `["sidecars", NAME]`, `["once", NAME]`.
    pub fn containers(&self) -> impl Iterator<Item = (Vec<&str>, &Container)> {
        std::iter::once((Vec::new(), &self.main))
            .chain(self.init.iter().map(|(name, container)| (vec!["init", name.as_str()], container)))
            .chain(self.sidecars.iter().map(|(name, container)| (vec!["sidecars", name.as_str()], container)))
            .chain(self.once.iter().map(|(name, container)| (vec!["once", name.as_str()], container)))
    }

    /// The same, to change them.
    pub fn containers_mut(&mut self) -> impl Iterator<Item = &mut Container> {
        let beside = self.init.values_mut().chain(self.sidecars.values_mut()).chain(self.once.values_mut());
        std::iter::once(&mut self.main).chain(beside)
    }

    /// The port that probes mean when none is named: `http`, else the first one written.
    pub fn main_port(&self) -> Option<&PortName> {
        self.ports.keys().find(|name| name.as_str() == "http").or_else(|| self.ports.keys().next())
    }
}
