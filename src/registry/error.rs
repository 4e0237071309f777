//! Why a registry did not do what it was asked: what was going on, where, and the reason with what helps.

use std::io;

use crate::oci::Digest;
use crate::oci::ManifestError;

/// `while reading `https://registry.example.com/v2/...`: REASON`.
#[derive(Debug, thiserror::Error)]
#[error("while {doing} `{url}`: {reason}")]
pub struct RegistryError {
    pub doing: &'static str,
    /// Without its query, which may hold a secret.
    pub url: String,
    pub reason: Reason,
}

/// What went wrong.
#[derive(Debug, thiserror::Error)]
pub enum Reason {
    #[error("{}", connection(.0))]
    Connection(io::Error),
    #[error("the registry answers with status {status}{}", after_colon(.said))]
    Status { status: u16, said: String },
    #[error("the registry answers with status 429, too many requests{}", asked(*.seconds))]
    TooMany { seconds: Option<u64> },
    #[error("there is nothing of this name")]
    NotFound,
    #[error("the registry wants a login, and none is known for `{host}`: run `helm registry login {host}`")]
    NoLogin { host: String },
    #[error(
        "the login for `{host}` is refused{}: run `helm registry login {host}` again, or ask for the right to do this",
        after_colon(.said)
    )]
    LoginRefused { host: String, said: String },
    #[error("{0}")]
    Credentials(String),
    #[error("expected {expected}, found {found}")]
    WrongDigest { expected: Digest, found: Digest },
    #[error("expected {expected} bytes, found {found}")]
    WrongSize { expected: u64, found: u64 },
    #[error("the answer has more than {0} bytes, which is more than expected here")]
    TooLarge(u64),
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    #[error("the registry speaks another language than the distribution specification: {0}")]
    Garbage(String),
    #[error("the registry leads to `{0}`, which is not encrypted")]
    Downgrade(String),
    #[error("the registry leads from one address to the next without an end")]
    TooManyRedirects,
    /// A file of the person's own, not the registry.
    #[error("{0}")]
    File(io::Error),
}

impl Reason {
    /// Whether the same request may be answered later.
    pub(super) fn may_pass(&self) -> bool {
        match self {
            Self::Connection(error) => !matches!(
                error.kind(),
                io::ErrorKind::InvalidData | io::ErrorKind::NotFound | io::ErrorKind::InvalidInput
            ),
            Self::Status { status, .. } => matches!(status, 408 | 500 | 502 | 503 | 504),
            Self::TooMany { .. } | Self::WrongSize { .. } => true,
            _ => false,
        }
    }
}

fn after_colon(said: &str) -> String {
    if said.is_empty() { String::new() } else { format!(": {said}") }
}

fn asked(seconds: Option<u64>) -> String {
    seconds.map_or_else(String::new, |seconds| format!(", and asks to wait for {seconds} s"))
}

fn connection(error: &io::Error) -> String {
    let text = error.to_string();
    let is_unknown = text.contains("UnknownIssuer") || text.contains("unknown issuer");
    match error.kind() {
        io::ErrorKind::InvalidData if is_unknown => {
            format!("{text}: nobody who is trusted here has signed the server's certificate; `--ca-file` names who has")
        }
        io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionAborted => {
            format!("the connection broke: {text}")
        }
        _ => text,
    }
}
