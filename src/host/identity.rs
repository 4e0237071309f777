//! The certificate and key by which we show who we are: PEM in, what the TLS library takes out.

use std::io;

use rustls::crypto::ring::default_provider;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::pem::PemObject;
use rustls::sign::CertifiedKey;
use ureq::tls::Certificate;
use ureq::tls::ClientCert;
use ureq::tls::PrivateKey;

use crate::machine::Identity;

/// Fails unless the key is one of a kind that is known, and that of the certificate.
pub(super) fn identity(identity: &Identity) -> io::Result<ClientCert> {
    let wrong = |what: &str, error: &dyn std::fmt::Display| {
        io::Error::new(io::ErrorKind::InvalidInput, format!("{what} of the client cannot be used: {error}"))
    };
    let chain = CertificateDer::pem_slice_iter(&identity.certificates).collect::<Result<Vec<_>, _>>();
    let chain = chain.map_err(|error| wrong("the certificate", &error))?;
    if chain.is_empty() {
        return Err(wrong("the certificate", &"expected one (PEM), found none"));
    }
    let key = PrivateKeyDer::from_pem_slice(&identity.key).map_err(|error| wrong("the key", &error))?;
    // The HTTP library believes that they fit.
    CertifiedKey::from_der(chain.clone(), key, &default_provider())
        .map_err(|error| wrong("certificate or key", &error))?;
    let chain: Vec<Certificate<'static>> =
        chain.iter().map(|certificate| Certificate::from_der(certificate).to_owned()).collect();
    let key = PrivateKey::from_pem(&identity.key).map_err(|error| wrong("the key", &error))?;
    Ok(ClientCert::new_with_certs(&chain, key))
}
