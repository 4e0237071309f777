//! Why a verb could not be done, beside findings: each with its exit code.

use std::io;

/// What stopped a verb.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    #[error("error: {0}")]
    InputOutput(#[from] io::Error),
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
            Self::Bug(_) => 70,
            Self::InputOutput(_) => 74,
        }
    }
}

impl From<crate::pipeline::Bug> for Failure {
    fn from(bug: crate::pipeline::Bug) -> Self {
        Self::Bug(bug.to_string())
    }
}
