//! Planned resolver in, what makes pods use it out.

use k8s_openapi::api::core::v1::PodDNSConfig;
use k8s_openapi::api::core::v1::PodDNSConfigOption;
use k8s_openapi::api::core::v1::PodSpec;

use crate::objects::container::list_of;
use crate::plan::cluster_dns;
use crate::plan::cluster_dns::Resolver;
use crate::plan::facts::Facts;

/// `dnsPolicy` of pods that ask nobody but the servers of their own `dnsConfig`.
pub const POLICY: &str = "None";

/// `dnsConfig`.
pub fn config(resolver: &Resolver) -> PodDNSConfig {
    let option =
        |(name, value): (&str, u8)| PodDNSConfigOption { name: Some(name.to_owned()), value: Some(value.to_string()) };
    PodDNSConfig {
        nameservers: list_of(&resolver.nameservers, ToString::to_string),
        options: Some([("ndots", resolver.ndots), ("timeout", resolver.timeout)].map(option).to_vec()),
        searches: Some(resolver.searches.clone()),
    }
}

/// A pod of the namespace that asks as the cluster's pods do.
pub fn with_resolver(facts: &Facts, namespace: &str, pod: PodSpec) -> PodSpec {
    match cluster_dns::resolver(facts, namespace) {
        Some(resolver) => PodSpec { dns_config: Some(config(&resolver)), dns_policy: Some(POLICY.to_owned()), ..pod },
        None => pod,
    }
}
