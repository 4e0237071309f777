//! An image reference with everything said: registry, repository, tag, perhaps a digest.

use std::fmt;
use std::str::FromStr;

use crate::oci::Digest;

/// `REGISTRY/REPOSITORY:TAG[@sha256:DIGEST]` (distribution's reference grammar, `reference/regexp.go`).
/// A reference without a registry is Docker Hub's: `nginx:1` is `docker.io/library/nginx:1`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ImageReference {
    pub registry: String,
    pub repository: String,
    /// The tag, with `@sha256:...` behind it when a digest is given.
    pub tag: String,
}

/// Why a text is no usable reference.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReferenceError {
    #[error("expected `REGISTRY/REPOSITORY:TAG`, found an empty text")]
    Empty,
    #[error("no tag: an image without one is `latest`, which changes by itself")]
    NoTag,
    #[error("`{0}` is no registry, which is a host with an optional port")]
    Registry(String),
    #[error("`{0}` is no repository: lower-case letters, digits, `.`, `_`, `-` between slashes")]
    Repository(String),
    #[error("`{0}` is no tag: at most 128 letters, digits, `_`, `.` and `-`")]
    Tag(String),
    #[error("`{0}` is no digest: `sha256:` and 64 lower-case hexadecimal digits")]
    Digest(String),
}

impl ImageReference {
    /// Tag and digest apart.
    pub fn tag_and_digest(&self) -> (&str, Option<Digest>) {
        match self.tag.split_once('@') {
            Some((tag, digest)) => (tag, digest.parse().ok()),
            None => (&self.tag, None),
        }
    }
}

impl FromStr for ImageReference {
    type Err = ReferenceError;

    fn from_str(text: &str) -> Result<Self, ReferenceError> {
        if text.is_empty() {
            return Err(ReferenceError::Empty);
        }
        let (name, digest) = match text.split_once('@') {
            Some((name, digest)) => (name, Some(digest)),
            None => (text, None),
        };
        let (name, tag) = match name.rsplit_once(':') {
            Some((name, tag)) if !tag.contains('/') => (name, Some(tag)),
            _ => (name, None),
        };
        let (registry, repository) = match name.split_once('/') {
            Some((host, rest)) if host.contains(['.', ':']) || host == "localhost" => (host, rest.to_owned()),
            Some(_) => ("docker.io", name.to_owned()),
            None => ("docker.io", format!("library/{name}")),
        };
        if !is_registry(registry) {
            return Err(ReferenceError::Registry(registry.to_owned()));
        }
        if !repository.split('/').all(is_component) || repository.len() > 255 {
            return Err(ReferenceError::Repository(repository));
        }
        let tag = tag.ok_or(ReferenceError::NoTag)?;
        if !is_tag(tag) {
            return Err(ReferenceError::Tag(tag.to_owned()));
        }
        let tag = match digest {
            Some(digest) if digest.parse::<Digest>().is_err() => return Err(ReferenceError::Digest(digest.to_owned())),
            Some(digest) => format!("{tag}@{digest}"),
            None => tag.to_owned(),
        };
        Ok(Self { registry: registry.to_owned(), repository, tag })
    }
}

impl fmt::Display for ImageReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}:{}", self.registry, self.repository, self.tag)
    }
}

/// A host with an optional port.
pub fn is_registry(text: &str) -> bool {
    let (host, port) = text.split_once(':').unwrap_or((text, "0"));
    !port.is_empty()
        && port.bytes().all(|byte| byte.is_ascii_digit())
        && host.split('.').all(|part| {
            let bytes = part.as_bytes();
            part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
                && bytes.first().is_some_and(u8::is_ascii_alphanumeric)
                && bytes.last().is_some_and(u8::is_ascii_alphanumeric)
        })
}

/// One part of a repository's path: `[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*`.
pub fn is_component(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let bytes = text.as_bytes();
    bytes.first().copied().is_some_and(allowed)
        && bytes.last().copied().is_some_and(allowed)
        && text
            .split(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit())
            .all(|separator| matches!(separator, "" | "." | "_" | "__") || separator.bytes().all(|byte| byte == b'-'))
}

pub fn is_tag(text: &str) -> bool {
    (1..=128).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-'))
        && !text.starts_with(['.', '-'])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: Result<&str, ReferenceError>) {
        assert_eq!(text.parse::<ImageReference>().map(|found| found.to_string()), expect.map(str::to_owned), "{text}");
    }

    #[test]
    fn references_are_completed() {
        check("nginx:1", Ok("docker.io/library/nginx:1"));
        check("gitea/gitea:1.24.0-rootless", Ok("docker.io/gitea/gitea:1.24.0-rootless"));
        check("localhost:5000/a/b__c:v1", Ok("localhost:5000/a/b__c:v1"));
        let digest = format!("ghcr.io/a/b:1@sha256:{}", "0".repeat(64));
        check(&digest, Ok(digest.as_str()));
    }

    #[test]
    fn wrong_references_say_why() {
        check("", Err(ReferenceError::Empty));
        check("docker.io/a/b", Err(ReferenceError::NoTag));
        check("docker.io:5000/a", Err(ReferenceError::NoTag));
        check("docker.io/A:1", Err(ReferenceError::Repository("A".into())));
        check("docker.io/a:-1", Err(ReferenceError::Tag("-1".into())));
        check("a:1@sha256:12", Err(ReferenceError::Digest("sha256:12".into())));
        check("a//b:1", Err(ReferenceError::Repository("a//b".into())));
    }
}
