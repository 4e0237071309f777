//! Sends requests to registries: logs in where that is asked for, follows redirects without carrying the login to
//! another server, and tries again what may pass.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::io;
use std::io::Read;
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;

use crate::machine::Body;
use crate::machine::Checks;
use crate::machine::Http;
use crate::machine::Identity;
use crate::machine::Machine;
use crate::machine::Method;
use crate::machine::Request;
use crate::machine::Response;
use crate::machine::Trust;
use crate::oci::ImageReference;
use crate::registry::ImageSource;
use crate::registry::Mirrors;
use crate::registry::Reason;
use crate::registry::RegistryError;
use crate::registry::Repository;
use crate::registry::backoff::Backoff;
use crate::registry::backoff::retry_after;
use crate::registry::challenge;
use crate::registry::challenge::Challenge;
use crate::registry::credentials::Credentials;
use crate::registry::credentials::Login;
use crate::registry::token;
use crate::registry::url;

/// How often an answer may lead elsewhere.
const MOST_REDIRECTS: usize = 5;
/// No honest file of certificates is as large.
const CERTIFICATES_LIMIT: u64 = 16 << 20;
/// What is read of an error's text.
const ERROR_LIMIT: u64 = 16 << 10;

/// How registries are spoken to.
#[derive(Debug, Default)]
pub struct Options {
    pub trust: Trust,
    pub encryption: Encryption,
    pub mirrors: Mirrors,
}

/// Whether requests are encrypted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Encryption {
    /// Always, except that a registry on this machine which speaks plain HTTP may do so.
    #[default]
    Usual,
    /// Never, because it was asked for.
    Never,
}

/// Speaks to registries; may be shared by threads.
pub struct Client<'a> {
    machine: &'a dyn Machine,
    http: Box<dyn Http>,
    /// Servers that are trusted in their own way, by `HOST[:PORT]`.
    others: BTreeMap<String, Box<dyn Http>>,
    options: Options,
    credentials: Credentials,
    /// The header `Authorization` by server and scope.
    logins: Mutex<BTreeMap<(String, String), String>>,
    /// The addresses of registries on this machine, asked once.
    local: Mutex<BTreeMap<String, String>>,
    /// Servers that did not answer.
    down: Mutex<BTreeSet<String>>,
}

/// What a request sends; it may have to be sent again.
#[derive(Clone, Copy)]
pub enum Payload<'p> {
    Nothing,
    Bytes(&'p [u8]),
    Stream { open: &'p Open<'p>, size: u64 },
}

/// Gives some bytes from their start.
pub type Open<'p> = dyn Fn() -> io::Result<Box<dyn Read + Send>> + Sync + 'p;

/// One request.
pub(super) struct Ask<'p> {
    pub method: Method,
    pub url: &'p str,
    pub headers: &'p [(&'static str, String)],
    pub payload: Payload<'p>,
    /// What the login must allow: `repository:NAME:pull`.
    pub scope: &'p str,
    /// `HOST[:PORT]` as people write it, to which logins belong.
    pub registry: &'p str,
    /// Where that registry answers: no other server ever gets a login.
    pub home: &'p str,
}

impl<'a> Client<'a> {
    /// Reads the logins. An error is one of a file of the person's own.
    pub fn new(machine: &'a dyn Machine, options: Options) -> io::Result<Self> {
        let mut others = BTreeMap::new();
        for (host, tls) in options.mirrors.trusted() {
            let read = |path: &PathBuf| machine.read(path, CERTIFICATES_LIMIT);
            let identity = match (&tls.cert_file, &tls.key_file) {
                (Some(certificates), Some(key)) => {
                    Some(Identity { certificates: read(certificates)?, key: read(key)? })
                }
                _ => options.trust.identity.clone(),
            };
            let own = Trust {
                authorities: tls.ca_file.as_ref().map(read).transpose()?,
                checks: if tls.insecure_skip_verify { Checks::None } else { options.trust.checks },
                identity,
            };
            others.insert(host.to_owned(), machine.connect(&own)?);
        }
        Ok(Self {
            machine,
            http: machine.connect(&options.trust)?,
            others,
            options,
            credentials: Credentials::read(machine)?,
            logins: Mutex::default(),
            local: Mutex::default(),
            down: Mutex::default(),
        })
    }

