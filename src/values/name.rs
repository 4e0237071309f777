//! Names as types: each is checked once, in its constructor, and carries its pattern into the schema.

/// A text of the wrong form for a name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected {expected}, found `{found}`")]
pub struct NameError {
    pub expected: &'static str,
    pub found: String,
}

/// What the schema says of a text type, and what only code can check.
#[derive(Clone, Copy)]
pub struct TextFormat {
    /// `format` in the schema.
    pub name: &'static str,
    pub pattern: &'static str,
    pub max: usize,
    /// Says what is expected, for people.
    pub expected: &'static str,
    pub check: fn(&str) -> bool,
}

impl TextFormat {
    pub fn schema(&self) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string",
            "pattern": self.pattern,
            "maxLength": self.max,
            "format": self.name,
            "patternErrorMessage": format!("expected {}", self.expected)
        })
    }
}

/// A map whose keys say which of several forms it has: decoded as that form alone, not as each in turn.
macro_rules! by_key {
    ($name:ident { $($key:literal => $variant:ident),* $(,)? } $(else $text:ident)?) => {
        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let value = serde_json::Value::deserialize(deserializer)?;
                $(if let serde_json::Value::String(text) = value {
                    return Ok(Self::$text(text));
                })?
                $(if value.get($key).is_some() {
                    return serde_json::from_value(value).map(Self::$variant).map_err(serde::de::Error::custom);
                })*
                Err(serde::de::Error::custom(concat!("expected one of", $(" `", $key, "`",)* " as a key")))
            }
        }
    };
}
pub(crate) use by_key;

macro_rules! text_type {
    ($(#[$doc:meta])* $name:ident, $pattern:expr, $max:expr, $check:expr, $expected:expr) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// What the schema says of it.
            pub const FORMAT: $crate::values::name::TextFormat = $crate::values::name::TextFormat {
                name: stringify!($name),
                pattern: $pattern,
                max: $max,
                expected: $expected,
                check: |text| {
                    let check: fn(&str) -> bool = $check;
                    text.len() <= $max && check(text)
                },
            };

            /// A name that our own code writes; whoever writes a wrong one sees it in the first test.
            #[allow(dead_code, reason = "not every type is written by our own code")]
            pub fn known(text: &'static str) -> Self {
                Self(text.to_owned())
            }

            /// A text that a narrower type has checked already.
            #[allow(dead_code, reason = "not every type has a narrower one")]
            pub(crate) fn from_checked(text: String) -> Self {
                Self(text)
            }

            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = $crate::values::name::NameError;

            fn try_from(text: String) -> Result<Self, $crate::values::name::NameError> {
                if (Self::FORMAT.check)(&text) {
                    Ok(Self(text))
                } else {
                    Err($crate::values::name::NameError { expected: $expected, found: text })
                }
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::values::name::NameError;

            fn from_str(text: &str) -> Result<Self, $crate::values::name::NameError> {
                text.to_owned().try_into()
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> Self {
                name.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(&self.0)
            }
        }

        impl std::borrow::Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl PartialEq<str> for $name {
            fn eq(&self, other: &str) -> bool {
                self.0 == other
            }
        }

        impl schemars::JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn inline_schema() -> bool {
                true
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                Self::FORMAT.schema()
            }
        }
    };
}
pub(crate) use text_type;

/// `[a-z]([-a-z0-9]*[a-z0-9])?`: RFC 1035, which Services need, and no word that YAML 1.1 reads as a boolean.
fn is_label(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_lowercase()) && is_1123(text) && !is_yaml_word(text)
}

