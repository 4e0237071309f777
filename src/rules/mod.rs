//! A cluster in, everything wrong with it out: what a schema cannot say is a rule, one file each.

mod walk;
mod locks;
mod reference;
mod versions;
mod cron;
mod credentials;
mod labels;
mod timezones;
mod reading;
mod manifests;
mod registry;
mod acme_email_example;
mod acme_private_domain;
mod addon_namespace;
mod addon_version_changed;
mod addon_version_skipped;
mod addon_settings_unused;
mod address_family;
mod address_in_no_pool;
mod address_off_lan;
mod address_port_taken;
mod address_taken;
mod allow_everybody;
mod ceph_name_changed;
mod check_devices;
mod claim_kind_changed;
mod claim_shared_by_pods;
mod claim_sizes_differ;
mod claims_exceed_disks;
mod class_name_taken;
mod cluster_dns_address;
mod cluster_dns_outside;
mod crd_in_release;
mod credential_literal;
mod cronjob_name_too_long;
mod dashboard_without_ceph;
mod data_dir_changed;
mod data_dir_volatile;
mod default_class_changed;
mod device_partition;
mod device_path;
mod device_resource;
mod device_twice;
mod device_without_nodes;
mod domain_of_cluster;
mod domain_of_multicast;
mod dual_stack_mismatch;
mod duplicate_route;
mod env_cycle;
mod even_servers;
mod export_changed;
mod existing_addon;
mod few_ceph_replicas;
mod file_name_twice;
mod files_too_large;
mod fits_no_node;
mod fixed_field_changed;
mod gateway_address_in_pool;
mod gateway_named_tunnel;
mod gateway_not_announced;
mod header_value;
mod host_data;
mod host_port_taken;
mod host_users_conflict;
mod host_without_domain;
mod host_without_issuer;
mod image_latest;
mod image_unusable;
mod image_without_tag;
mod instance_name_too_long;
mod job_cannot_change;
mod k3s_too_new;
mod k3s_too_old;
mod k3s_version_malformed;
mod kept_claim_taken;
mod key_and_keys;
mod kind_conflict;
mod label_taken;
mod list_key_twice;
mod local_path_changed;
mod local_without_per_node;
mod lock_frozen;
mod manifest_incomplete;
mod memory_scratch_over_limit;
mod metrics_without_prometheus;
mod missing_field;
mod mount_at_root;
mod mount_below_file;
mod mount_below_read_only;
mod mount_path_twice;
mod name_collision;
mod namespace_changed;
mod namespace_not_made;
mod namespace_of_cluster_kind;
mod namespace_taken;
mod networks_overlap;
mod never_runs;
mod no_default_gateway;
mod no_room_for_a_failure;
mod no_server;
mod no_such_kind;
mod node_address_taken;
mod node_twice;
mod nodes_on_two_lans;
mod object_name_taken;
mod one_server;
mod patch_breaks_selector;
mod patch_of_identity;
mod patch_takes_keep;
mod patch_without_object;
mod per_node_count;
mod pool_holds_node;
mod pool_overlap;
mod port_name_hyphens;
mod port_number_twice;
mod privileged_device;
mod probe_without_port;
mod release_too_large;
mod replicas_without_effect;
mod request_over_limit;
mod requests_exceed_nodes;
mod reserved_name;
mod rights_to_everything;
mod same_in_main;
mod schedule_with_routes;
mod secret_data;
mod secret_env_without_reloader;
mod service_renamed;
mod shared_path_writers;
mod size_fixed;
mod size_shrunk;
mod slow_failover;
mod snippet_unbalanced;
mod staging_certificates;
mod storage_class_changed;
mod stream_port_reserved;
mod stream_port_taken;
mod stream_through_tunnel;
mod tcp_on_udp_port;
mod tiny_size;
mod too_few_ceph_nodes;
mod too_many_certificates;
mod too_many_host_pods;
mod tunnel_host_too_deep;
mod tunnel_not_declared;
mod tunnel_without_gateway;
mod two_default_gateways;
mod two_default_issuers;
mod two_of_one_family;
mod unknown_class;
mod unknown_export;
mod unknown_field;
mod unknown_gateway;
mod unknown_issuer;
mod unknown_kind;
mod unknown_login;
mod unknown_login_service;
mod unknown_node;
mod unknown_pool;
mod unknown_port;
mod unknown_resource;
mod unknown_same;
mod unknown_timezone;
mod unknown_variable;
mod unknown_volume;
mod unstable_device;
mod unusable_address;
mod unused_devices;
mod unused_part;
mod unused_volume;
mod version_malformed;
mod volume_group_changed;
mod volume_not_shared;
mod volume_renamed;
mod volume_storage_changed;
mod volumes_of_two_groups;
mod wildcard_needs_dns;
mod without_ports;
mod wrong_cron;
mod wrong_field;
mod wrong_label;
mod wrong_object_name;
mod wrong_server;
mod zero_size;
mod zero_time;

pub use locks::Frozen;
pub use locks::Locks;
pub use registry::RULES;

use std::fmt;
use std::fmt::Write;

use crate::diagnostic::Code;
use crate::diagnostic::Diagnostic;
use crate::diagnostic::FieldPath;
use crate::diagnostic::Place;
use crate::diagnostic::Severity;
use crate::model::Cluster;
use crate::objects::ChartObjects;

