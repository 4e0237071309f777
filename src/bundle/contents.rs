//! `bundle.json`: what is inside, in the order of the file; typed content in, bytes out, and back.
//!
//! A reader knows from it where every byte of the bundle belongs before it reads on, so that nothing in the file can ask
//! for more than it says here.

use serde::Deserialize;
use serde::Serialize;

use crate::bundle::layout;
use crate::oci::Digest;
use crate::oci::ImageReference;
use crate::oci::Platform;
use crate::oci::is_tag;

/// The only format so far.
const FORMAT: u32 = 1;
/// Bytes of `bundle.json`: far beyond what thousands of images need.
pub const CONTENTS_LIMIT: u64 = 16 << 20;
/// Bytes of each file that is no blob.
pub const FILE_LIMIT: u64 = 128 << 20;
/// Bytes of one blob: no registry takes a larger one.
const BLOB_LIMIT: u64 = 1 << 40;

/// What is inside a bundle.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Contents {
    pub format: u32,
    pub chart: Chart,
    /// The platforms that every image is here for.
    #[serde(with = "texts")]
    pub platforms: Vec<Platform>,
    /// Sorted by name.
    pub images: Vec<Image>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub k3s: Option<K3s>,
    /// The digest of `SHA256SUMS` of the bundle that holds the blobs which are elsewhere.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<Digest>,
    /// The files that are no blobs, as they stand after the sums.
    pub files: Vec<File>,
    /// The blobs that follow, in their order.
    pub blobs: Vec<Blob>,
    /// The blobs that the older bundle has.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub elsewhere: Vec<Blob>,
}

/// The chart inside.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Chart {
    pub name: String,
    pub version: String,
}

/// One image.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Image {
    /// `REGISTRY/REPOSITORY:TAG`, and `@sha256:...` when the chart names it so.
    pub name: String,
    pub media_type: String,
    /// Of its index, or of its only manifest.
    pub digest: Digest,
    pub size: u64,
    /// Its manifests, one a platform.
    pub manifests: Vec<PlatformManifest>,
}

/// The image of one platform.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlatformManifest {
    #[serde(with = "text")]
    pub platform: Platform,
    pub digest: Digest,
}

/// What is known of K3s itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct K3s {
    pub version: String,
    /// Its images that are inside.
    pub images: Vec<String>,
    /// What it runs and is not inside, because nothing here knows its tag.
    pub unknown: Vec<String>,
}

/// A file that is no blob.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct File {
    pub path: String,
    pub size: u64,
}

/// Content under its digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Blob {
    pub digest: Digest,
    pub size: u64,
}

impl Image {
    /// The name as containerd has it: without a digest behind the tag.
    pub fn tagged(&self) -> &str {
        self.name.split('@').next().unwrap_or(&self.name)
    }
}

impl Contents {
    pub fn new(chart: Chart, platforms: Vec<Platform>) -> Self {
        Self {
            format: FORMAT,
            chart,
            platforms,
            images: Vec::new(),
            k3s: None,
            since: None,
            files: Vec::new(),
            blobs: Vec::new(),
            elsewhere: Vec::new(),
        }
    }

    /// The bytes of `bundle.json`: what `jq` prints, so that a person can read it.
    pub fn to_json(&self) -> Vec<u8> {
        // Structs of texts, numbers and lists serialize: this cannot fail.
        let mut bytes = serde_json::to_vec_pretty(self).unwrap_or_default();
        bytes.push(b'\n');
        bytes
    }

    /// Reads `bundle.json`; the error says what is wrong with it.
    pub fn read(bytes: &[u8]) -> Result<Self, String> {
        #[derive(Deserialize)]
        struct Format {
            format: u32,
        }
        let wrong = |error: serde_json::Error| format!("`{}` is not as it is written here: {error}", layout::CONTENTS);
        let Format { format } = serde_json::from_slice(bytes).map_err(wrong)?;
        if format != FORMAT {
            return Err(format!("a bundle of format {format}: this version of helm ha reads format {FORMAT}"));
        }
        let contents: Self = serde_json::from_slice(bytes).map_err(wrong)?;
        if contents.to_json() != bytes {
            return Err(format!("`{}` is not as it is written here: other spaces or order", layout::CONTENTS));
        }
        contents.check().map(|()| contents)
    }

