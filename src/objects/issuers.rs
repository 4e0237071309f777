//! Issuers of the plan -> Issuers of cert-manager in the release namespace; a CA of our own has a Certificate as well.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use serde_json::Value;
use serde_json::json;

use crate::objects::ChartObject;
use crate::objects::certificates::CERTIFICATE;
use crate::objects::certificates::CertificateSpec;
use crate::objects::certificates::IssuerRef;
use crate::objects::certificates::NAME;
use crate::objects::certificates::PrivateKey;
use crate::objects::custom::Kind;
use crate::objects::custom::checked;
use crate::objects::metadata::metadata;
use crate::plan::facts::Facts;
use crate::plan::issuers::AcmePlan;
use crate::plan::issuers::CaPlan;
use crate::plan::issuers::IssuerPlan;
use crate::plan::issuers::IssuerSource;
use crate::plan::issuers::Solver;
use crate::values::certificates::IssuerKind;
use crate::values::secret::SecretKey;

const ISSUER: Kind = Kind { api_version: "cert-manager.io/v1", kind: "Issuer" };

/// `Issuer.spec` (cert-manager, `pkg/apis/certmanager/v1/types_issuer.go`): exactly one of these.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
enum IssuerSpec<'a> {
    Acme(AcmeSpec<'a>),
    #[serde(rename_all = "camelCase")]
    Ca {
        secret_name: &'a str,
    },
    SelfSigned {},
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AcmeSpec<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    ca_bundle: Option<String>,
    email: &'a str,
    private_key_secret_ref: SecretRef<'a>,
    server: &'a str,
    solvers: [Value; 1],
}

#[derive(Serialize)]
struct SecretRef<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<&'a str>,
    name: &'a str,
}

/// The objects of an issuer; none for one that exists.
pub fn objects(facts: &Facts, plan: &IssuerPlan) -> Vec<ChartObject> {
    match &plan.source {
        IssuerSource::Acme(acme) => vec![issuer(facts, &plan.name, IssuerSpec::Acme(acme_spec(acme)))],
        IssuerSource::Ca(ca) => vec![
            issuer(facts, &ca.self_signed, IssuerSpec::SelfSigned {}),
            authority(facts, ca),
            issuer(facts, &plan.name, IssuerSpec::Ca { secret_name: &ca.certificate }),
        ],
        IssuerSource::Existing {} => Vec::new(),
    }
}

fn issuer(facts: &Facts, name: &str, spec: IssuerSpec<'_>) -> ChartObject {
    ChartObject::new(format!("issuer-{name}.yaml"), ISSUER.object(checked(metadata(facts, NAME, name)), spec))
}

fn acme_spec(acme: &AcmePlan) -> AcmeSpec<'_> {
    AcmeSpec {
        ca_bundle: acme.ca_bundle.as_deref().map(|pem| STANDARD.encode(pem)),
        email: &acme.email,
        private_key_secret_ref: SecretRef { name: &acme.account_secret, key: None },
        server: &acme.server,
        solvers: [solver(&acme.solver)],
    }
}

/// `ACMEChallengeSolver` (cert-manager, `pkg/apis/acme/v1/types_issuer.go`). Of an HTTP solver's objects only its pod
/// matters, which nginx finds by label: no Ingress controller takes class `none`, and no port opens on the nodes.
fn solver(solver: &Solver) -> Value {
    match solver {
        Solver::Cloudflare { api_token } => {
            json!({ "dns01": { "cloudflare": { "apiTokenSecretRef": secret(api_token) } } })
        }
        Solver::Rfc2136 { nameserver, tsig_key_name, tsig_algorithm, tsig_secret } => json!({ "dns01": { "rfc2136": {
            "nameserver": nameserver,
            "tsigAlgorithm": tsig_algorithm,
            "tsigKeyName": tsig_key_name,
            "tsigSecretSecretRef": secret(tsig_secret),
        } } }),
        Solver::Http01 {} => {
            json!({ "http01": { "ingress": { "ingressClassName": "none", "serviceType": "ClusterIP" } } })
        }
    }
}

fn secret(key: &SecretKey) -> SecretRef<'_> {
    SecretRef { name: key.secret.as_str(), key: Some(key.key.as_str()) }
}

/// The CA's own certificate: ten years, renewed two years before its end with the same key, so that what the old one
/// vouched for holds under the new one as well.
fn authority(facts: &Facts, ca: &CaPlan) -> ChartObject {
    let spec = CertificateSpec {
        common_name: Some(&ca.common_name),
        dns_names: &[],
        duration: Some("87600h"),
        is_ca: Some(true),
        issuer_ref: IssuerRef::new(IssuerKind::Issuer, &ca.self_signed),
        private_key: PrivateKey { rotation_policy: "Never", ..PrivateKey::default() },
        renew_before: Some("17520h"),
        secret_name: &ca.certificate,
        usages: &["cert sign", "crl sign"],
    };
    let name = &ca.certificate;
    ChartObject::new(format!("certificate-{name}.yaml"), CERTIFICATE.object(checked(metadata(facts, NAME, name)), spec))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::sample;
    use crate::plan;

    #[test]
    fn issuers_are_cert_managers() {
        let cluster = sample::cluster(
            "
certificates:
  issuers:
    home: { ca: {} }
    corp: { existing: { kind: ClusterIssuer, name: corp } }
    web: { acme: { email: a@b.c, server: staging, http01: {} } }
    dns: { acme: { email: a@b.c, server: 'https://ca/dir', caBundle: \"-----BEGIN CERTIFICATE-----\\nAAAA\\n-----END CERTIFICATE-----\", dns01: { cloudflare: { apiToken: { secret: cf, key: t } } } } }",
        );
        let facts = Facts::of(&cluster);
        let plans = plan::issuers::plan(&cluster);
        let objects: Vec<_> = plans.values().flat_map(|plan| objects(&facts, plan)).collect();
        let files: Vec<_> = objects.iter().map(|object| object.file.as_str()).collect();
        assert_eq!(
            files,
            [
                "issuer-dns.yaml",
                "issuer-home.self-signed.yaml",
                "certificate-home-ca.yaml",
                "issuer-home.yaml",
                "issuer-web.staging.yaml",
            ]
        );
        let check = |index: usize, expect: Value| assert_eq!(objects[index].object.json()["spec"], expect, "{index}");
        let acme = |account: &str, server: &str, solver: Value| json!({ "acme": { "email": "a@b.c", "privateKeySecretRef": { "name": account }, "server": server, "solvers": [solver] } });
        let token = json!({ "apiTokenSecretRef": { "key": "t", "name": "cf" } });
        let mut own = acme("dns-account", "https://ca/dir", json!({ "dns01": { "cloudflare": token } }));
        own["acme"]["caBundle"] =
            STANDARD.encode("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----").into();
        check(0, own);
        check(1, json!({ "selfSigned": {} }));
        check(3, json!({ "ca": { "secretName": "home-ca" } }));
        let http = json!({ "http01": { "ingress": { "ingressClassName": "none", "serviceType": "ClusterIP" } } });
        check(4, acme("web.staging-account", "https://acme-staging-v02.api.letsencrypt.org/directory", http));
    }
}
