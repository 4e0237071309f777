//! The signature of a bundle's sums, and with them of every byte inside: the head in, who has signed it out.

use crate::bundle::error::BundleError;
use crate::bundle::error::unsound;
use crate::bundle::layout;
use crate::bundle::read::Head;
use crate::helm::Keyring;
use crate::helm::SignedText;

/// What is signed; `None` when nobody has. An error says that it is something else than the sums.
pub fn signature(head: &Head) -> Result<Option<SignedText>, BundleError> {
    let Some(bytes) = &head.signature else { return Ok(None) };
    let wrong = |reason: String| BundleError::Unsound(format!("`{}`: {reason}", layout::SIGNATURE));
    let signed = SignedText::read(bytes).map_err(|error| wrong(error.to_string()))?;
    match signed.text().trim_end().as_bytes() == head.sums.trim_ascii_end() {
        true => Ok(Some(signed)),
        false => Err(wrong(format!("it is the signature of something else than `{}`", layout::SUMS))),
    }
}

/// Who of the keyring has signed a bundle; it is not sound when nobody of them has.
pub fn signed_by(head: &Head, keyring: &Keyring) -> Result<String, BundleError> {
    match signature(head)? {
        None => unsound("it is not signed"),
        Some(signed) => {
            signed.signed_by(keyring).map_err(|error| BundleError::Unsound(format!("`{}`: {error}", layout::SIGNATURE)))
        }
    }
}
