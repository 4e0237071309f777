//! Logins that the gateway asks for.

use schemars::JsonSchema;
use serde::Deserialize;
use serde::Serialize;

use crate::values::name::ObjectName;

/// A login: a request to an authentication service, or a password file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Login {
    Request(LoginRequest),
    Basic(BasicLogin),
}

/// Asks an authentication service (Authelia, Authentik, oauth2-proxy) about every request.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LoginRequest {
    /// URL inside the cluster that answers 2xx for a logged-in person; `http://SERVICE:PORT/PATH` names a service of this file.
    #[schemars(example = &"http://authelia:9091/api/authz/auth-request", regex(pattern = r"^https?://[^/\s]+"))]
    pub request: String,
    /// Where a person without a login is sent; the wanted URL is added as `?rd=`.
    #[schemars(example = &"https://auth.example.com", regex(pattern = r"^https?://[^/\s]+"))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signin: Option<String>,
    /// Headers of the answer that the service gets.
    #[schemars(example = &["Remote-User"], inner(regex(pattern = r"^[A-Za-z0-9-]+$")))]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub headers: Vec<String>,
}

/// User names and passwords from a Secret.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BasicLogin {
    /// HTTP basic authentication.
    pub basic: Basic,
}

/// HTTP basic authentication.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Basic {
    /// The Secret whose key `htpasswd` holds the file.
    #[schemars(example = &"family-htpasswd")]
    pub secret: ObjectName,
}
