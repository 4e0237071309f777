//! Every rule of this folder, in the order in which they run.

use crate::rules::Rule;
use crate::rules::acme_email_example;
use crate::rules::acme_private_domain;
use crate::rules::addon_namespace;
use crate::rules::addon_settings_unused;
use crate::rules::addon_version_changed;
use crate::rules::addon_version_skipped;
use crate::rules::address_family;
use crate::rules::address_in_no_pool;
use crate::rules::address_off_lan;
use crate::rules::address_port_taken;
use crate::rules::address_taken;
use crate::rules::allow_everybody;
use crate::rules::ceph_name_changed;
use crate::rules::check_devices;
use crate::rules::claim_kind_changed;
use crate::rules::claim_shared_by_pods;
use crate::rules::claim_sizes_differ;
use crate::rules::claims_exceed_disks;
use crate::rules::class_name_taken;
use crate::rules::cluster_dns_address;
use crate::rules::cluster_dns_outside;
use crate::rules::crd_in_release;
use crate::rules::credential_literal;
use crate::rules::cronjob_name_too_long;
use crate::rules::dashboard_without_ceph;
use crate::rules::data_dir_changed;
use crate::rules::data_dir_volatile;
use crate::rules::default_class_changed;
use crate::rules::device_partition;
use crate::rules::device_path;
use crate::rules::device_resource;
use crate::rules::device_twice;
use crate::rules::device_without_nodes;
use crate::rules::domain_of_cluster;
use crate::rules::domain_of_multicast;
use crate::rules::dual_stack_mismatch;
use crate::rules::duplicate_route;
use crate::rules::env_cycle;
use crate::rules::even_servers;
use crate::rules::existing_addon;
use crate::rules::export_changed;
use crate::rules::few_ceph_replicas;
use crate::rules::file_name_twice;
use crate::rules::files_too_large;
use crate::rules::fits_no_node;
use crate::rules::fixed_field_changed;
use crate::rules::gateway_address_in_pool;
use crate::rules::gateway_named_tunnel;
use crate::rules::gateway_not_announced;
use crate::rules::header_value;
use crate::rules::host_data;
use crate::rules::host_port_taken;
use crate::rules::host_users_conflict;
use crate::rules::host_without_domain;
use crate::rules::host_without_issuer;
use crate::rules::image_latest;
use crate::rules::image_unusable;
use crate::rules::image_without_tag;
use crate::rules::instance_name_too_long;
use crate::rules::job_cannot_change;
use crate::rules::k3s_too_new;
use crate::rules::k3s_too_old;
use crate::rules::k3s_version_malformed;
use crate::rules::kept_claim_taken;
use crate::rules::key_and_keys;
use crate::rules::kind_conflict;
use crate::rules::label_taken;
use crate::rules::list_key_twice;
use crate::rules::local_path_changed;
use crate::rules::local_without_per_node;
use crate::rules::lock_frozen;
use crate::rules::manifest_incomplete;
use crate::rules::memory_scratch_over_limit;
use crate::rules::metrics_without_prometheus;
use crate::rules::missing_field;
use crate::rules::mount_at_root;
use crate::rules::mount_below_file;
use crate::rules::mount_below_read_only;
use crate::rules::mount_path_twice;
use crate::rules::name_collision;
use crate::rules::namespace_changed;
use crate::rules::namespace_not_made;
use crate::rules::namespace_of_cluster_kind;
use crate::rules::namespace_taken;
use crate::rules::networks_overlap;
use crate::rules::never_runs;
use crate::rules::no_default_gateway;
use crate::rules::no_room_for_a_failure;
use crate::rules::no_server;
use crate::rules::no_such_kind;
use crate::rules::node_address_taken;
use crate::rules::node_twice;
use crate::rules::nodes_on_two_lans;
use crate::rules::object_name_taken;
use crate::rules::one_server;
use crate::rules::patch_breaks_selector;
use crate::rules::patch_of_identity;
use crate::rules::patch_takes_keep;
use crate::rules::patch_without_object;
use crate::rules::per_node_count;
use crate::rules::pool_holds_node;
use crate::rules::pool_overlap;
use crate::rules::port_name_hyphens;
use crate::rules::port_number_twice;
use crate::rules::privileged_device;
use crate::rules::probe_without_port;
use crate::rules::release_too_large;
use crate::rules::replicas_without_effect;
use crate::rules::request_over_limit;
use crate::rules::requests_exceed_nodes;
use crate::rules::reserved_name;
use crate::rules::rights_to_everything;
use crate::rules::same_in_main;
use crate::rules::schedule_with_routes;
use crate::rules::secret_data;
use crate::rules::secret_env_without_reloader;
use crate::rules::service_renamed;
use crate::rules::shared_path_writers;
use crate::rules::size_fixed;
use crate::rules::size_shrunk;
use crate::rules::slow_failover;
use crate::rules::snippet_unbalanced;
use crate::rules::staging_certificates;
use crate::rules::storage_class_changed;
use crate::rules::stream_port_reserved;
use crate::rules::stream_port_taken;
use crate::rules::stream_through_tunnel;
use crate::rules::tcp_on_udp_port;
use crate::rules::tiny_size;
use crate::rules::too_few_ceph_nodes;
use crate::rules::too_many_certificates;
use crate::rules::too_many_host_pods;
use crate::rules::tunnel_host_too_deep;
use crate::rules::tunnel_not_declared;
use crate::rules::tunnel_without_gateway;
use crate::rules::two_default_gateways;
use crate::rules::two_default_issuers;
use crate::rules::two_of_one_family;
use crate::rules::unknown_class;
use crate::rules::unknown_export;
use crate::rules::unknown_field;
use crate::rules::unknown_gateway;
use crate::rules::unknown_issuer;
use crate::rules::unknown_kind;
use crate::rules::unknown_login;
use crate::rules::unknown_login_service;
use crate::rules::unknown_node;
use crate::rules::unknown_pool;
use crate::rules::unknown_port;
use crate::rules::unknown_resource;
use crate::rules::unknown_same;
use crate::rules::unknown_timezone;
use crate::rules::unknown_variable;
use crate::rules::unknown_volume;
use crate::rules::unstable_device;
use crate::rules::unusable_address;
use crate::rules::unused_devices;
use crate::rules::unused_part;
use crate::rules::unused_volume;
use crate::rules::version_malformed;
use crate::rules::volume_group_changed;
use crate::rules::volume_not_shared;
use crate::rules::volume_renamed;
use crate::rules::volume_storage_changed;
use crate::rules::volumes_of_two_groups;
use crate::rules::wildcard_needs_dns;
use crate::rules::without_ports;
use crate::rules::wrong_cron;
use crate::rules::wrong_field;
use crate::rules::wrong_label;
use crate::rules::wrong_object_name;
use crate::rules::wrong_server;
use crate::rules::zero_size;
use crate::rules::zero_time;

