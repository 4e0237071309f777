//! Manifests and indexes: the bytes that a registry serves in, their typed content out; and back.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::Serialize;

use crate::oci::Digest;
use crate::oci::Platform;
use crate::oci::media_type;

/// Bytes of a manifest or index: what registries accept themselves (distribution, `maxManifestBodySize`).
pub const MANIFEST_LIMIT: u64 = 4 << 20;
/// No honest image is of as many parts.
const MOST_PARTS: usize = 4096;

/// Names some bytes, with their length. The order of fields is that of Go's type, so that bytes agree.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Descriptor {
    #[serde(default)]
    pub media_type: String,
    pub digest: Digest,
    pub size: u64,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub urls: Vec<String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub annotations: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub platform: Option<Platform>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub artifact_type: Option<String>,
}

impl Descriptor {
    /// Of bytes at hand.
    pub fn of(media_type: &str, bytes: &[u8]) -> Self {
        Self {
            media_type: media_type.to_owned(),
            digest: Digest::of(bytes),
            size: bytes.len() as u64,
            urls: Vec::new(),
            annotations: BTreeMap::new(),
            platform: None,
            artifact_type: None,
        }
    }
}

/// An image of one platform, or another artifact: its configuration and layers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Manifest {
    pub schema_version: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub media_type: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub artifact_type: Option<String>,
    pub config: Descriptor,
    pub layers: Vec<Descriptor>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<Box<Descriptor>>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub annotations: BTreeMap<String, String>,
}

/// One image for several platforms.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Index {
    pub schema_version: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub media_type: Option<String>,
    pub manifests: Vec<Descriptor>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub annotations: BTreeMap<String, String>,
}

/// What a tag or digest names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Named {
    Manifest(Manifest),
    Index(Index),
}

/// Why bytes are neither.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ManifestError {
    #[error("expected a manifest of an image (JSON), found something else: {0}")]
    Format(String),
    #[error("expected a manifest with `schemaVersion: 2`, found {0}; the older ones name no content by its digest")]
    Version(u32),
    #[error("expected a manifest or an index, found `{0}`")]
    MediaType(String),
    #[error("found {0} parts in one manifest, more than any image has")]
    TooManyParts(usize),
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Outline {
    #[serde(default)]
    schema_version: u32,
    media_type: Option<String>,
    #[serde(default)]
    manifests: Option<serde::de::IgnoredAny>,
}

impl Named {
    /// What it says that it is, else OCI's own kind.
    pub fn media_type(&self) -> &str {
        match self {
            Self::Manifest(manifest) => manifest.media_type.as_deref().unwrap_or(media_type::MANIFEST),
            Self::Index(index) => index.media_type.as_deref().unwrap_or(media_type::INDEX),
        }
    }

    /// Reads what a registry served as `said` (its header `Content-Type`), or what lay in a folder (`None`). What the
    /// bytes say about themselves decides, as for every client.
    pub fn read(bytes: &[u8], said: Option<&str>) -> Result<Self, ManifestError> {
        let wrong = |error: serde_json::Error| ManifestError::Format(error.to_string());
        let outline: Outline = serde_json::from_slice(bytes).map_err(wrong)?;
        if outline.schema_version != 2 {
            return Err(ManifestError::Version(outline.schema_version));
        }
        let said = said.map(|said| said.split(';').next().unwrap_or(said).trim());
        let known = |kind: &&str| media_type::is_index(kind) || media_type::is_manifest(kind);
        let is_index = match (outline.media_type.as_deref(), said.filter(known)) {
            (Some(kind), _) | (None, Some(kind)) if media_type::is_index(kind) => true,
            (Some(kind), _) | (None, Some(kind)) if media_type::is_manifest(kind) => false,
            (Some(kind), _) => return Err(ManifestError::MediaType(kind.to_owned())),
            (None, _) => outline.manifests.is_some(),
        };
        let (named, parts) = if is_index {
            let index: Index = serde_json::from_slice(bytes).map_err(wrong)?;
            let parts = index.manifests.len();
            (Self::Index(index), parts)
        } else {
            let manifest: Manifest = serde_json::from_slice(bytes).map_err(wrong)?;
            let parts = manifest.layers.len();
            (Self::Manifest(manifest), parts)
        };
        if parts > MOST_PARTS { Err(ManifestError::TooManyParts(parts)) } else { Ok(named) }
    }
}

