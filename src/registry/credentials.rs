//! Who a person is at a registry: Helm's `registry/config.json` and Docker's `config.json` in, user and secret out.
//!
//! Both have the same format. A program `docker-credential-NAME` is asked where a file names one for the registry
//! (`credHelpers`) or for all (`credsStore`); then comes what the file itself holds.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::path::PathBuf;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;

use crate::machine::Environment;
use crate::machine::Machine;
use crate::machine::during;

/// No honest file of logins is as large.
const LIMIT: u64 = 4 << 20;
const DOCKER_HUB: &[&str] = &["docker.io", "index.docker.io", "registry-1.docker.io"];
/// The key of Docker Hub that `docker login` writes.
const DOCKER_HUB_KEY: &str = "https://index.docker.io/v1/";

/// A login.
#[derive(Clone, PartialEq, Eq)]
pub enum Login {
    Password {
        user: String,
        password: String,
    },
    /// A token that is given for others.
    Identity(String),
}

/// The files of logins that are there, the first ones ask first.
#[derive(Default)]
pub struct Credentials {
    files: Vec<(PathBuf, File)>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct File {
    auths: BTreeMap<String, Entry>,
    creds_store: String,
    cred_helpers: BTreeMap<String, String>,
}

#[derive(Clone, Default, Deserialize)]
#[serde(rename_all = "lowercase", default)]
struct Entry {
    auth: String,
    username: String,
    password: String,
    identitytoken: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Helped {
    username: String,
    secret: String,
}

impl Credentials {
    /// Reads the files of logins; one that is not there holds none.
    pub fn read(machine: &dyn Machine) -> io::Result<Self> {
        let mut files = Vec::new();
        for path in paths(machine) {
            match machine.read(&path, LIMIT) {
                Ok(bytes) => files.push((path.clone(), parse(&path, &bytes)?)),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        Ok(Self { files })
    }

    /// The login for a registry (`HOST[:PORT]`), or why it cannot be had; `None` when there is none.
    pub fn login(&self, registry: &str, machine: &dyn Machine) -> Result<Option<Login>, String> {
        for (path, file) in &self.files {
            let own = file.cred_helpers.iter().find(|(host, _)| is_of(host, registry)).map(|(_, name)| name.as_str());
            let helper = own.or((!file.creds_store.is_empty()).then_some(file.creds_store.as_str()));
            if let Some(login) = helper.map(|name| ask(name, registry, machine)).transpose()?.flatten() {
                return Ok(Some(login));
            }
            let entry = file.auths.iter().find(|(host, _)| is_of(host, registry)).map(|(_, entry)| entry);
            if let Some(login) = entry.map(|entry| entry.login(registry, path)).transpose()?.flatten() {
                return Ok(Some(login));
            }
        }
        Ok(None)
    }
}

fn paths(environment: &(impl Environment + ?Sized)) -> Vec<PathBuf> {
    let said = |name: &str| environment.variable(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let home = said("HOME");
    let below_home = |path: &str| home.as_ref().map(|home| home.join(path));
    // As Helm finds it (`pkg/helmpath`); it says the first one to its plugins.
    let helm = said("HELM_REGISTRY_CONFIG").or_else(|| {
        let folder = said("HELM_CONFIG_HOME")
            .or_else(|| said("XDG_CONFIG_HOME").map(|folder| folder.join("helm")))
            .or_else(|| below_home(".config/helm"));
        folder.map(|folder| folder.join("registry/config.json"))
    });
    let docker = said("DOCKER_CONFIG").or_else(|| below_home(".docker")).map(|folder| folder.join("config.json"));
    helm.into_iter().chain(docker).collect()
}

fn parse(path: &Path, bytes: &[u8]) -> io::Result<File> {
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Ok(File::default());
    }
    serde_json::from_slice(bytes).map_err(|error| {
        let reason = format!("expected logins as `helm registry login` writes them (JSON): {error}");
        during("reading", path, &io::Error::new(io::ErrorKind::InvalidData, reason))
    })
}

/// Whether a key of a file names a registry: `HOST`, `https://HOST`, `https://HOST/v1/`.
fn is_of(key: &str, registry: &str) -> bool {
    let host = key.split_once("://").map_or(key, |(_, host)| host);
    let host = host.split('/').next().unwrap_or(host);
    host == registry || DOCKER_HUB.contains(&host) && DOCKER_HUB.contains(&registry)
}

impl Entry {
    fn login(&self, registry: &str, path: &Path) -> Result<Option<Login>, String> {
        held(&self.identitytoken, &self.username, &self.password, &self.auth)
            .map_err(|()| format!("`auth` of `{registry}` in `{}` is not USER:PASSWORD in base64", path.display()))
    }
}

/// The login that stands in a file: a token, user and password, or both of these in base64. Nothing at all is what
/// `docker login` with a program leaves behind.
pub(super) fn held(identity: &str, user: &str, password: &str, pair: &str) -> Result<Option<Login>, ()> {
    if !identity.is_empty() {
        return Ok(Some(Login::Identity(identity.to_owned())));
    }
    if !user.is_empty() {
        return Ok(Some(Login::Password { user: user.to_owned(), password: password.to_owned() }));
    }
    if pair.is_empty() {
        return Ok(None);
    }
    let text = STANDARD.decode(pair.trim()).ok().and_then(|bytes| String::from_utf8(bytes).ok()).ok_or(())?;
    let (user, password) = text.split_once(':').ok_or(())?;
    Ok(Some(Login::Password { user: user.to_owned(), password: password.trim_end_matches('\0').to_owned() }))
}

/// The login that a program keeps; `None` when it knows none (<https://github.com/docker/docker-credential-helpers>).
fn ask(name: &str, registry: &str, machine: &dyn Machine) -> Result<Option<Login>, String> {
    if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte)) {
        return Err(format!("`{name}` is no name of a program that keeps logins"));
    }
    let program = format!("docker-credential-{name}");
    let server = if DOCKER_HUB.contains(&registry) { DOCKER_HUB_KEY } else { registry };
    let ended = machine.run(&program, &["get"], server.as_bytes()).map_err(|error| {
        format!("the login for `{registry}` is kept by the program `{program}`, which cannot be asked: {error}")
    })?;
    if !ended.succeeded {
        return Ok(None);
    }
    let helped: Helped = serde_json::from_slice(&ended.output)
        .map_err(|_| format!("`{program}` gives no login for `{registry}` but something else"))?;
    Ok(match helped.username.as_str() {
        "<token>" => Some(Login::Identity(helped.secret)),
        _ if helped.secret.is_empty() => None,
        _ => Some(Login::Password { user: helped.username, password: helped.secret }),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machine::MemoryMachine;

    fn check(machine: &MemoryMachine, registry: &str, expect: Result<Option<&str>, &str>) {
        let credentials = Credentials::read(machine).unwrap();
        let found = credentials.login(registry, machine).map(|login| {
            login.map(|login| match login {
                Login::Password { user, password } => format!("{user}:{password}"),
                Login::Identity(token) => format!("<token>:{token}"),
            })
        });
        assert_eq!(found, expect.map(|login| login.map(str::to_owned)).map_err(str::to_owned), "{registry}");
    }

    #[test]
    fn logins_are_found_in_both_files() {
        let machine = MemoryMachine::default()
            .variable("HOME", "/home/a")
            .file(
                "/home/a/.config/helm/registry/config.json",
                "{\"auths\":{\"a.example:5000\":{\"auth\":\"dTpwOng=\"}}}",
            )
            .file(
                "/home/a/.docker/config.json",
                "{\"auths\":{\"https://index.docker.io/v1/\":{\"username\":\"hub\",\"password\":\"p\"},\
                 \"https://b.example/v1/\":{\"identitytoken\":\"t\"},\"c.example\":{\"auth\":\"!\"},\"d.example\":{}}}",
            );
        check(&machine, "a.example:5000", Ok(Some("u:p:x")));
        check(&machine, "docker.io", Ok(Some("hub:p")));
        check(&machine, "b.example", Ok(Some("<token>:t")));
        check(&machine, "d.example", Ok(None));
        check(&machine, "e.example", Ok(None));
        let wrong = "`auth` of `c.example` in `/home/a/.docker/config.json` is not USER:PASSWORD in base64";
        check(&machine, "c.example", Err(wrong));
    }

    #[test]
    fn programs_that_keep_logins_are_asked() {
        let machine = MemoryMachine::default()
            .variable("HELM_REGISTRY_CONFIG", "/r.json")
            .file(
                "/r.json",
                "{\"credsStore\":\"all\",\"credHelpers\":{\"a.example\":\"one\",\"b.example\":\"gone\",\"c.example\":\"../x\"}}",
            )
            .program("docker-credential-one", "{\"ServerURL\":\"a\",\"Username\":\"u\",\"Secret\":\"s\"}")
            .program("docker-credential-all", "{\"Username\":\"<token>\",\"Secret\":\"t\"}");
        check(&machine, "a.example", Ok(Some("u:s")));
        check(&machine, "other.example", Ok(Some("<token>:t")));
        let gone = "the login for `b.example` is kept by the program `docker-credential-gone`, which cannot be asked: entity not found";
        check(&machine, "b.example", Err(gone));
        check(&machine, "c.example", Err("`../x` is no name of a program that keeps logins"));
    }

    #[test]
    fn a_file_that_is_none_is_an_error() {
        let machine = MemoryMachine::default().variable("DOCKER_CONFIG", "/d").file("/d/config.json", "<html>");
        let error = Credentials::read(&machine).err().unwrap().to_string();
        assert!(error.starts_with("while reading `/d/config.json`: expected logins as "), "{error}");
    }
}
