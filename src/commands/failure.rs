//! Why a verb could not be done, beside findings: each with its exit code.

use std::io;

use crate::registry::PullError;
use crate::registry::Reason;
use crate::registry::RegistryError;

/// What stopped a verb.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    #[error("error: {0}")]
    InputOutput(#[from] io::Error),
    #[error("error: {0}")]
    Network(String),
    /// What was asked for does not exist.
    #[error("error: {0}")]
    Usage(String),
    #[error(
        "error: {0}\nthis is a bug of helm ha: please report it with the output of `helm ha version` and the values files (no Secret is in them)"
    )]
    Bug(String),
}

impl Failure {
    /// The codes of sysexits.h.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Usage(_) => 64,
            Self::Network(_) => 69,
            Self::Bug(_) => 70,
            Self::InputOutput(_) => 74,
        }
    }
}

impl From<RegistryError> for Failure {
    fn from(error: RegistryError) -> Self {
        match error.reason {
            Reason::File(error) => Self::InputOutput(error),
            _ => Self::Network(error.to_string()),
        }
    }
}

impl From<PullError> for Failure {
    fn from(error: PullError) -> Self {
        match error {
            PullError::Cache(error) => Self::InputOutput(error),
            PullError::Registry { error, .. } if matches!(error.reason, Reason::File(_)) => Self::from(*error),
            error => Self::Network(error.to_string()),
        }
    }
}

impl From<crate::pipeline::Bug> for Failure {
    fn from(bug: crate::pipeline::Bug) -> Self {
        Self::Bug(bug.to_string())
    }
}
