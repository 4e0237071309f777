//! Issuers and the domains they issue for.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use schemars::Schema;
use serde::Deserialize;
use serde::Serialize;

use crate::values::name::Domain;
use crate::values::name::Name;
use crate::values::name::ObjectName;
use crate::values::secret::SecretKey;

/// Certificates for the hosts of the routes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Certificates {
    /// Issuers by name.
    #[schemars(example = &serde_json::json!({"home": {"ca": {}}}))]
    #[serde(default)]
    pub issuers: BTreeMap<Name, Issuer>,
    /// Domains by name. The longest one that a host ends in decides. `domain` needs no entry: it gets a wildcard from the default issuer, which needs `dns01` or a CA for that.
    #[schemars(example = &serde_json::json!({"home.arpa": {"issuer": "home"}}))]
    #[serde(default)]
    pub domains: BTreeMap<Domain, DomainValues>,
}

/// Who issues: exactly one of `acme`, `ca`, `existing`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(transform = one_issuer)]
pub struct Issuer {
    /// Whether domains without `issuer` use it. The only issuer is the default one.
    #[serde(default)]
    pub default: bool,
    /// Let's Encrypt or another ACME server.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acme: Option<Acme>,
    /// A CA of our own, kept in the cluster: `{}`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ca: Option<OwnCa>,
    /// An issuer that exists already.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub existing: Option<ExistingIssuer>,
}

impl Issuer {
    /// Whether it can issue for `*.NAME`: a proof by HTTP cannot (RFC 8555, section 7.1.3; Let's Encrypt, "Challenge Types").
    pub fn can_wildcard(&self) -> bool {
        self.acme.as_ref().is_none_or(|acme| acme.http01.is_none())
    }
}

fn one_issuer(schema: &mut Schema) {
    one_of(schema, &["acme", "ca", "existing"]);
}

/// Adds that exactly one of these keys is there.
pub(crate) fn one_of(schema: &mut Schema, keys: &[&str]) {
    let branches: serde_json::Value = keys.iter().map(|key| serde_json::json!({ "required": [key] })).collect();
    schema.insert("oneOf".to_owned(), branches);
}

/// An ACME account.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(transform = one_solver)]
pub struct Acme {
    /// Address for the account; the CA writes to it when something is wrong.
    #[schemars(example = &"admin@example.com", regex(pattern = r"^[^@\s]+@[^@\s]+\.[^@\s]+$"))]
    pub email: String,
    /// `production` or `staging` of Let's Encrypt, or the URL of another directory.
    #[serde(default)]
    pub server: AcmeServer,
    /// The certificates, in PEM, that vouch for a server of your own. Default: those that every machine trusts.
    #[schemars(regex(pattern = r"^(\s*-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----\s*)+$"))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ca_bundle: Option<String>,
    /// Proof by a DNS record; the only way to a wildcard.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dns01: Option<Dns01>,
    /// Proof by a file on port 80 of the gateway: `{}`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub http01: Option<Http01>,
}

fn one_solver(schema: &mut Schema) {
    one_of(schema, &["dns01", "http01"]);
}

/// Which directory issues.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum AcmeServer {
    Known(LetsEncrypt),
    Url(
        #[schemars(regex(pattern = r"^https://"))]
        String,
    ),
    #[default]
    #[serde(skip)]
    Unsaid,
}

/// Let's Encrypt's two directories.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum LetsEncrypt {
    /// Trusted by browsers, with rate limits.
    Production,
    /// For trying: not trusted, hardly limited.
    Staging,
}

/// Who writes the DNS record: exactly one of `cloudflare`, `rfc2136`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(transform = one_provider)]
pub struct Dns01 {
    /// Cloudflare's API.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cloudflare: Option<CloudflareDns>,
    /// A name server that takes dynamic updates.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rfc2136: Option<Rfc2136>,
}

fn one_provider(schema: &mut Schema) {
    one_of(schema, &["cloudflare", "rfc2136"]);
}

/// Cloudflare's DNS.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CloudflareDns {
    /// The Secret with an API token that may edit the zone (Zone/DNS/Edit and Zone/Zone/Read).
    pub api_token: SecretKey,
}

/// Dynamic updates (RFC 2136) signed with TSIG.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Rfc2136 {
    /// The name server: `ADDRESS[:PORT]`.
    #[schemars(example = &"192.168.56.10:53")]
    pub nameserver: String,
    /// Name of the key.
    #[schemars(example = &"acme")]
    pub tsig_key_name: String,
    /// Algorithm of the key.
    #[serde(default)]
    pub tsig_algorithm: TsigAlgorithm,
    /// The Secret that holds the key.
    pub tsig_secret: SecretKey,
}

/// Algorithms that cert-manager knows (`pkg/issuer/acme/dns/rfc2136`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum TsigAlgorithm {
    HMACMD5,
    HMACSHA1,
    #[default]
    HMACSHA256,
    HMACSHA512,
}

/// Proof by HTTP; nothing to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Http01 {}

/// A CA of our own; nothing to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OwnCa {}

/// An issuer of cert-manager that exists already.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExistingIssuer {
    /// Whether it is an Issuer of the release namespace or a ClusterIssuer.
    pub kind: IssuerKind,
    /// Its name.
    pub name: ObjectName,
}

/// Kinds of issuers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum IssuerKind {
    Issuer,
    ClusterIssuer,
}

/// How the hosts of a domain get their certificates.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DomainValues {
    /// Who issues. Default: the default issuer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issuer: Option<Name>,
    /// One certificate for NAME and *.NAME; deeper hosts get their own. Default: false, each host gets its own.
    #[serde(default)]
    pub wildcard: bool,
}
