//! How registries are spoken to, in Helm's words. Logins are never here: `helm registry login` keeps them.

use std::path::PathBuf;

use clap::Args;

/// What every verb that speaks to registries takes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Args)]
pub struct Registries {
    /// Certificates (PEM) of authorities that registries are believed by, besides those of the system
    #[arg(long, value_name = "FILE")]
    pub ca_file: Option<PathBuf>,
    /// The certificate (PEM) that shows a registry who you are
    #[arg(long, value_name = "FILE", requires = "key_file")]
    pub cert_file: Option<PathBuf>,
    /// The key (PEM) of that certificate
    #[arg(long, value_name = "FILE", requires = "cert_file")]
    pub key_file: Option<PathBuf>,
    /// Believe any registry, whatever its certificate says
    #[arg(long)]
    pub insecure_skip_tls_verify: bool,
    /// Speak to registries without encryption
    #[arg(long)]
    pub plain_http: bool,
}

/// Where images are read from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Args)]
pub struct Mirrors {
    /// Mirrors, rewrites, logins and certificates, in the form of K3s' `registries.yaml`
    #[arg(long, value_name = "FILE")]
    pub registries: Option<PathBuf>,
}

impl Registries {
    /// Whether anything is said.
    pub fn is_said(&self) -> bool {
        *self != Self::default()
    }
}
