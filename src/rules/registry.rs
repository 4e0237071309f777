//! Every rule of this folder, in the order in which they run.

use crate::rules::Rule;
use crate::rules::image_latest;
use crate::rules::image_unusable;
use crate::rules::image_without_tag;
use crate::rules::unknown_class;
use crate::rules::unknown_export;
use crate::rules::unknown_gateway;
use crate::rules::unknown_issuer;
use crate::rules::unknown_login;
use crate::rules::unknown_node;
use crate::rules::unknown_pool;
use crate::rules::unknown_port;
use crate::rules::unknown_volume;

/// Every rule.
pub const RULES: &[&Rule] = &[
    &unknown_node::RULE,
    &unknown_gateway::RULE,
    &unknown_issuer::RULE,
    &unknown_login::RULE,
    &unknown_pool::RULE,
    &unknown_class::RULE,
    &unknown_export::RULE,
    &unknown_volume::RULE,
    &image_latest::RULE,
    &image_unusable::RULE,
    &image_without_tag::RULE,
    &unknown_port::RULE,
];
