//! Every decision between the values and the objects: a value that `helm ha plan` prints. The rest decides nothing.

pub mod facts;
pub mod names;
pub mod classes;
pub mod instances;
pub mod addons;
pub mod ceph;
pub mod addresses;
pub mod volumes;
pub mod issuers;
pub mod certificates;
pub mod secrets;
pub mod services;
pub mod workload;
pub mod pod;
pub mod container;
pub mod environment;
pub mod mounts;
pub mod pod_volumes;
pub mod files;
pub mod claims;
pub mod ports;
pub mod probes;
pub mod security;
pub mod placement;
pub mod account;
pub mod monitor;
