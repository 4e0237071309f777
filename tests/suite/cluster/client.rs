//! A client on the segment: requests to an address, in the clear or over TLS, each over a connection of its own unless it is kept.

use std::io;
use std::io::Read;
use std::io::Write;
use std::net::SocketAddr;
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;

use rustls::ClientConfig;
use rustls::ClientConnection;
use rustls::RootCertStore;
use rustls::StreamOwned;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::ServerName;
use rustls::pki_types::pem::PemObject;

use crate::nginx::client::Answer;
use crate::nginx::client::parse;
use crate::nginx::client::request;

/// No answer in this time is a failure.
pub const TIMEOUT: Duration = Duration::from_secs(3);

pub type Tls = StreamOwned<ClientConnection, TcpStream>;

/// Who trusts one authority, and nobody else.
#[derive(Clone)]
pub struct Client {
    config: Arc<ClientConfig>,
    timeout: Duration,
}

impl Client {
    /// `authority`: certificates in PEM.
    pub fn trusting(authority: &str) -> Self {
        let mut roots = RootCertStore::empty();
        for certificate in CertificateDer::pem_slice_iter(authority.as_bytes()) {
            roots.add(certificate.unwrap()).unwrap();
        }
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let versions = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
        let config = Arc::new(versions.with_root_certificates(roots).with_no_client_auth());
        Self { config, timeout: TIMEOUT }
    }

    /// The same one, who gives up after another time.
    pub fn waiting(&self, timeout: Duration) -> Self {
        Self { timeout, ..self.clone() }
    }

    /// A connection whose certificate has been found right for the host.
    pub fn connect(&self, address: SocketAddr, host: &str) -> io::Result<Tls> {
        let name = ServerName::try_from(host.to_owned()).unwrap();
        let mut connection = ClientConnection::new(Arc::clone(&self.config), name).map_err(io::Error::other)?;
        let mut stream = tcp_within(address, self.timeout)?;
        while connection.is_handshaking() {
            connection.complete_io(&mut stream)?;
        }
        Ok(StreamOwned::new(connection, stream))
    }

    /// A request over a connection of its own. `head`: the request line, and more headers than `Host`.
    pub fn get(&self, address: SocketAddr, host: &str, head: &[&str]) -> io::Result<Answer> {
        let mut stream = self.connect(address, host)?;
        stream.write_all(request(host, head).as_bytes())?;
        read_to_end(&mut stream)
    }
}

pub fn tcp(address: SocketAddr) -> io::Result<TcpStream> {
    tcp_within(address, TIMEOUT)
}

fn tcp_within(address: SocketAddr, timeout: Duration) -> io::Result<TcpStream> {
    let stream = TcpStream::connect_timeout(&address, timeout)?;
    stream.set_read_timeout(Some(timeout))?;
    stream.set_write_timeout(Some(timeout))?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// A request in the clear.
pub fn get(address: SocketAddr, host: &str, head: &[&str]) -> io::Result<Answer> {
    let mut stream = tcp(address)?;
    stream.write_all(request(host, head).as_bytes())?;
    read_to_end(&mut stream)
}

fn read_to_end(stream: &mut impl Read) -> io::Result<Answer> {
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes)?;
    let answer = parse(&bytes);
    match answer.status {
        0 => Err(io::Error::other("no answer")),
        _ => Ok(answer),
    }
}

/// The next answer of a connection that stays: one with a `Content-Length`.
pub fn read_one(stream: &mut impl Read) -> io::Result<Answer> {
    let mut bytes = Vec::new();
    let mut piece = [0; 4096];
    loop {
        let text = String::from_utf8_lossy(&bytes);
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let lines = head.lines().filter_map(|line| line.split_once(": "));
            let mut named = lines.filter(|(name, _)| name.eq_ignore_ascii_case("content-length"));
            let length = named.next().map_or(0, |(_, length)| length.parse().unwrap());
            if body.len() >= length {
                return Ok(parse(&bytes));
            }
        }
        match stream.read(&mut piece)? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            length => bytes.extend_from_slice(&piece[..length]),
        }
    }
}