    /// A repository of a registry, `HOST[:PORT]`; `docker.io` is Docker Hub.
    pub fn repository(&self, registry: &str, path: &str) -> Repository<'_> {
        Repository::new(self, registry, path)
    }

    /// Everybody who has an image.
    pub fn source(&self, image: &ImageReference) -> ImageSource<'_> {
        let mirrors = self.options.mirrors.of(&image.registry, &image.repository).into_iter();
        let mut all: Vec<Repository> = mirrors.map(|address| Repository::at(self, address)).collect();
        all.push(self.repository(&image.registry, &image.repository));
        ImageSource(all)
    }

    /// Whether a server did not answer.
    pub(super) fn is_down(&self, origin: &str) -> bool {
        locked(&self.down).contains(origin)
    }

    pub(super) fn mark_down(&self, origin: &str) {
        locked(&self.down).insert(origin.to_owned());
    }

    fn towards(&self, address: &str) -> &dyn Http {
        let host = url::origin(address).split_once("://").map_or("", |(_, host)| host);
        self.others.get(host).map_or(&*self.http, |http| &**http)
    }

    fn login(&self, registry: &str) -> Result<Option<Login>, String> {
        match self.options.mirrors.login(registry)? {
            Some(login) => Ok(Some(login)),
            None => self.credentials.login(registry, self.machine),
        }
    }

    /// Where a registry answers: `https://HOST`.
    pub(super) fn base(&self, registry: &str) -> String {
        let host = if registry == "docker.io" { "registry-1.docker.io" } else { registry };
        match self.options.encryption {
            Encryption::Never => format!("http://{host}"),
            Encryption::Usual if url::is_loopback(host) && self.options.trust == Trust::default() => {
                let known = locked(&self.local).get(host).cloned();
                known.unwrap_or_else(|| {
                    let base = self.local_base(host);
                    locked(&self.local).insert(host.to_owned(), base.clone());
                    base
                })
            }
            Encryption::Usual => format!("https://{host}"),
        }
    }

    /// A server that wants TLS says so with the status 400, or says nothing.
    fn local_base(&self, host: &str) -> String {
        let plain = format!("http://{host}");
        let url = format!("{plain}/v2/");
        let request = Request { method: Method::Get, url: &url, headers: &[], body: Body::Nothing };
        match self.towards(&url).send(request) {
            Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => plain,
            Ok(answer) if answer.status != 400 => plain,
            _ => format!("https://{host}"),
        }
    }

    /// Does something that may have to be done again; `doing` and `url` are for the error.
    pub(super) fn persist<T>(
        &self,
        doing: &'static str,
        url: &str,
        mut attempt: impl FnMut(&mut Backoff) -> Result<T, Reason>,
    ) -> Result<T, RegistryError> {
        let mut backoff = Backoff::default();
        loop {
            match attempt(&mut backoff) {
                Ok(done) => return Ok(done),
                Err(reason) => match backoff.after(&reason) {
                    Some(time) => self.machine.wait(time),
                    None => return Err(RegistryError { doing, url: url::without_query(url).to_owned(), reason }),
                },
            }
        }
    }

    /// Sends one request, once, with a login where one is wanted. Gives the answers that are neither errors of the
    /// server nor wishes to try again, to log in or to look elsewhere.
    pub(super) fn once(&self, ask: &Ask) -> Result<Response, Reason> {
        let key = (ask.home.to_owned(), ask.scope.to_owned());
        let (mut url, mut asked_to_log_in) = (ask.url.to_owned(), false);
        for _ in 0..=MOST_REDIRECTS {
            let is_home = url::origin(&url) == ask.home;
            let mut headers = ask.headers.to_vec();
            let login = locked(&self.logins).get(&key).cloned().filter(|_| is_home);
            headers.extend(login.map(|login| ("authorization", login)));
            let mut answer = self.send(ask, &url, &headers)?;
            match answer.status {
                401 if is_home && !asked_to_log_in => {
                    asked_to_log_in = true;
                    let login = self.log_in(ask, &answer)?;
                    locked(&self.logins).insert(key.clone(), login);
                }
                401 | 403 if is_home => {
                    let host = ask.registry.to_owned();
                    let is_known = self.login(ask.registry).is_ok_and(|login| login.is_some());
                    return Err(match is_known {
                        true => Reason::LoginRefused { host, said: said(&mut answer) },
                        false => Reason::NoLogin { host },
                    });
                }
                301 | 302 | 303 | 307 | 308 if matches!(ask.method, Method::Get | Method::Head) => {
                    let Some(location) = answer.header("location") else {
                        return Err(Reason::Garbage("a redirect without a `Location`".to_owned()));
                    };
                    let next = url::resolve(&url, location);
                    if url.starts_with("https://") && !next.starts_with("https://") {
                        return Err(Reason::Downgrade(url::origin(&next).to_owned()));
                    }
                    url = next;
                }
                429 => {
                    let seconds =
                        answer.header("retry-after").and_then(|said| retry_after(said, self.machine.seconds()));
                    return Err(Reason::TooMany { seconds });
                }
                status if status >= 500 || status == 408 => {
                    return Err(Reason::Status { status, said: said(&mut answer) });
                }
                _ => return Ok(answer),
            }
        }
        Err(Reason::TooManyRedirects)
    }

    fn send(&self, ask: &Ask, url: &str, headers: &[(&'static str, String)]) -> Result<Response, Reason> {
        let mut opened;
        let body = match ask.payload {
            Payload::Nothing => Body::Nothing,
            Payload::Bytes(bytes) => Body::Bytes(bytes),
            Payload::Stream { open, size } => {
                opened = open().map_err(Reason::File)?;
                Body::Stream { source: &mut opened, length: size }
            }
        };
        self.towards(url).send(Request { method: ask.method, url, headers, body }).map_err(Reason::Connection)
    }

    fn log_in(&self, ask: &Ask, answer: &Response) -> Result<String, Reason> {
        let challenges = answer.headers.iter().filter(|(name, _)| name == "www-authenticate");
        let challenge = challenge::read(challenges.map(|(_, value)| value.as_str())).ok_or_else(|| {
            Reason::Garbage("it wants a login and names no way to do that which is known here".to_owned())
        })?;
        let login = self.login(ask.registry).map_err(Reason::Credentials)?;
        let wanted = token::Wanted { registry: ask.registry, home: ask.home, scope: ask.scope };
        let http = match &challenge {
            Challenge::Bearer { realm, .. } => self.towards(realm),
            Challenge::Basic => &*self.http,
        };
        token::authorization(http, &challenge, login, &wanted, self.machine.seconds())
    }
}

fn locked<T>(value: &Mutex<T>) -> MutexGuard<'_, T> {
    value.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What an answer of an error says about it: the messages of the specification's `errors`, else its first line.
pub(super) fn said(answer: &mut Response) -> String {
    let mut bytes = Vec::new();
    if (&mut answer.body).take(ERROR_LIMIT).read_to_end(&mut bytes).is_err() {
        return String::new();
    }
    let text = String::from_utf8_lossy(&bytes);
    let json = serde_json::from_str::<serde_json::Value>(&text).unwrap_or_default();
    let errors = json.get("errors").and_then(serde_json::Value::as_array);
    let messages = errors.into_iter().flatten().filter_map(|error| {
        let field = |name: &str| error.get(name).and_then(serde_json::Value::as_str).filter(|text| !text.is_empty());
        field("message").or_else(|| field("code")).map(str::to_owned)
    });
    let messages: Vec<String> = messages.collect();
    let line = match messages.is_empty() {
        true => text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default().to_owned(),
        false => messages.join("; "),
    };
    line.chars().filter(|letter| !letter.is_control()).take(200).collect()
}

/// The status of an answer that was not expected, with what it says.
pub(super) fn unexpected(mut answer: Response) -> Reason {
    match answer.status {
        404 => Reason::NotFound,
        status => Reason::Status { status, said: said(&mut answer) },
    }
}

/// All of a body, at most `limit` bytes.
pub(super) fn all(answer: Response, limit: u64) -> Result<Vec<u8>, Reason> {
    let mut bytes = Vec::new();
    answer.body.take(limit.saturating_add(1)).read_to_end(&mut bytes).map_err(Reason::Connection)?;
    if bytes.len() as u64 > limit { Err(Reason::TooLarge(limit)) } else { Ok(bytes) }
}