fn is_1123(text: &str) -> bool {
    let edge = |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    edge(text.as_bytes().first())
        && edge(text.as_bytes().last())
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

fn is_subdomain(text: &str) -> bool {
    text.split('.').all(|label| label.len() <= 63 && is_1123(label))
}

fn is_yaml_word(text: &str) -> bool {
    matches!(text, "y" | "n" | "yes" | "no" | "on" | "off" | "true" | "false" | "null")
}

/// The pattern of a label of at most `$max` characters: two label types of one pattern have one meaning.
macro_rules! label {
    ($max:literal) => {
        concat!("^(?=.{1,", $max, "}$)(?!(?:y|n|yes|no|on|off|true|false|null)$)[a-z]([-a-z0-9]*[a-z0-9])?$")
    };
}
const SUBDOMAIN: &str = "^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$";
const LABEL_WORDS: &str = "a name of lower-case letters, digits and `-` that starts with a letter (RFC 1035) and is no word such as `on` or `yes`";
const SUBDOMAIN_WORDS: &str = "lower-case letters, digits, `-` and `.` (RFC 1123)";

text_type!(
    /// The umbrella chart, which is also the release: at most 53 characters (Helm's limit for release names).
    ChartName, label!(53), 53, is_label, LABEL_WORDS
);
text_type!(
    /// A Kubernetes namespace.
    Namespace, "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$", 63, is_1123, "lower-case letters, digits and `-`"
);
text_type!(
    /// A service: the name of its subchart, of its workload and of its Service.
    ServiceName, label!(53), 53, is_label, LABEL_WORDS
);
text_type!(
    /// A shared volume: the name of its claim.
    VolumeName, label!(63), 63, is_label, LABEL_WORDS
);
text_type!(
    /// A gateway, pool, issuer, login, export, container or the like: a name inside the cluster's values.
    Name, label!(40), 40, is_label, LABEL_WORDS
);
text_type!(
    /// A port of a service: at most 15 characters (Kubernetes' limit).
    PortName, label!(15), 15, is_label, LABEL_WORDS
);
text_type!(
    /// A node as Kubernetes knows it.
    NodeName, SUBDOMAIN, 253, is_subdomain, SUBDOMAIN_WORDS
);
text_type!(
    /// The name of a Secret, ConfigMap, claim or class that exists already.
    ObjectName, SUBDOMAIN, 253, is_subdomain, SUBDOMAIN_WORDS
);
text_type!(
    /// A key of a Secret or ConfigMap.
    DataKey, "^[-._a-zA-Z0-9]+$", 253,
    |text| !text.is_empty() && !matches!(text, "." | "..") && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.')),
    "letters, digits, `-`, `_` and `.`"
);
text_type!(
    /// The name of an environment variable.
    EnvName, "^[A-Za-z_][-._A-Za-z0-9]*$", 253,
    |text| text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.')),
    "letters, digits, `_`, `-` and `.`, a letter or `_` first"
);
text_type!(
    /// A path inside a container.
    MountPath, "^/", 4096, |text| text.starts_with('/') && !text.contains([':', '\0', '\n']), "an absolute path without `:`"
);
text_type!(
    /// An absolute path on a node.
    HostPath, "^/", 4096, |text| text.starts_with('/') && !text.contains(['\0', '\n']) && !text.split('/').any(|part| part == ".."), "an absolute path without `..`"
);
text_type!(
    /// A relative path that stays below where it starts.
    SubPath, "^[^/]", 4096,
    |text| !text.is_empty() && !text.starts_with('/') && !text.contains('\0') && !text.split('/').any(|part| part == ".."),
    "a relative path without `..`"
);
text_type!(
    /// A file mode in octal digits, quoted: `\"0400\"`.
    FileMode, "^0?[0-7]{3}$", 4, |text| matches!(text.len(), 3 | 4) && text.bytes().all(|byte| (b'0'..=b'7').contains(&byte)) && (text.len() == 3 || text.starts_with('0')), "three octal digits such as `\"0400\"`"
);
text_type!(
    /// A domain such as `example.com`.
    Domain, SUBDOMAIN, 253, is_subdomain, "a domain such as `example.com`"
);
text_type!(
    /// A span of time such as `30s`, `5m` or `1h`.
    Duration, "^[0-9]{1,6}(s|m|h)$", 7, |text| duration_seconds(text).is_some(), "a time such as `30s`, `5m` or `1h`"
);

fn duration_seconds(text: &str) -> Option<u32> {
    let unit = match text.chars().last()? {
        's' => 1,
        'm' => 60,
        'h' => 3600,
        _ => return None,
    };
    let digits = text.get(..text.len() - 1)?;
    if digits.is_empty() || digits.len() > 6 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    digits.parse::<u32>().ok()?.checked_mul(unit).filter(|seconds| i32::try_from(*seconds).is_ok())
}

impl Duration {
    /// At most `i32::MAX` seconds: the constructor has checked it.
    pub fn seconds(&self) -> u32 {
        duration_seconds(&self.0).unwrap_or_default()
    }
}

impl FileMode {
    /// The mode as a number, at most 0o777.
    pub fn bits(&self) -> i32 {
        i32::from_str_radix(&self.0, 8).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_checked_once() {
        let check = |text: &str, expect: bool| assert_eq!(text.parse::<Name>().is_ok(), expect, "{text}");
        check("web-1", true);
        check("1web", false);
        check("web-", false);
        check("on", false);
        check("", false);
        assert_eq!("90m".parse::<Duration>().map(|time| time.seconds()), Ok(5400));
        assert!("999999h".parse::<Duration>().is_err());
        assert_eq!("0440".parse::<FileMode>().map(|mode| mode.bits()), Ok(0o440));
        assert!("../a".parse::<SubPath>().is_err());
        assert!("k3s-server1.lan".parse::<NodeName>().is_ok());
    }
}
