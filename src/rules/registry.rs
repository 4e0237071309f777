//! Every rule of this folder, in the order in which they run.

use crate::rules::Rule;
use crate::rules::address_family;
use crate::rules::address_in_no_pool;
use crate::rules::address_off_lan;
use crate::rules::address_port_taken;
use crate::rules::address_taken;
use crate::rules::cluster_dns_outside;
use crate::rules::cronjob_name_too_long;
use crate::rules::dashboard_without_ceph;
use crate::rules::dual_stack_mismatch;
use crate::rules::duplicate_route;
use crate::rules::gateway_address_in_pool;
use crate::rules::gateway_named_tunnel;
use crate::rules::gateway_not_announced;
use crate::rules::header_value;
use crate::rules::host_port_taken;
use crate::rules::host_without_domain;
use crate::rules::host_without_issuer;
use crate::rules::image_latest;
use crate::rules::image_unusable;
use crate::rules::image_without_tag;
use crate::rules::instance_name_too_long;
use crate::rules::name_collision;
use crate::rules::networks_overlap;
use crate::rules::no_default_gateway;
use crate::rules::nodes_on_two_lans;
use crate::rules::pool_holds_node;
use crate::rules::pool_overlap;
use crate::rules::port_number_twice;
use crate::rules::reserved_name;
use crate::rules::snippet_unbalanced;
use crate::rules::stream_port_reserved;
use crate::rules::stream_port_taken;
use crate::rules::stream_through_tunnel;
use crate::rules::tcp_on_udp_port;
use crate::rules::tunnel_not_declared;
use crate::rules::tunnel_without_gateway;
use crate::rules::two_default_gateways;
use crate::rules::two_default_issuers;
use crate::rules::two_of_one_family;
use crate::rules::unknown_class;
use crate::rules::unknown_export;
use crate::rules::unknown_gateway;
use crate::rules::unknown_issuer;
use crate::rules::unknown_login;
use crate::rules::unknown_login_service;
use crate::rules::unknown_node;
use crate::rules::unknown_pool;
use crate::rules::unknown_port;
use crate::rules::unknown_volume;
use crate::rules::wildcard_needs_dns;
use crate::rules::without_ports;

/// Every rule.
pub const RULES: &[&Rule] = &[
    &nodes_on_two_lans::RULE,
    &unknown_node::RULE,
    &address_family::RULE,
    &address_in_no_pool::RULE,
    &address_off_lan::RULE,
    &address_port_taken::RULE,
    &address_taken::RULE,
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
    &wildcard_needs_dns::RULE,
    &dashboard_without_ceph::RULE,
    &unknown_class::RULE,
    &unknown_export::RULE,
    &unknown_volume::RULE,
    &cronjob_name_too_long::RULE,
    &image_latest::RULE,
    &image_unusable::RULE,
    &image_without_tag::RULE,
    &instance_name_too_long::RULE,
    &name_collision::RULE,
    &port_number_twice::RULE,
    &reserved_name::RULE,
    &tcp_on_udp_port::RULE,
    &unknown_port::RULE,
    &without_ports::RULE,
];