/// Every rule.
pub const RULES: &[&Rule] = &[
    &addon_namespace::RULE,
    &k3s_too_new::RULE,
    &k3s_too_old::RULE,
    &k3s_version_malformed::RULE,
    &version_malformed::RULE,
    &addon_version_changed::RULE,
    &addon_version_skipped::RULE,
    &check_devices::RULE,
    &device_path::RULE,
    &device_twice::RULE,
    &even_servers::RULE,
    &fits_no_node::RULE,
    &no_server::RULE,
    &node_address_taken::RULE,
    &node_twice::RULE,
    &nodes_on_two_lans::RULE,
    &one_server::RULE,
    &requests_exceed_nodes::RULE,
    &unknown_node::RULE,
    &unstable_device::RULE,
    &unused_devices::RULE,
    &no_room_for_a_failure::RULE,
    &device_partition::RULE,
    &address_family::RULE,
    &address_in_no_pool::RULE,
    &address_off_lan::RULE,
    &address_port_taken::RULE,
    &address_taken::RULE,
    &cluster_dns_address::RULE,
    &cluster_dns_outside::RULE,
    &dual_stack_mismatch::RULE,
    &duplicate_route::RULE,
    &gateway_address_in_pool::RULE,
    &gateway_named_tunnel::RULE,
    &gateway_not_announced::RULE,
    &header_value::RULE,
    &host_port_taken::RULE,
    &host_without_domain::RULE,
    &host_without_issuer::RULE,
    &networks_overlap::RULE,
    &no_default_gateway::RULE,
    &pool_holds_node::RULE,
    &pool_overlap::RULE,
    &snippet_unbalanced::RULE,
    &staging_certificates::RULE,
    &stream_port_reserved::RULE,
    &stream_port_taken::RULE,
    &stream_through_tunnel::RULE,
    &tunnel_not_declared::RULE,
    &tunnel_without_gateway::RULE,
    &two_default_gateways::RULE,
    &two_default_issuers::RULE,
    &two_of_one_family::RULE,
    &unknown_gateway::RULE,
    &unknown_issuer::RULE,
    &unknown_login::RULE,
    &unknown_login_service::RULE,
    &unknown_pool::RULE,
    &unused_part::RULE,
    &wildcard_needs_dns::RULE,
    &allow_everybody::RULE,
    &too_many_certificates::RULE,
    &acme_email_example::RULE,
    &tunnel_host_too_deep::RULE,
    &domain_of_multicast::RULE,
    &domain_of_cluster::RULE,
    &acme_private_domain::RULE,
    &unusable_address::RULE,
    &claim_shared_by_pods::RULE,
    &claim_sizes_differ::RULE,
    &class_name_taken::RULE,
    &dashboard_without_ceph::RULE,
    &addon_settings_unused::RULE,
    &existing_addon::RULE,
    &few_ceph_replicas::RULE,
    &host_data::RULE,
    &local_without_per_node::RULE,
    &shared_path_writers::RULE,
    &slow_failover::RULE,
    &tiny_size::RULE,
    &too_few_ceph_nodes::RULE,
    &unknown_class::RULE,
    &unknown_export::RULE,
    &unknown_volume::RULE,
    &unused_volume::RULE,
    &volume_not_shared::RULE,
    &volumes_of_two_groups::RULE,
    &wrong_server::RULE,
    &ceph_name_changed::RULE,
    &claim_kind_changed::RULE,
    &data_dir_changed::RULE,
    &default_class_changed::RULE,
    &export_changed::RULE,
    &kept_claim_taken::RULE,
    &local_path_changed::RULE,
    &lock_frozen::RULE,
    &namespace_changed::RULE,
    &service_renamed::RULE,
    &size_fixed::RULE,
    &size_shrunk::RULE,
    &storage_class_changed::RULE,
    &volume_group_changed::RULE,
    &volume_renamed::RULE,
    &volume_storage_changed::RULE,
    &zero_size::RULE,
    &claims_exceed_disks::RULE,
    &data_dir_volatile::RULE,
    &credential_literal::RULE,
    &cronjob_name_too_long::RULE,
    &device_resource::RULE,
    &device_without_nodes::RULE,
    &env_cycle::RULE,
    &file_name_twice::RULE,
    &fixed_field_changed::RULE,
    &files_too_large::RULE,
    &host_users_conflict::RULE,
    &image_latest::RULE,
    &image_unusable::RULE,
    &image_without_tag::RULE,
    &instance_name_too_long::RULE,
    &key_and_keys::RULE,
    &kind_conflict::RULE,
    &label_taken::RULE,
    &memory_scratch_over_limit::RULE,
    &metrics_without_prometheus::RULE,
    &mount_at_root::RULE,
    &mount_below_file::RULE,
    &mount_below_read_only::RULE,
    &mount_path_twice::RULE,
    &name_collision::RULE,
    &namespace_taken::RULE,
    &per_node_count::RULE,
    &port_name_hyphens::RULE,
    &port_number_twice::RULE,
    &privileged_device::RULE,
    &probe_without_port::RULE,
    &release_too_large::RULE,
    &replicas_without_effect::RULE,
    &request_over_limit::RULE,
    &reserved_name::RULE,
    &same_in_main::RULE,
    &schedule_with_routes::RULE,
    &secret_env_without_reloader::RULE,
    &tcp_on_udp_port::RULE,
    &too_many_host_pods::RULE,
    &unknown_port::RULE,
    &unknown_resource::RULE,
    &unknown_same::RULE,
    &unknown_timezone::RULE,
    &unknown_variable::RULE,
    &without_ports::RULE,
    &wrong_cron::RULE,
    &wrong_label::RULE,
    &zero_time::RULE,
    &rights_to_everything::RULE,
    &never_runs::RULE,
    &crd_in_release::RULE,
    &job_cannot_change::RULE,
    &list_key_twice::RULE,
    &manifest_incomplete::RULE,
    &missing_field::RULE,
    &namespace_not_made::RULE,
    &namespace_of_cluster_kind::RULE,
    &no_such_kind::RULE,
    &object_name_taken::RULE,
    &patch_breaks_selector::RULE,
    &patch_of_identity::RULE,
    &patch_takes_keep::RULE,
    &patch_without_object::RULE,
    &secret_data::RULE,
    &unknown_field::RULE,
    &unknown_kind::RULE,
    &wrong_field::RULE,
    &wrong_object_name::RULE,
];
