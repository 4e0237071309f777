//! Issuers and Certificates -> the subchart `cert-manager`.

use serde::Serialize;

use crate::objects::ChartObject;
use crate::objects::ChartObjects;
use crate::objects::addons;
use crate::objects::custom::Kind;
use crate::objects::custom::checked;
use crate::objects::issuers;
use crate::objects::metadata::metadata;
use crate::objects::operators;
use crate::plan::certificates::Certificate;
use crate::plan::certificates::Certificates;
use crate::plan::facts::Facts;
use crate::values::certificates::IssuerKind;

pub const NAME: &str = "cert-manager";
pub const CERTIFICATE: Kind = Kind { api_version: "cert-manager.io/v1", kind: "Certificate" };

/// `Certificate.spec` (cert-manager, `pkg/apis/certmanager/v1/types_certificate.go`).
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CertificateSpec<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub common_name: Option<&'a str>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    pub dns_names: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duration: Option<&'static str>,
    #[serde(rename = "isCA", skip_serializing_if = "Option::is_none")]
    pub is_ca: Option<bool>,
    pub issuer_ref: IssuerRef<'a>,
    pub private_key: PrivateKey,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub renew_before: Option<&'static str>,
    pub secret_name: &'a str,
    pub usages: &'static [&'static str],
}

/// Who issues.
#[derive(Serialize)]
pub struct IssuerRef<'a> {
    group: &'static str,
    kind: IssuerKind,
    name: &'a str,
}

impl<'a> IssuerRef<'a> {
    pub fn new(kind: IssuerKind, name: &'a str) -> Self {
        Self { group: "cert-manager.io", kind, name }
    }
}

/// The key; `Always` makes a new one with each certificate.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PrivateKey {
    pub algorithm: &'static str,
    pub rotation_policy: &'static str,
    pub size: u16,
}

impl Default for PrivateKey {
    fn default() -> Self {
        Self { algorithm: "ECDSA", rotation_policy: "Always", size: 256 }
    }
}

/// The subchart.
pub fn chart(facts: &Facts, plan: &Certificates) -> ChartObjects {
    let mut objects: Vec<ChartObject> = addons::namespace(facts, NAME, &plan.addon, &[]).into_iter().collect();
    objects.extend(plan.operator.iter().flat_map(|operator| operators::cert_manager(facts, operator)));
    objects.extend(plan.issuers.values().flat_map(|issuer| issuers::objects(facts, issuer)));
    objects.extend(plan.certificates.iter().map(|(name, certificate)| host_certificate(facts, name, certificate)));
    ChartObjects {
        name: NAME.to_owned(),
        description: "Issuers, and the certificates of the hosts that the gateways serve.".to_owned(),
        app_version: plan.addon.version.to_owned(),
        optional: false,
        objects,
    }
}

/// A temporary certificate stands in its Secret until the real one is issued, so that the gateway starts. The usages
/// are named because browsers on Apple's systems want `serverAuth` of a CA of our own (support.apple.com/103769).
fn host_certificate(facts: &Facts, name: &str, certificate: &Certificate) -> ChartObject {
    let spec = CertificateSpec {
        common_name: None,
        dns_names: &certificate.dns_names,
        duration: None,
        is_ca: None,
        issuer_ref: IssuerRef::new(certificate.issuer_kind, &certificate.issuer),
        private_key: PrivateKey::default(),
        renew_before: None,
        secret_name: name,
        usages: &["digital signature", "key encipherment", "server auth"],
    };
    let mut metadata = checked(metadata(facts, NAME, name));
    let temporary = ("cert-manager.io/issue-temporary-certificate".to_owned(), "true".to_owned());
    metadata.annotations.get_or_insert_default().extend([temporary]);
    ChartObject::new(format!("certificate-{name}.yaml"), CERTIFICATE.object(metadata, spec))
}
