//! The settings of cert-manager.

use schemars::JsonSchema;
use serde::Deserialize;
use serde::Serialize;

use crate::values::addons::Addon;
use crate::values::addons::Source;
use crate::values::name::Namespace;
use crate::values::program::Program;
use crate::values::program::Verbosity;

/// cert-manager. Its issuers are those of `certificates`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CertManager {
    /// `builtin`: part of the chart. `existing`: the operator is there already, only its custom resources are written.
    #[serde(default)]
    pub source: Source,
    /// Namespace of the operator that exists.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<Namespace>,
    /// How many pods each program has.
    #[serde(default)]
    pub replicas: Replicas,
    /// The controller, which makes certificates.
    #[serde(default)]
    pub controller: Program,
    /// The webhook, which refuses wrong issuers and certificates.
    #[serde(default)]
    pub webhook: Program,
    /// The injector, which tells the API server the CA of the webhook.
    #[serde(default)]
    pub cainjector: Program,
    /// How much all of them tell.
    #[serde(default)]
    pub log_level: Verbosity,
    /// The DNS servers, `ADDRESS:PORT` or a URL of DNS over HTTPS, that are asked whether the record of DNS-01 is there;
    /// `[]` for those of the cluster. Default: public ones when all issuers of DNS-01 are Cloudflare's, because a
    /// resolver at home may answer for the domain itself.
    #[schemars(example = &serde_json::json!(["1.1.1.1:53"]), inner(pattern(r"^(https://[^ ,]+|[^ ,/]+:[0-9]+)$")))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dns01_nameservers: Option<Vec<String>>,
    /// How many challenges are answered at once.
    #[schemars(range(min = 1))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_concurrent_challenges: Option<u16>,
    /// Whether the Secret of a certificate goes when its Certificate goes.
    #[serde(default)]
    pub secrets_follow_certificates: bool,
}

/// How many pods each program has. Default: two, of the webhook three, and no more than there are nodes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Replicas {
    /// One leads, the others stand by.
    #[schemars(range(min = 1))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub controller: Option<u16>,
    /// All of them answer.
    #[schemars(range(min = 1))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub webhook: Option<u16>,
    /// One leads, the others stand by.
    #[schemars(range(min = 1))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cainjector: Option<u16>,
}

impl CertManager {
    /// What every add-on says.
    pub fn addon(&self) -> Addon {
        Addon { source: self.source, namespace: self.namespace.clone() }
    }
}
