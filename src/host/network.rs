//! Requests over HTTP and TLS (ureq, rustls with ring): a request in, the answer with its body still to be read out.
//!
//! Proxies come from the environment as curl and Go read it: `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY`, `NO_PROXY`, in
//! either case; loopback is never asked through one.

use std::io;
use std::io::Read;
use std::time::Duration;

use ureq::Agent;
use ureq::Proxy;
use ureq::SendBody;
use ureq::http;
use ureq::tls::Certificate;
use ureq::tls::PemItem;
use ureq::tls::RootCerts;
use ureq::tls::TlsConfig;

use crate::host::Host;
use crate::host::identity::identity;
use crate::host::proxy;
use crate::machine::Body;
use crate::machine::Checks;
use crate::machine::Environment;
use crate::machine::Http;
use crate::machine::Network;
use crate::machine::Request;
use crate::machine::Response;
use crate::machine::Trust;

/// How long a name, a connection or a single piece of a body may take. Whole bodies may take as long as they want.
const CONNECT: Duration = Duration::from_secs(20);
const SILENCE: Duration = Duration::from_secs(60);
/// More than any honest server sends in front of a body.
const HEADERS: usize = 64 << 10;
/// As many as parallel transfers use at once.
const IDLE: usize = 16;

impl Network for Host {
    fn connect(&self, trust: &Trust) -> io::Result<Box<dyn Http>> {
        let tls = TlsConfig::builder()
            .root_certs(roots(trust)?)
            .client_cert(trust.identity.as_ref().map(identity).transpose()?)
            .disable_verification(trust.checks == Checks::None)
            .build();
        let agent = |scheme: &str| {
            let proxy = proxy::address(scheme, &|name| self.variable(name));
            let proxy = proxy.map(|address| Proxy::new(&address).map_err(|error| wrong_proxy(&address, &error)));
            Ok::<_, io::Error>(agent(&tls, proxy.transpose()?))
        };
        Ok(Box::new(Agents { direct: self::agent(&tls, None), http: agent("http")?, https: agent("https")? }))
    }
}

/// A proxy's address may hold a password.
fn wrong_proxy(address: &str, error: &ureq::Error) -> io::Error {
    let shown = address.rsplit_once('@').map_or(address, |(_, host)| host);
    io::Error::new(
        io::ErrorKind::InvalidInput,
        format!("the proxy `{shown}` of the environment cannot be used: {error}"),
    )
}

fn roots(trust: &Trust) -> io::Result<RootCerts> {
    let Some(pem) = &trust.authorities else { return Ok(RootCerts::PlatformVerifier) };
    let mut own = Vec::new();
    for item in ureq::tls::parse_pem(pem) {
        if let PemItem::Certificate(certificate) = item.map_err(as_io)? {
            own.push(certificate);
        }
    }
    if own.is_empty() {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "expected certificates (PEM), found none"));
    }
    let system = rustls_native_certs::load_native_certs().certs;
    own.extend(system.iter().map(|certificate| Certificate::from_der(certificate).to_owned()));
    Ok(RootCerts::from(own))
}

fn agent(tls: &TlsConfig, proxy: Option<Proxy>) -> Agent {
    Agent::config_builder()
        .tls_config(tls.clone())
        .proxy(proxy)
        .http_status_as_error(false)
        .max_redirects(0)
        .user_agent(concat!("helm-ha/", env!("CARGO_PKG_VERSION")))
        .accept_encoding("")
        .max_response_header_size(HEADERS)
        .max_idle_connections(IDLE)
        .max_idle_connections_per_host(IDLE)
        .timeout_resolve(Some(CONNECT))
        .timeout_connect(Some(CONNECT))
        .timeout_per_read(Some(SILENCE))
        .timeout_per_write(Some(SILENCE))
        .build()
        .new_agent()
}

/// One for each way out; they share nothing.
struct Agents {
    direct: Agent,
    http: Agent,
    https: Agent,
}

impl Agents {
    fn towards(&self, url: &str) -> &Agent {
        let uri = url.parse::<http::Uri>().unwrap_or_default();
        match (proxy::is_direct(uri.host().unwrap_or_default(), &|name| Host.variable(name)), uri.scheme_str()) {
            (true, _) => &self.direct,
            (false, Some("http")) => &self.http,
            (false, _) => &self.https,
        }
    }
}

impl Http for Agents {
    fn send(&self, request: Request<'_>) -> io::Result<Response> {
        let mut head = http::Request::builder().method(request.method.name()).uri(request.url);
        for (name, value) in request.headers {
            head = head.header(*name, value);
        }
        let length = match &request.body {
            // A request that may have a body says that it has none.
            Body::Nothing if matches!(request.method.name(), "POST" | "PUT") => Some(0),
            Body::Nothing => None,
            Body::Bytes(bytes) => Some(bytes.len() as u64),
            Body::Stream { length, .. } => Some(*length),
        };
        if let Some(length) = length {
            head = head.header("content-length", length);
        }
        let agent = self.towards(request.url);
        let wrong = |error: http::Error| io::Error::new(io::ErrorKind::InvalidInput, error.to_string());
        let mut source: Box<dyn Read + '_> = match request.body {
            Body::Nothing => Box::new(io::empty()),
            Body::Bytes(bytes) => Box::new(bytes),
            Body::Stream { source, length } => Box::new(source.take(length)),
        };
        let answer = match length {
            None => agent.run(head.body(()).map_err(wrong)?),
            Some(_) => agent.run(head.body(SendBody::from_reader(&mut source)).map_err(wrong)?),
        };
        let (head, body) = answer.map_err(as_io)?.into_parts();
        let headers = head.headers.iter();
        Ok(Response {
            status: head.status.as_u16(),
            headers: headers
                .filter_map(|(name, value)| Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned())))
                .collect(),
            body: Box::new(body.into_reader()),
        })
    }
}

/// What ureq says, in the kinds that [`Http::send`] promises.
fn as_io(error: ureq::Error) -> io::Error {
    let kind = match &error {
        // What rustls refuses is of the kind `InvalidData`.
        ureq::Error::Io(error) => error.kind(),
        ureq::Error::HostNotFound => io::ErrorKind::NotFound,
        ureq::Error::Timeout(_) => io::ErrorKind::TimedOut,
        ureq::Error::BadUri(_) | ureq::Error::Http(_) => io::ErrorKind::InvalidInput,
        ureq::Error::ConnectionFailed | ureq::Error::ConnectProxyFailed(_) => io::ErrorKind::ConnectionRefused,
        ureq::Error::Protocol(_) | ureq::Error::Tls(_) | ureq::Error::Rustls(_) | ureq::Error::Pem(_) => {
            io::ErrorKind::InvalidData
        }
        _ => io::ErrorKind::Other,
    };
    let text = match error {
        ureq::Error::Io(error) => error.to_string(),
        ureq::Error::HostNotFound => "no such host".to_owned(),
        other => other.to_string(),
    };
    io::Error::new(kind, text.split_once(" (os error ").map_or(text.as_str(), |(reason, _)| reason).to_owned())
}
