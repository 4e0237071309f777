//! Where images are read from instead of their own registry: K3s' file `registries.yaml` in, addresses, logins and trust out
//! (<https://docs.k3s.io/installation/private-registry>).
//!
//! ```yaml
//! mirrors:
//!   docker.io: { endpoint: ["https://mirror.example.com"], rewrite: { "^rancher/(.*)": "team/rancher/$1" } }
//!   "*": { endpoint: ["https://all.example.com"] }
//! configs:
//!   mirror.example.com: { auth: { username: u, password: p }, tls: { ca_file: /etc/ca.pem } }
//! ```
//!
//! As in K3s, the registry itself comes last, and `"*"` is for registries that have no mirrors of their own.

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::path::Path;
use std::path::PathBuf;

use regex::Regex;
use serde::Deserialize;

use crate::machine::Files;
use crate::registry::credentials;
use crate::registry::credentials::Login;
use crate::registry::url;
use crate::source::Sources;
use crate::yaml;

const LIMIT: u64 = 4 << 20;

/// What such a file says.
#[derive(Debug, Default)]
pub struct Mirrors {
    mirrors: BTreeMap<String, Mirror>,
    configs: BTreeMap<String, Config>,
}

#[derive(Debug)]
struct Mirror {
    endpoints: Vec<String>,
    rewrites: Vec<(Regex, String)>,
}

/// How one server is spoken to.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    auth: Auth,
    tls: Tls,
}

/// As containerd has it: `auth` is USER:PASSWORD in base64.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Auth {
    username: String,
    password: String,
    auth: String,
    identity_token: String,
}

