//! Requests over HTTP as a stage may send them: a request in, the answer with its body still to be read out.

use std::fmt;
use std::io;
use std::io::Read;

/// The network.
pub trait Network: Sync {
    /// What sends requests to servers that are trusted in this way; connections are kept open for the next one.
    fn connect(&self, trust: &Trust) -> io::Result<Box<dyn Http>>;
}

/// Sends requests; may be shared by threads.
pub trait Http: Send + Sync {
    /// Sends one request. Every answer of a server is one, whatever its status; a redirect is not followed. An error
    /// says why no answer came: [`io::ErrorKind::InvalidData`] when the server cannot be trusted or speaks no HTTP,
    /// [`io::ErrorKind::NotFound`] when its name is unknown; any other may pass when it is tried again.
    fn send(&self, request: Request<'_>) -> io::Result<Response>;
}

/// Which servers are believed over TLS.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trust {
    /// Certificates (PEM) that are believed besides those of the system.
    pub authorities: Option<Vec<u8>>,
    pub checks: Checks,
    /// Who we are, for servers that ask for it in TLS.
    pub identity: Option<Identity>,
}

/// A certificate with its chain, and its key (PEM).
#[derive(Clone, PartialEq, Eq)]
pub struct Identity {
    pub certificates: Vec<u8>,
    pub key: Vec<u8>,
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Identity")
    }
}

/// Whether certificates are checked at all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Checks {
    #[default]
    All,
    /// Anybody may answer in the server's place.
    None,
}

/// The method of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    Head,
    Get,
    Post,
    Put,
}

impl Method {
    pub fn name(self) -> &'static str {
        match self {
            Self::Head => "HEAD",
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
        }
    }
}

/// One request.
pub struct Request<'a> {
    pub method: Method,
    pub url: &'a str,
    /// Names in lower case, and values.
    pub headers: &'a [(&'static str, String)],
    pub body: Body<'a>,
}

/// What a request sends.
pub enum Body<'a> {
    Nothing,
    Bytes(&'a [u8]),
    Stream { source: &'a mut dyn Read, length: u64 },
}

/// The answer of a server.
pub struct Response {
    pub status: u16,
    /// Names in lower case, and values; a value that is no text is left out.
    pub headers: Vec<(String, String)>,
    pub body: Box<dyn Read + Send>,
}

impl Response {
    /// The first header of this name (lower case).
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }
}
