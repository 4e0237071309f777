//! The `.prov` of an archive: what is signed in, its text out; and back, checked against the archive and a keyring.
//!
//! ```text
//! -----BEGIN PGP SIGNED MESSAGE-----     OpenPGP, cleartext
//! apiVersion: v2                         the fields of `Chart.yaml` that Helm knows
//! ...
//! files:
//!   homelab-1.0.0.tgz: sha256:6cc3...    the name under which the archive must lie, and its digest
//! -----BEGIN PGP SIGNATURE-----
//! ```
//!
//! Helm looks at `files` alone (Helm `pkg/provenance/sign.go`); here the fields must be those of the archive too.

mod keyring;
mod signing;
mod text;

pub use keyring::KEYRING_LIMIT;
pub use keyring::Keyring;
pub use keyring::KeyringError;
pub use signing::Signer;
pub use signing::SignerError;
pub use text::SignedText;

use pgp::composed::CleartextSignedMessage;
use serde_json::Value;
use serde_json::json;

use crate::helm::ChartYaml;
use crate::helm::index::read_yaml;
use crate::yaml;

/// Bytes of a `.prov`: a chart's metadata and a signature.
pub const PROVENANCE_LIMIT: u64 = 1 << 20;

/// What stands between the metadata and the files: `---` would be taken for the armour of OpenPGP.
const SEPARATOR: &str = "\n...\n";

/// A `.prov` as it was read; nothing of it is believed before a keyring knows the signature.
pub struct Provenance {
    message: CleartextSignedMessage,
    metadata: Value,
    files: Value,
}

/// Why a `.prov` says nothing for an archive.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProvenanceError {
    #[error("expected an OpenPGP message with a cleartext signature: {0}")]
    Message(String),
    #[error("expected the metadata of a chart, a line with `...`, and `files` with their digests")]
    Parts,
    #[error("it is about {named}, not about `{file}`: an archive and its `.prov` keep their names")]
    OtherFile { named: String, file: String },
    #[error("it says {said} for `{file}`, the archive has sha256:{found}: one of the two was changed")]
    OtherBytes { file: String, said: String, found: String },
    #[error("`{0}` in it is not that of the archive's `Chart.yaml`")]
    OtherChart(String),
}

/// What a person signs of an archive.
pub fn statement(chart: &ChartYaml, file: &str, digest: &str) -> String {
    let mut fields = chart.fields().clone();
    fields.sort_keys();
    let metadata = yaml::write_json(&Value::Object(fields));
    let files = yaml::write_json(&json!({ "files": { file: format!("sha256:{digest}") } }));
    let text = format!("{metadata}{SEPARATOR}{files}");
    // Readers take away what stands at the ends of lines before they verify (RFC 9580, 7.2).
    text.lines().map(|line| line.trim_end().to_owned() + "\n").collect()
}

impl Provenance {
    pub fn read(bytes: &[u8]) -> Result<Self, ProvenanceError> {
        let (message, _) = CleartextSignedMessage::from_armor(bytes)
            .map_err(|error| ProvenanceError::Message(first_line(&error.to_string())))?;
        let text = message.signed_text().replace("\r\n", "\n");
        let (metadata, files) = text.split_once(SEPARATOR).ok_or(ProvenanceError::Parts)?;
        let part = |text: &str| read_yaml(text.as_bytes().to_vec()).map_err(|_| ProvenanceError::Parts);
        let (metadata, mut files) = (part(metadata)?, part(files)?);
        let files = files.get_mut("files").map(Value::take).filter(Value::is_object).ok_or(ProvenanceError::Parts)?;
        Ok(Self { message, metadata, files })
    }

    /// Whether it speaks of this archive. `file` is its name without folders, `digest` its SHA-256.
    pub fn is_of(&self, chart: &ChartYaml, file: &str, digest: &str) -> Result<(), ProvenanceError> {
        let Some(said) = self.files.get(file).and_then(Value::as_str) else {
            let names: Vec<String> =
                self.files.as_object().into_iter().flatten().map(|(name, _)| format!("`{name}`")).collect();
            return Err(ProvenanceError::OtherFile { named: names.join(", "), file: file.to_owned() });
        };
        if said != format!("sha256:{digest}") {
            let (file, said, found) = (file.to_owned(), said.to_owned(), digest.to_owned());
            return Err(ProvenanceError::OtherBytes { file, said, found });
        }
        for (key, text) in [("name", &chart.name), ("version", &chart.version)] {
            if self.metadata.get(key).and_then(crate::helm::index::go_text).as_ref() != Some(text) {
                return Err(ProvenanceError::OtherChart(key.to_owned()));
            }
        }
        Ok(())
    }

    /// Who of the keyring has signed it.
    pub fn signed_by(&self, keyring: &Keyring) -> Result<String, KeyringError> {
        keyring.verify(&self.message)
    }
}

/// Errors of OpenPGP may go on with a trace.
fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().to_owned()
}
