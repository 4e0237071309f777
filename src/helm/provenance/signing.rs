//! A key of a keyring and a text in, the text with its signature out.

use pgp::composed::ArmorOptions;
use pgp::composed::CleartextSignedMessage;
use pgp::composed::SignedSecretKey;
use pgp::composed::SignedSecretSubKey;
use pgp::crypto::hash::HashAlgorithm;
use pgp::crypto::public_key::PublicKeyAlgorithm;
use pgp::packet::SignatureConfig;
use pgp::packet::SignatureType;
use pgp::packet::Subpacket;
use pgp::packet::SubpacketData;
use pgp::types::KeyDetails;
use pgp::types::Password;
use pgp::types::SigningKey;
use pgp::types::Timestamp;

use crate::helm::provenance::Keyring;
use crate::helm::provenance::keyring::name;
use crate::helm::provenance::keyring::primary_standing;
use crate::helm::provenance::keyring::primary_validity;
use crate::helm::provenance::keyring::subkey_standing;

/// A key that signs.
pub struct Signer<'a> {
    key: &'a SignedSecretKey,
    /// What signs instead of the primary key.
    subkey: Option<&'a SignedSecretSubKey>,
    pub name: String,
    time: u32,
}

/// Why nothing can be signed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignerError {
    #[error("there is no secret key in it\nhint: `gpg --export-secret-keys NAME > secret.gpg`")]
    OnlyPublic,
    #[error("no key in it is called `{name}`; there are: {}", .names.join(", "))]
    Unknown { name: String, names: Vec<String> },
    #[error("several keys in it are called `{name}`: {}", .names.join(", "))]
    Vague { name: String, names: Vec<String> },
    #[error("it holds several keys: {}\nhint: name one with `--key`", .0.join(", "))]
    Several(Vec<String>),
    #[error("the key {0} cannot be used: {1}")]
    Invalid(String, &'static str),
    #[error("the passphrase of {0} is another one")]
    Passphrase(String),
    #[error("the key {0} cannot sign: {1}")]
    Failed(String, String),
}

impl<'a> Signer<'a> {
    /// The secret key of this name, as Helm finds it (the whole name, else a part of one name only), or by the end of its
    /// fingerprint; without a name the only one. `seconds` since 1970: when it signs, but not before the key was made.
    pub fn find(keyring: &'a Keyring, named: Option<&str>, seconds: u64) -> Result<Self, SignerError> {
        let keys: Vec<&SignedSecretKey> = keyring.secret_keys().collect();
        let names = |keys: &[&SignedSecretKey]| keys.iter().map(|key| name(&key.details, &key.primary_key)).collect();
        let key = match (named, keys.as_slice()) {
            (_, []) => return Err(SignerError::OnlyPublic),
            (None, [key]) => key,
            (None, keys) => return Err(SignerError::Several(names(keys))),
            (Some(named), keys) => {
                let named = named.to_owned();
                match called(keys, &named).as_slice() {
                    [] => return Err(SignerError::Unknown { name: named, names: names(keys) }),
                    [key] => *key,
                    several => return Err(SignerError::Vague { name: named, names: names(several) }),
                }
            }
        };
        Self::of(key, seconds)
    }

    fn of(key: &'a SignedSecretKey, seconds: u64) -> Result<Self, SignerError> {
        let name = name(&key.details, &key.primary_key);
        let public = key.primary_key.public_key();
        let at = |created: u32| u32::try_from(seconds).unwrap_or(u32::MAX).max(created);
        let created = key.primary_key.created_at().as_secs();
        let wrong = |reason| SignerError::Invalid(name.clone(), reason);
        primary_validity(&key.details, public, at(created)).map_err(wrong)?;
        let primary = primary_standing(&key.details, public, at(created));
        if primary.is_ok() {
            return Ok(Self { key, subkey: None, time: at(created), name });
        }
        let usable = |subkey: &&SignedSecretSubKey| {
            let created = subkey.key.created_at().as_secs();
            subkey.verify_bindings(public).is_ok() && subkey_standing(&subkey.signatures, created, at(created)).is_ok()
        };
        match (key.secret_subkeys.iter().find(usable), primary) {
            (Some(subkey), _) => {
                Ok(Self { key, subkey: Some(subkey), time: at(subkey.key.created_at().as_secs()), name })
            }
            (None, primary) => Err(wrong(primary.err().unwrap_or("this key may not sign"))),
        }
    }

    /// Whether it needs a passphrase.
    pub fn is_locked(&self) -> bool {
        match self.subkey {
            Some(subkey) => subkey.key.secret_params().is_encrypted(),
            None => self.key.primary_key.secret_params().is_encrypted(),
        }
    }

    /// Whether Helm up to 3.21.3 cannot read a keyring with it.
    pub fn is_new_to_helm(&self) -> bool {
        let algorithm = self.subkey.map_or_else(|| self.key.primary_key.algorithm(), |subkey| subkey.key.algorithm());
        !matches!(algorithm, PublicKeyAlgorithm::RSA | PublicKeyAlgorithm::ECDSA)
    }

    /// The text with a signature in OpenPGP's cleartext form. The same input gives the same bytes.
    pub fn sign(&self, text: &str, passphrase: &str) -> Result<String, SignerError> {
        match self.subkey {
            Some(subkey) => self.sign_with(&subkey.key, text, passphrase),
            None => self.sign_with(&self.key.primary_key, text, passphrase),
        }
    }

    fn sign_with(&self, key: &impl SigningKey, text: &str, passphrase: &str) -> Result<String, SignerError> {
        let signed = || -> pgp::errors::Result<String> {
            let mut config = SignatureConfig::v4(SignatureType::Text, key.algorithm(), HashAlgorithm::Sha512);
            config.hashed_subpackets = vec![
                Subpacket::regular(SubpacketData::SignatureCreationTime(Timestamp::from_secs(self.time)))?,
                Subpacket::regular(SubpacketData::IssuerFingerprint(key.fingerprint()))?,
            ];
            config.unhashed_subpackets = vec![Subpacket::regular(SubpacketData::IssuerKeyId(key.legacy_key_id()))?];
            let message = CleartextSignedMessage::new(text, config, key, &Password::from(passphrase))?;
            message.to_armored_string(ArmorOptions::default())
        };
        signed().map_err(|error| match self.is_locked() {
            true => SignerError::Passphrase(self.name.clone()),
            false => SignerError::Failed(self.name.clone(), super::first_line(&error.to_string())),
        })
    }
}

fn called<'a>(keys: &[&'a SignedSecretKey], named: &str) -> Vec<&'a SignedSecretKey> {
    let any = |test: &dyn Fn(&str) -> bool| -> Vec<&'a SignedSecretKey> {
        let is_called =
            |key: &&&SignedSecretKey| key.details.users.iter().any(|user| test(&String::from_utf8_lossy(user.id.id())));
        keys.iter().filter(is_called).copied().collect()
    };
    let exact = any(&|user| user == named);
    let parts = if exact.is_empty() { any(&|user| user.contains(named)) } else { exact };
    let digits = named.trim_start_matches("0x").to_ascii_lowercase();
    if !parts.is_empty() || digits.len() < 8 || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return parts;
    }
    let ends = |key: &&&SignedSecretKey| format!("{:x}", key.primary_key.fingerprint()).ends_with(&digits);
    keys.iter().filter(ends).copied().collect()
}
