//! The platform that an image runs on: `linux/arm64`, `linux/arm/v7`.

use std::fmt;
use std::str::FromStr;

use serde::Deserialize;
use serde::Serialize;

/// Operating system, processor and perhaps its variant (OCI image specification, `image-index.md`).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Platform {
    // In the order of Go's types, so that what we write has the same bytes as what others write.
    pub architecture: String,
    pub os: String,
    #[serde(rename = "os.version", default, skip_serializing_if = "String::is_empty")]
    pub os_version: String,
    #[serde(rename = "os.features", default, skip_serializing_if = "Vec::is_empty")]
    pub os_features: Vec<String>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub variant: String,
}

impl Platform {
    /// Linux on this processor.
    pub fn linux(architecture: &str) -> Self {
        Self {
            architecture: architecture.to_owned(),
            os: "linux".to_owned(),
            os_version: String::new(),
            os_features: Vec::new(),
            variant: String::new(),
        }
    }

    /// What the configuration of an image says of itself, which may be nothing (`config.md`); an error when it is no JSON.
    pub fn of_config(bytes: &[u8]) -> serde_json::Result<Self> {
        #[derive(Deserialize)]
        struct Config {
            #[serde(default)]
            architecture: String,
            #[serde(default)]
            os: String,
            #[serde(default)]
            variant: String,
        }
        let config: Config = serde_json::from_slice(bytes)?;
        Ok(Self { os: config.os, variant: config.variant, ..Self::linux(&config.architecture) })
    }

    /// Whether an image of this platform runs on `node`. The first variants of `amd64` and `arm64` are often left out.
    pub fn runs_on(&self, node: &Platform) -> bool {
        let variant = |platform: &Platform| match (platform.architecture.as_str(), platform.variant.as_str()) {
            ("arm64", "v8") | ("amd64", "v1") => String::new(),
            (_, variant) => variant.to_owned(),
        };
        self.os == node.os && self.architecture == node.architecture && variant(self) == variant(node)
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.os, self.architecture)?;
        if self.variant.is_empty() { Ok(()) } else { write!(f, "/{}", self.variant) }
    }
}

impl FromStr for Platform {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parts: Vec<&str> = text.split('/').collect();
        let ordinary = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric());
        match parts.as_slice() {
            [os, architecture] if parts.iter().all(|part| ordinary(part)) => {
                Ok(Self { os: (*os).to_owned(), ..Self::linux(architecture) })
            }
            [os, architecture, variant] if parts.iter().all(|part| ordinary(part)) => {
                Ok(Self { os: (*os).to_owned(), variant: (*variant).to_owned(), ..Self::linux(architecture) })
            }
            _ => Err(format!("expected OS/ARCHITECTURE, such as `linux/amd64`, found `{text}`")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn platforms_are_read_as_they_are_written() {
        for text in ["linux/amd64", "linux/arm/v7"] {
            assert_eq!(text.parse::<Platform>().unwrap().to_string(), text);
        }
        for text in ["", "linux", "linux/", "linux/arm/v7/x", "linux/a b"] {
            assert!(text.parse::<Platform>().is_err(), "{text}");
        }
        let of = |text: &str| text.parse::<Platform>().unwrap();
        assert!(of("linux/amd64/v1").runs_on(&of("linux/amd64")) && !of("linux/amd64/v3").runs_on(&of("linux/amd64")));
        assert!(of("linux/arm64/v8").runs_on(&of("linux/arm64")) && !of("linux/arm/v7").runs_on(&of("linux/arm/v6")));
    }
}
