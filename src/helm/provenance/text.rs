//! Any text with a cleartext signature: its bytes in, the text out, and who has signed it.

use pgp::composed::ArmorOptions;
use pgp::composed::CleartextSignedMessage;

use crate::helm::Keyring;
use crate::helm::KeyringError;
use crate::helm::ProvenanceError;

/// A text as it was read; nothing of it is believed before a keyring knows the signature.
pub struct SignedText(CleartextSignedMessage);

impl SignedText {
    /// Reads it. What OpenPGP would also read, but nobody writes here, is refused: so no byte of it can be changed unseen.
    pub fn read(bytes: &[u8]) -> Result<Self, ProvenanceError> {
        let wrong = |error: pgp::errors::Error| ProvenanceError::Message(super::first_line(&error.to_string()));
        let (message, _) = CleartextSignedMessage::from_armor(bytes).map_err(wrong)?;
        let written = message.to_armored_string(ArmorOptions::default()).map_err(wrong)?;
        match written.as_bytes() == bytes {
            true => Ok(Self(message)),
            false => Err(ProvenanceError::Message("it is not as it is written here".to_owned())),
        }
    }

    /// The text, with the ends of lines that it had.
    pub fn text(&self) -> String {
        self.0.signed_text().replace("\r\n", "\n")
    }

    /// Who of the keyring has signed it.
    pub fn signed_by(&self, keyring: &Keyring) -> Result<String, KeyringError> {
        keyring.verify(&self.0)
    }
}