/// What can be wrong, why it is, and how it is found.
pub struct Rule {
    pub code: Code,
    pub severity: Severity,
    pub area: Area,
    /// What is wrong, in one sentence: the first line of its file.
    pub what: &'static str,
    /// What comes of it, in one sentence.
    pub why: &'static str,
    /// Values that are wrong in this way, without the keys that every file has.
    pub example: &'static str,
    pub check: Check,
}

/// Where a rule looks.
pub enum Check {
    /// At the cluster. What is found is pushed.
    Cluster(fn(&Cluster, &mut Vec<Diagnostic>)),
    /// At the cluster and its lock.
    Lock(fn(&Locks, &mut Vec<Diagnostic>)),
    /// At the charts that were made of it.
    Charts(fn(&Charts, &mut Vec<Diagnostic>)),
    /// Nowhere: the reader or the schema finds it before there is a cluster.
    Reading,
}

/// Everything that the umbrella is made of, and how large that is.
pub struct Charts<'a> {
    /// What they were made of.
    pub cluster: &'a Cluster,
    pub charts: &'a [ChartObjects],
    /// Bytes that Helm's record of the release will take in its Secret.
    pub record: usize,
}

/// What a rule is about, for lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Area {
    Format,
    Versions,
    Nodes,
    Network,
    Storage,
    Services,
    Objects,
}

impl Rule {
    /// A finding of this rule.
    fn at(&self, place: Place, message: impl Into<String>) -> Diagnostic {
        Diagnostic { severity: self.severity, ..Diagnostic::error(self.code, place, message) }
    }

    /// A finding about the value of a field.
    fn field(&self, path: FieldPath, message: impl Into<String>) -> Diagnostic {
        self.at(Place::Field(path), message)
    }

    /// A finding about the key of a field.
    fn key(&self, path: FieldPath, message: impl Into<String>) -> Diagnostic {
        self.at(Place::Key(path), message)
    }
}

impl fmt::Display for Area {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Format => "Format",
            Self::Versions => "Versions",
            Self::Nodes => "Nodes",
            Self::Network => "Network",
            Self::Storage => "Storage",
            Self::Services => "Services",
            Self::Objects => "Objects",
        })
    }
}

/// Adds what each of these rules, which are all of [`RULES`] but in tests, finds in a cluster.
pub fn check_cluster(rules: &[&Rule], cluster: &Cluster, findings: &mut Vec<Diagnostic>) {
    for rule in rules {
        if let Check::Cluster(check) = rule.check {
            check(cluster, findings);
        }
    }
}

/// Adds what every rule finds in what is locked and what the values say now.
pub fn check_lock(rules: &[&Rule], locks: &Locks, findings: &mut Vec<Diagnostic>) {
    for rule in rules {
        if let Check::Lock(check) = rule.check {
            check(locks, findings);
        }
    }
}

/// Adds what every rule finds in the charts of a cluster. `record`: bytes that Helm's record of the release will take.
pub fn check_chart(
    rules: &[&Rule],
    cluster: &Cluster,
    charts: &[ChartObjects],
    record: usize,
    findings: &mut Vec<Diagnostic>,
) {
    for rule in rules {
        if let Check::Charts(check) = rule.check {
            check(&Charts { cluster, charts, record }, findings);
        }
    }
}

/// Every rule and everything that the reader and the schema find.
pub fn all() -> impl Iterator<Item = &'static Rule> {
    reading::FOUND.iter().chain(RULES.iter().copied())
}

/// Every code that a finding may have.
pub fn codes() -> impl Iterator<Item = Code> {
    all().map(|rule| rule.code)
}

/// What there is to say about a code; `None` when there is no such code.
pub fn explain(code: &str) -> Option<String> {
    let rule = all().find(|rule| rule.code == code)?;
    let mut text = format!("{} ({}, {})\n\n", rule.code, word(rule.severity), rule.area);
    _ = write!(text, "{}\n{}\n\nEXAMPLE:\n", rule.what, rule.why);
    for line in rule.example.lines() {
        _ = writeln!(text, "  {line}");
    }
    Some(text)
}

/// Every code by area, with what is wrong.
pub fn list() -> String {
    let mut rules: Vec<&Rule> = all().collect();
    rules.sort_by_key(|rule| (rule.area, rule.severity, rule.code));
    let width = rules.iter().map(|rule| rule.code.len()).max().unwrap_or_default();
    let mut text = String::new();
    let mut area = None;
    for rule in rules {
        if area != Some(rule.area) {
            let gap = if area.is_some() { "\n" } else { "" };
            _ = writeln!(text, "{gap}{}", rule.area);
            area = Some(rule.area);
        }
        _ = writeln!(text, "  {:width$}  {:7}  {}", rule.code, word(rule.severity), rule.what);
    }
    text
}

fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Advice => "advice",
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_rule_can_be_explained() {
        let codes: BTreeSet<Code> = codes().collect();
        assert_eq!(codes.len(), all().count(), "a code twice");
        for rule in all() {
            assert!(rule.why.ends_with('.') && rule.why.starts_with(|c: char| !c.is_lowercase()), "{}", rule.code);
            assert!(
                rule.code.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'),
                "{}",
                rule.code
            );
            assert!(!rule.example.is_empty(), "{}", rule.code);
        }
        assert!(explain("image-latest").is_some_and(|text| text.starts_with("image-latest (warning, Services)\n")));
        assert_eq!(explain("nothing"), None);
        assert!(list().starts_with("Format\n  "));
    }
}