    /// What the types do not say.
    fn check(&self) -> Result<(), String> {
        let Chart { name, version } = &self.chart;
        if ![name, version].into_iter().all(|text| is_ordinary(text)) {
            return Err(format!("`{name}` and `{version}` are no name and version of a chart"));
        }
        let mut expected = vec![layout::OCI_LAYOUT.to_owned(), layout::INDEX.to_owned(), layout::chart(name, version)];
        expected.extend(self.k3s.is_some().then(|| layout::K3S_IMAGES.to_owned()));
        expected.push(layout::SBOM.to_owned());
        if !self.files.iter().map(|file| &file.path).eq(&expected) {
            return Err(format!("expected the files {}, found others", expected.join(", ")));
        }
        if let Some(file) = self.files.iter().find(|file| file.size > FILE_LIMIT) {
            return Err(format!("`{}` has {} bytes, more than expected", file.path, file.size));
        }
        let blobs = || self.blobs.iter().chain(&self.elsewhere);
        if let Some(blob) = blobs().find(|blob| blob.size > BLOB_LIMIT) {
            return Err(format!("the blob {} has {} bytes, more than any registry takes", blob.digest, blob.size));
        }
        let mut digests: Vec<&Digest> = blobs().map(|blob| &blob.digest).collect();
        digests.sort();
        if digests.windows(2).any(|pair| pair.first() == pair.last()) {
            return Err("a blob is listed twice".to_owned());
        }
        if self.since.is_none() && !self.elsewhere.is_empty() {
            return Err("blobs are in an older bundle, which is not named".to_owned());
        }
        for image in &self.images {
            let parsed = image.name.parse::<ImageReference>();
            if parsed.map_err(|error| error.to_string())?.to_string() != image.name {
                return Err(format!("`{}` is no complete name of an image", image.name));
            }
        }
        let names: Vec<&str> = self.images.iter().map(Image::tagged).collect();
        if names.windows(2).any(|pair| pair.first() >= pair.last()) {
            return Err("images are not sorted by their names, or one is there twice".to_owned());
        }
        Ok(())
    }
}

/// Whether a text can be part of a file's name: that of a tag, and `+` for build metadata.
fn is_ordinary(text: &str) -> bool {
    is_tag(&text.replace('+', "_"))
}

/// A platform as text.
mod text {
    use serde::Deserialize;
    use serde::Deserializer;
    use serde::Serializer;

    use crate::oci::Platform;

    pub fn serialize<S: Serializer>(platform: &Platform, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(platform)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Platform, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// Several platforms as texts.
mod texts {
    use serde::Deserialize;
    use serde::Deserializer;
    use serde::Serializer;

    use crate::oci::Platform;

    pub fn serialize<S: Serializer>(platforms: &[Platform], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(platforms.iter().map(Platform::to_string))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Platform>, D::Error> {
        let texts = Vec::<String>::deserialize(deserializer)?;
        texts.iter().map(|text| text.parse().map_err(serde::de::Error::custom)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contents() -> Contents {
        let chart = Chart { name: "home".to_owned(), version: "1.0.0+1".to_owned() };
        let mut contents = Contents::new(chart, vec![Platform::linux("amd64")]);
        for path in [layout::OCI_LAYOUT, layout::INDEX, "charts/home-1.0.0+1.tgz", layout::SBOM] {
            contents.files.push(File { path: path.to_owned(), size: 1 });
        }
        contents
    }

    fn check(change: impl FnOnce(&mut Contents), expect: &str) {
        let mut changed = contents();
        change(&mut changed);
        let found = Contents::read(&changed.to_json());
        assert_eq!(found.map(|found| assert_eq!(found, changed)).err().as_deref().unwrap_or(""), expect);
    }

    #[test]
    fn what_is_written_is_read_and_nothing_else() {
        let blob = Blob { digest: Digest::of(b""), size: 0 };
        check(|_| {}, "");
        check(|it| it.format = 2, "a bundle of format 2: this version of helm ha reads format 1");
        check(|it| it.chart.name = "../x".to_owned(), "`../x` and `1.0.0+1` are no name and version of a chart");
        check(
            |it| it.files[2].path = "../../etc/passwd".to_owned(),
            "expected the files oci-layout, index.json, charts/home-1.0.0+1.tgz, sbom.spdx.json, found others",
        );
        check(|it| it.files[0].size = FILE_LIMIT + 1, "`oci-layout` has 134217729 bytes, more than expected");
        check(|it| it.blobs = vec![blob, blob], "a blob is listed twice");
        check(|it| it.elsewhere = vec![blob], "blobs are in an older bundle, which is not named");
        let mut spaced = contents().to_json();
        spaced.push(b' ');
        assert!(Contents::read(&spaced).is_err());
    }
}
