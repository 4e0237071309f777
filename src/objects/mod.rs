//! Plan in, Kubernetes objects and exposed values per subchart out. Decides nothing.

mod object;
mod exposed;
mod chart;
mod images;
mod patches;
pub mod metadata;
mod custom;
mod dns;
mod addons;
mod builtin;
mod operators;
mod issuers;
pub mod ceph;
pub mod addresses;
pub mod certificates;
pub mod volumes;
pub mod copy;
pub mod services;
mod extra_objects;
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
mod nginx_words;
mod nginx_locations;
mod nginx;
pub mod gateway;
mod gateway_pods;
pub mod tunnel;
pub mod cluster_dns;
mod cluster_dns_pods;

#[cfg(test)]
mod tests;

pub use chart::ChartObject;
pub use chart::ChartObjects;
pub use exposed::Exposed;
pub use exposed::Form;
pub use exposed::Step;
pub use exposed::steps;
pub use images::Namer;
pub use images::images;
pub use images::lock as lock_images;
pub use object::Object;
pub use patches::is_for;
pub use patches::without_digests;

use crate::plan::Plan;

/// The subcharts of a plan: the platform, then the services by name.
pub fn charts(plan: &Plan) -> Vec<ChartObjects> {
    let facts = &plan.facts;
    let platform = [
        plan.ceph.as_ref().map(|ceph| ceph::chart(facts, ceph)),
        plan.addresses.as_ref().map(|addresses| addresses::chart(facts, addresses)),
        plan.certificates.as_ref().map(|certificates| certificates::chart(facts, certificates)),
        plan.addons.cluster_dns.as_ref().and_then(|dns| cluster_dns::chart(facts, dns)),
        volumes::chart(facts, &plan.volumes),
        gateway::chart(facts, &plan.gateways),
        tunnel::chart(facts, plan.tunnel.as_ref()),
    ];
    let own = extra_objects::chart(facts, &plan.extra_objects);
    platform.into_iter().flatten().chain(services::charts(&plan.services, facts)).chain(own).collect()
}