impl Manifest {
    /// An artifact of our own.
    pub fn new(config: Descriptor, layers: Vec<Descriptor>, annotations: BTreeMap<String, String>) -> Self {
        Self {
            schema_version: 2,
            media_type: Some(media_type::MANIFEST.to_owned()),
            artifact_type: None,
            config,
            layers,
            subject: None,
            annotations,
        }
    }

    /// Configuration and layers, in this order; without those that registries do not hold.
    pub fn blobs(&self) -> impl Iterator<Item = &Descriptor> {
        let layers = self.layers.iter().filter(|layer| !media_type::is_foreign(&layer.media_type));
        std::iter::once(&self.config).chain(layers)
    }

    /// The bytes, as Go writes them.
    pub fn to_json(&self) -> Vec<u8> {
        go_json(self)
    }
}

impl Index {
    /// The manifests of images for one of these platforms; attestations have the platform `unknown`.
    pub fn for_platform(&self, platform: &Platform) -> Option<&Descriptor> {
        let of = |descriptor: &&Descriptor| descriptor.platform.as_ref().is_some_and(|found| found.runs_on(platform));
        self.manifests.iter().find(of)
    }
}

/// Compact JSON with `<`, `>` and `&` escaped, as Go's `json.Marshal` writes it, so that digests agree.
pub fn go_json(value: &impl Serialize) -> Vec<u8> {
    // Structs of texts, numbers, lists and maps with text keys serialize: this cannot fail.
    let text = serde_json::to_string(value).unwrap_or_default();
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => escaped.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => escaped.push(c),
        }
    }
    escaped.into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    const DIGEST: &str = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    #[test]
    fn what_bytes_say_about_themselves_decides() {
        let check = |fields: &str, said: Option<&str>, expect: Result<&str, ManifestError>| {
            let text = format!("{{\"schemaVersion\":2,{fields}}}");
            let found = Named::read(text.as_bytes(), said).map(|named| match named {
                Named::Index(_) => "index",
                Named::Manifest(_) => "manifest",
            });
            assert_eq!(found, expect, "{text}");
        };
        let config = format!("\"config\":{{\"digest\":\"{DIGEST}\",\"size\":0}},\"layers\":[]");
        check("\"manifests\":[]", None, Ok("index"));
        check(&config, None, Ok("manifest"));
        check(&config, Some("application/vnd.oci.image.manifest.v1+json; charset=utf-8"), Ok("manifest"));
        check(
            &format!("\"mediaType\":\"{}\",{config}", media_type::DOCKER_MANIFEST),
            Some(media_type::INDEX),
            Ok("manifest"),
        );
        check("\"mediaType\":\"text/x\"", None, Err(ManifestError::MediaType("text/x".to_owned())));
        assert_eq!(Named::read(b"{\"schemaVersion\":1}", None), Err(ManifestError::Version(1)));
        assert!(matches!(Named::read(b"<html>", None), Err(ManifestError::Format(_))));
        assert!(matches!(Named::read(b"{\"schemaVersion\":2}", None), Err(ManifestError::Format(_))));
    }

    #[test]
    fn bytes_are_those_of_go() {
        let annotations = [("a".to_owned(), "1 < 2 & 3".to_owned())].into();
        let manifest = Manifest::new(Descriptor::of("x/y", b""), Vec::new(), annotations);
        let expect = format!(
            "{{\"schemaVersion\":2,\"mediaType\":\"application/vnd.oci.image.manifest.v1+json\",\"config\":{{\"mediaType\":\
             \"x/y\",\"digest\":\"{DIGEST}\",\"size\":0}},\"layers\":[],\"annotations\":{{\"a\":\"1 \\u003c 2 \\u0026 3\"}}}}"
        );
        assert_eq!(String::from_utf8(manifest.to_json()).unwrap(), expect);
    }
}
