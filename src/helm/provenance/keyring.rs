//! A file of OpenPGP keys in; which of them may sign, and whose a signature is, out.
//!
//! Binary as `gpg --export` writes it, or armoured, also several armoured blocks one after another.

use pgp::composed::CleartextSignedMessage;
use pgp::composed::PublicOrSecret;
use pgp::composed::SignedKeyDetails;
use pgp::composed::SignedPublicKey;
use pgp::composed::SignedSecretKey;
use pgp::crypto::hash::HashAlgorithm;
use pgp::packet::Signature;
use pgp::packet::SignatureType;
use pgp::types::KeyDetails;
use pgp::types::Tag;
use pgp::types::VerifyingKey;

/// Bytes of a keyring that is read.
pub const KEYRING_LIMIT: u64 = 64 << 20;

const ARMOUR: &str = "-----BEGIN PGP ";

/// Public keys, secret keys, or both.
pub struct Keyring {
    keys: Vec<PublicOrSecret>,
}

/// Why a keyring does not help.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyringError {
    #[error(
        "this is GnuPG's keybox, which only GnuPG reads\nhint: `gpg --export > keyring.gpg` for public keys, `gpg --export-secret-keys > secret.gpg` to sign"
    )]
    Keybox,
    #[error("expected OpenPGP keys, binary or armoured: {0}")]
    Format(String),
    #[error("no key in it that has signed this: the signature is of the key {0}")]
    Stranger(String),
    #[error("the signature of {0} is not of this text: it was changed after it was signed")]
    Broken(String),
    #[error("the signature of {0} does not count: {1}")]
    Invalid(String, &'static str),
}

impl Keyring {
    pub fn read(bytes: &[u8]) -> Result<Self, KeyringError> {
        if bytes.get(8..12) == Some(b"KBXf") {
            return Err(KeyringError::Keybox);
        }
        let text = std::str::from_utf8(bytes).ok().filter(|text| text.contains(ARMOUR));
        let starts: Vec<usize> =
            text.map(|text| text.match_indices(ARMOUR).map(|(at, _)| at).collect()).unwrap_or_default();
        let ends = starts.iter().skip(1).copied().chain([bytes.len()]);
        let mut blocks: Vec<&[u8]> =
            starts.iter().zip(ends).filter_map(|(start, end)| bytes.get(*start..end)).collect();
        if blocks.is_empty() {
            blocks.push(bytes);
        }
        let (mut keys, mut error) = (Vec::new(), None);
        for block in blocks {
            match PublicOrSecret::from_reader_many(block) {
                Ok((found, _)) => found.for_each(|key| match key {
                    Ok(key) => keys.push(key),
                    // A key of a kind that is not known yet is nobody's fault as long as others are.
                    Err(reason) => error = Some(reason.to_string()),
                }),
                Err(reason) => error = Some(reason.to_string()),
            }
        }
        if keys.is_empty() {
            let reason = error.unwrap_or_else(|| "there is none".to_owned());
            return Err(KeyringError::Format(super::first_line(&reason)));
        }
        Ok(Self { keys })
    }

    /// The keys that can sign if their passphrase is known.
    pub fn secret_keys(&self) -> impl Iterator<Item = &SignedSecretKey> {
        self.keys.iter().filter_map(|key| match key {
            PublicOrSecret::Secret(key) => Some(key),
            PublicOrSecret::Public(_) => None,
        })
    }

    /// The name of the key that has signed the message.
    pub fn verify(&self, message: &CleartextSignedMessage) -> Result<String, KeyringError> {
        let text = message.signed_text();
        let mut found = None;
        for signature in message.signatures() {
            for key in &self.keys {
                let public = match key {
                    PublicOrSecret::Public(key) => key.clone(),
                    PublicOrSecret::Secret(key) => key.to_public_key(),
                };
                match verify_with(&public, signature, text.as_bytes()) {
                    None => {}
                    Some(Ok(())) => return Ok(name(&public.details, &public.primary_key)),
                    Some(Err(error)) => found = Some(error),
                }
            }
        }
        let ids = message.signatures().iter().flat_map(|signature| signature.issuer_key_id());
        let ids: Vec<String> = ids.map(hex::encode_upper).collect();
        Err(found.unwrap_or_else(|| KeyringError::Stranger(ids.join(", "))))
    }
}

