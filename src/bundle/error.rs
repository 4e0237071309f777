//! Why a bundle cannot be made, read or put in place.

use std::io;

/// What went wrong.
#[derive(Debug, thiserror::Error)]
pub enum BundleError {
    /// A file could not be read or written.
    #[error("{0}")]
    InputOutput(io::Error),
    /// The bundle is not what it should be, and why.
    #[error("{0}")]
    Unsound(String),
    /// What was asked for cannot be done with these images.
    #[error("{0}")]
    Impossible(String),
}

impl From<io::Error> for BundleError {
    fn from(error: io::Error) -> Self {
        Self::InputOutput(error)
    }
}

/// The bundle is not what it should be.
pub fn unsound<T>(reason: impl Into<String>) -> Result<T, BundleError> {
    Err(BundleError::Unsound(reason.into()))
}

/// Data that ends too early or cannot be unpacked is the bundle's fault, everything else the machine's.
pub fn damaged(error: io::Error) -> BundleError {
    match error.kind() {
        io::ErrorKind::InvalidData => BundleError::Unsound(error.to_string()),
        io::ErrorKind::UnexpectedEof => BundleError::Unsound("it ends too early: it was cut off".to_owned()),
        _ => BundleError::InputOutput(error),
    }
}