impl fmt::Debug for Auth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Auth")
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Tls {
    pub ca_file: Option<PathBuf>,
    pub cert_file: Option<PathBuf>,
    pub key_file: Option<PathBuf>,
    pub insecure_skip_verify: bool,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Written {
    mirrors: BTreeMap<String, WrittenMirror>,
    configs: BTreeMap<String, Config>,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct WrittenMirror {
    endpoint: Vec<String>,
    rewrite: BTreeMap<String, String>,
}

/// The address of a repository: `https://HOST/v2/PATH`, and the host that logins belong to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    pub host: String,
    pub base: String,
}

impl Mirrors {
    /// Reads the file.
    pub fn read(path: &Path, files: &(impl Files + ?Sized)) -> io::Result<Self> {
        let bytes = files.read(path, LIMIT)?;
        let wrong = |reason: String| {
            io::Error::new(io::ErrorKind::InvalidData, format!("while reading `{}`: {reason}", path.display()))
        };
        let text = yaml::decode(bytes).map_err(|_| wrong("expected UTF-8 text, found other bytes".to_owned()))?;
        let mut sources = Sources::default();
        let source = sources.add("", text);
        let read = yaml::read(&sources, source);
        if let Some(finding) = read.findings.first() {
            return Err(wrong(finding.message.clone()));
        }
        let json = read.node.map(|node| node.to_json()).filter(|json| !json.is_null());
        let written = serde_json::from_value::<Written>(json.unwrap_or_else(|| serde_json::json!({})));
        let written = written.map_err(|error| wrong(error.to_string()))?;
        let mirrors = written.mirrors.into_iter().map(|(host, mirror)| Ok((host, mirror.checked().map_err(wrong)?)));
        Ok(Self { mirrors: mirrors.collect::<io::Result<_>>()?, configs: written.configs })
    }

    /// Where the mirrors of a registry have a repository, in the order of the file.
    pub fn of(&self, registry: &str, path: &str) -> Vec<Address> {
        let Some(mirror) = self.mirrors.get(registry).or_else(|| self.mirrors.get("*")) else { return Vec::new() };
        let path = mirror.rewritten(path);
        let address = |endpoint: &String| {
            let (scheme, rest) = endpoint.split_once("://").unwrap_or(("https", endpoint));
            let rest = rest.trim_end_matches('/').trim_end_matches("/v2");
            Address {
                host: rest.split('/').next().unwrap_or(rest).to_owned(),
                base: format!("{scheme}://{rest}/v2/{path}"),
            }
        };
        mirror.endpoints.iter().map(address).collect()
    }

    /// The login for a server, or why it cannot be had; `None` when there is none.
    pub(super) fn login(&self, host: &str) -> Result<Option<Login>, String> {
        let Some(Config { auth, .. }) = self.configs.get(host) else { return Ok(None) };
        let Auth { username, password, auth, identity_token } = auth;
        credentials::held(identity_token, username, password, auth)
            .map_err(|()| format!("`auth` of `{host}` in the file of mirrors is not USER:PASSWORD in base64"))
    }

    /// Servers that are trusted in their own way.
    pub(super) fn trusted(&self) -> impl Iterator<Item = (&str, &Tls)> {
        let own = self.configs.iter().map(|(host, config)| (host.as_str(), &config.tls));
        own.filter(|(_, tls)| tls.ca_file.is_some() || tls.cert_file.is_some() || tls.insecure_skip_verify)
    }
}

impl WrittenMirror {
    fn checked(self) -> Result<Mirror, String> {
        for endpoint in &self.endpoint {
            let is_known = endpoint.starts_with("https://") || endpoint.starts_with("http://");
            if !is_known || url::origin(endpoint).ends_with("://") || endpoint.contains(['?', '#', '@', ' ']) {
                return Err(format!(
                    "expected an address like `https://mirror.example.com` at `endpoint`, found `{endpoint}`"
                ));
            }
        }
        let rewrites = self.rewrite.into_iter().map(|(pattern, to)| {
            let read =
                Regex::new(&pattern).map_err(|_| format!("`{pattern}` at `rewrite` is no regular expression"))?;
            Ok((read, to))
        });
        Ok(Mirror { endpoints: self.endpoint, rewrites: rewrites.collect::<Result<_, String>>()? })
    }
}

impl Mirror {
    /// One pattern decides: the first that fits, in the order of the alphabet.
    fn rewritten(&self, path: &str) -> String {
        let fitting = self.rewrites.iter().find(|(pattern, _)| pattern.is_match(path));
        fitting.map_or_else(|| path.to_owned(), |(pattern, to)| pattern.replace_all(path, to.as_str()).into_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machine::MemoryMachine;

    fn read(text: &str) -> Result<Mirrors, String> {
        let machine = MemoryMachine::default().file("r.yaml", text);
        Mirrors::read(Path::new("r.yaml"), &machine).map_err(|error| error.to_string())
    }

    #[test]
    fn mirrors_are_where_k3s_looks() {
        let text = "mirrors:\n  docker.io:\n    endpoint: [\"https://a.example/\", \"http://b.example:5000/x/v2\"]\n    \
                    rewrite: { \"^rancher/(.*)\": \"team/$1\" }\n  \"*\": { endpoint: [\"https://all.example\"] }\n\
                    configs:\n  a.example: { auth: { username: u, password: p }, tls: { ca_file: /ca.pem } }\n  \
                    b.example: { auth: { auth: dTpw } }\n  c.example: { auth: { identity_token: t } }\n  \
                    d.example: { auth: { auth: \"!\" } }\n";
        let mirrors = read(text).unwrap();
        let check = |registry: &str, path: &str, expect: &[&str]| {
            let found: Vec<String> = mirrors.of(registry, path).into_iter().map(|address| address.base).collect();
            assert_eq!(found, expect);
        };
        check("docker.io", "rancher/k3s", &["https://a.example/v2/team/k3s", "http://b.example:5000/x/v2/team/k3s"]);
        check("docker.io", "library/a", &["https://a.example/v2/library/a", "http://b.example:5000/x/v2/library/a"]);
        check("ghcr.io", "a", &["https://all.example/v2/a"]);
        assert_eq!(mirrors.of("docker.io", "a")[1].host, "b.example:5000");
        let is_login = |login: Option<Login>| matches!(login, Some(Login::Password { user, password }) if user == "u" && password == "p");
        assert!(is_login(mirrors.login("a.example").unwrap()) && is_login(mirrors.login("b.example").unwrap()));
        assert!(matches!(mirrors.login("c.example").unwrap(), Some(Login::Identity(token)) if token == "t"));
        assert!(mirrors.login("d.example").is_err() && mirrors.login("e.example").unwrap().is_none());
        let trusted: Vec<_> = mirrors.trusted().map(|(host, tls)| (host, tls.ca_file.as_deref())).collect();
        assert_eq!(trusted, [("a.example", Some(Path::new("/ca.pem")))]);
        assert!(read("").unwrap().of("docker.io", "a").is_empty());
        assert_eq!(format!("{:?}", mirrors.configs["a.example"].auth), "Auth");
    }

    #[test]
    fn what_nobody_could_use_is_an_error() {
        let check = |text: &str, expect: &str| {
            assert_eq!(read(text).unwrap_err(), format!("while reading `r.yaml`: {expect}"));
        };
        check(
            "mirrors: { a: { endpoint: [a.example] } }\n",
            "expected an address like `https://mirror.example.com` at `endpoint`, found `a.example`",
        );
        check("mirrors: { a: { rewrite: { \"(\": a } } }\n", "`(` at `rewrite` is no regular expression");
        check("mirror: {}\n", "unknown field `mirror`, expected `mirrors` or `configs`");
    }
}
