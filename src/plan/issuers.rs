//! Issuers of the values -> issuers of the release namespace, with the Secrets that they read and keep.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::model::Cluster;
use crate::values::certificates::Acme;
use crate::values::certificates::AcmeServer;
use crate::values::certificates::Issuer;
use crate::values::certificates::IssuerKind;
use crate::values::certificates::LetsEncrypt;
use crate::values::certificates::TsigAlgorithm;
use crate::values::name::Name;
use crate::values::secret::SecretKey;

/// An issuer as Certificates refer to it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct IssuerPlan {
    pub kind: IssuerKind,
    pub name: String,
    #[serde(flatten)]
    pub source: IssuerSource,
}

/// Who issues.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum IssuerSource {
    Acme(AcmePlan),
    Ca(CaPlan),
    /// Nothing is rendered.
    Existing {},
}

/// An account at an ACME server.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AcmePlan {
    pub server: String,
    /// Who vouches for the server, in PEM.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ca_bundle: Option<String>,
    pub email: String,
    /// The Secret that cert-manager keeps the account's key in; no two issuers share one.
    pub account_secret: String,
    pub solver: Solver,
}

/// How a domain is proved.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Solver {
    Cloudflare { api_token: SecretKey },
    Rfc2136 { nameserver: String, tsig_key_name: String, tsig_algorithm: TsigAlgorithm, tsig_secret: SecretKey },
    Http01 {},
}

/// A CA of our own: a self-signed issuer signs its certificate, from whose Secret the issuer signs.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CaPlan {
    pub common_name: String,
    /// The issuer that signs the CA's own certificate.
    pub self_signed: String,
    /// The CA's Certificate and Secret.
    pub certificate: String,
}

/// Every issuer by its name in the values.
pub fn plan(cluster: &Cluster) -> BTreeMap<Name, IssuerPlan> {
    let of = |(name, issuer): (&Name, &Issuer)| issuer_plan(cluster, name, issuer).map(|plan| (name.clone(), plan));
    cluster.issuers.iter().filter_map(of).collect()
}

/// `None` when the issuer says neither `acme` nor `ca` nor `existing`, which the schema refuses.
fn issuer_plan(cluster: &Cluster, name: &Name, issuer: &Issuer) -> Option<IssuerPlan> {
    if let Some(existing) = &issuer.existing {
        let source = IssuerSource::Existing {};
        return Some(IssuerPlan { kind: existing.kind, name: existing.name.to_string(), source });
    }
    let (name, source) = match (&issuer.acme, &issuer.ca) {
        (Some(acme), _) => {
            let object = acme_name(name, acme);
            let plan = AcmePlan {
                server: directory(&acme.server).to_owned(),
                ca_bundle: acme.ca_bundle.clone(),
                email: acme.email.clone(),
                account_secret: format!("{object}-account"),
                solver: solver(acme)?,
            };
            (object, IssuerSource::Acme(plan))
        }
        (None, Some(_)) => {
            let plan = CaPlan {
                common_name: format!("{} {name} CA", cluster.name).chars().take(64).collect(),
                self_signed: format!("{name}.self-signed"),
                certificate: format!("{name}-ca"),
            };
            (name.to_string(), IssuerSource::Ca(plan))
        }
        (None, None) => return None,
    };
    Some(IssuerPlan { kind: IssuerKind::Issuer, name, source })
}

/// The name of the Issuer: the staging directory is in it, because cert-manager issues anew only when a Certificate's
/// issuer has another name; so a change from `staging` to `production` replaces the untrusted certificates. A dot
/// cannot be part of a name in the values.
fn acme_name(name: &Name, acme: &Acme) -> String {
    match acme.server {
        AcmeServer::Known(LetsEncrypt::Staging) => format!("{name}.staging"),
        _ => name.to_string(),
    }
}

/// Directories of Let's Encrypt: letsencrypt.org/docs/acme-protocol-updates and /docs/staging-environment.
fn directory(server: &AcmeServer) -> &str {
    match server {
        AcmeServer::Known(LetsEncrypt::Staging) => "https://acme-staging-v02.api.letsencrypt.org/directory",
        AcmeServer::Known(LetsEncrypt::Production) | AcmeServer::Unsaid => {
            "https://acme-v02.api.letsencrypt.org/directory"
        }
        AcmeServer::Url(url) => url,
    }
}

fn solver(acme: &Acme) -> Option<Solver> {
    let Some(dns01) = &acme.dns01 else {
        return acme.http01.map(|_| Solver::Http01 {});
    };
    match (&dns01.cloudflare, &dns01.rfc2136) {
        (Some(cloudflare), _) => Some(Solver::Cloudflare { api_token: cloudflare.api_token.clone() }),
        (None, Some(server)) => Some(Solver::Rfc2136 {
            nameserver: server.nameserver.clone(),
            tsig_key_name: server.tsig_key_name.clone(),
            tsig_algorithm: server.tsig_algorithm,
            tsig_secret: server.tsig_secret.clone(),
        }),
        (None, None) => None,
    }
}