/// `None` when the signature is not of this key.
fn verify_with(key: &SignedPublicKey, signature: &Signature, text: &[u8]) -> Option<Result<(), KeyringError>> {
    let who = || name(&key.details, &key.primary_key);
    let made = signature.created().map_or(0, pgp::types::Timestamp::as_secs);
    let weak = !matches!(
        signature.hash_alg(),
        Some(
            HashAlgorithm::Sha256
                | HashAlgorithm::Sha384
                | HashAlgorithm::Sha512
                | HashAlgorithm::Sha3_256
                | HashAlgorithm::Sha3_512
        )
    );
    let outcome = |is_of_text: bool, standing: Result<(), &'static str>| match (is_of_text, standing) {
        (false, _) => Err(KeyringError::Broken(who())),
        (true, _) if weak => Err(KeyringError::Invalid(who(), "its hash is too weak")),
        (true, Err(reason)) => Err(KeyringError::Invalid(who(), reason)),
        (true, Ok(())) => Ok(()),
    };
    if is_issuer(&key.primary_key, signature) {
        let standing = primary_standing(&key.details, &key.primary_key, made);
        return Some(outcome(signature.verify(&key.primary_key, text).is_ok(), standing));
    }
    let subkey = key.public_subkeys.iter().find(|subkey| is_issuer(&subkey.key, signature))?;
    let bound = subkey.verify_bindings(&key.primary_key).is_ok();
    let standing = match primary_validity(&key.details, &key.primary_key, made) {
        Err(reason) => Err(reason),
        Ok(()) if !bound => Err("its subkey does not belong to it"),
        Ok(()) => subkey_standing(&subkey.signatures, subkey.key.created_at().as_secs(), made),
    };
    Some(outcome(signature.verify(&subkey.key, text).is_ok(), standing))
}

fn is_issuer(key: &impl KeyDetails, signature: &Signature) -> bool {
    signature.issuer_fingerprint().contains(&&key.fingerprint())
        || signature.issuer_key_id().contains(&&key.legacy_key_id())
}

/// What a key is called: its first user, else its fingerprint.
pub fn name(details: &SignedKeyDetails, key: &impl KeyDetails) -> String {
    let user = details.users.first().map(|user| String::from_utf8_lossy(user.id.id()).into_owned());
    user.unwrap_or_else(|| format!("{:x}", key.fingerprint()))
}

/// Whether the primary key may sign at a time, in seconds since 1970.
pub fn primary_standing<K>(details: &SignedKeyDetails, key: &K, time: u32) -> Result<(), &'static str>
where
    K: VerifyingKey + pgp::ser::Serialize,
{
    primary_validity(details, key, time)?;
    match newest(&own_signatures(details, key)) {
        Some(signature) if !may_sign(signature) => Err("this key may not sign"),
        _ => Ok(()),
    }
}

/// Whether the primary key is in force at a time.
pub fn primary_validity<K>(details: &SignedKeyDetails, key: &K, time: u32) -> Result<(), &'static str>
where
    K: VerifyingKey + pgp::ser::Serialize,
{
    if details.revocation_signatures.iter().any(|signature| signature.verify_key(key).is_ok()) {
        return Err("the key was revoked");
    }
    let own = own_signatures(details, key);
    let signature = newest(&own).ok_or("nobody vouches for the key, not even itself")?;
    is_in_force(signature, key.created_at().as_secs(), time)
}

/// Whether a subkey may sign at a time, by its binding signatures.
pub fn subkey_standing(signatures: &[Signature], created: u32, time: u32) -> Result<(), &'static str> {
    if signatures.iter().any(|signature| signature.typ() == Some(SignatureType::SubkeyRevocation)) {
        return Err("the subkey was revoked");
    }
    let signature = newest(&signatures.iter().collect::<Vec<_>>()).ok_or("its subkey does not belong to it")?;
    if !signature.key_flags().sign() {
        return Err("its subkey may not sign");
    }
    is_in_force(signature, created, time)
}

fn is_in_force(signature: &Signature, created: u32, time: u32) -> Result<(), &'static str> {
    let expired = signature.key_expiration_time().map(|life| life.as_secs()).filter(|life| *life > 0);
    match expired {
        _ if time < created => Err("it is older than the key"),
        Some(life) if time >= created.saturating_add(life) => Err("the key has expired"),
        _ => Ok(()),
    }
}

/// Without any flag a key may do everything.
fn may_sign(signature: &Signature) -> bool {
    let flags = signature.key_flags();
    flags.sign() || !(flags.certify() || flags.encrypt_comms() || flags.encrypt_storage() || flags.authentication())
}

/// What the key says of itself.
fn own_signatures<'a, K>(details: &'a SignedKeyDetails, key: &K) -> Vec<&'a Signature>
where
    K: VerifyingKey + pgp::ser::Serialize,
{
    let of_users = details.users.iter().flat_map(|user| {
        let is_own = |signature: &&Signature| signature.verify_certification(key, Tag::UserId, &user.id).is_ok();
        user.signatures.iter().filter(is_own)
    });
    let direct = details.direct_signatures.iter().filter(|signature| signature.verify_key(key).is_ok());
    of_users.chain(direct).collect()
}

fn newest<'a>(signatures: &[&'a Signature]) -> Option<&'a Signature> {
    signatures.iter().copied().max_by_key(|signature| signature.created().map_or(0, pgp::types::Timestamp::as_secs))
}
