//! A server in memory: a function from request to answer.

use std::fmt;
use std::io;
use std::io::Read;
use std::sync::Arc;

use crate::machine::Body;
use crate::machine::Http;
use crate::machine::Request;
use crate::machine::Response;

type Answering = dyn Fn(&str, &str, &[(&'static str, String)], &[u8]) -> Answer + Send + Sync;

/// What a server says, or does instead of saying it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// 0: the connection breaks before an answer.
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn new(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self { status, headers: Vec::new(), body: body.into() }
    }

    #[must_use]
    pub fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }
}

#[derive(Clone)]
pub(super) struct Server(Arc<Answering>);

impl Server {
    pub(super) fn new(
        answer: impl Fn(&str, &str, &[(&'static str, String)], &[u8]) -> Answer + Send + Sync + 'static,
    ) -> Self {
        Self(Arc::new(answer))
    }
}

impl Default for Server {
    fn default() -> Self {
        Self::new(|_, _, _, _| Answer::default())
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Server")
    }
}

impl Http for Server {
    fn send(&self, request: Request<'_>) -> io::Result<Response> {
        let mut sent = Vec::new();
        match request.body {
            Body::Nothing => {}
            Body::Bytes(bytes) => sent.extend_from_slice(bytes),
            Body::Stream { source, length } => _ = source.take(length).read_to_end(&mut sent)?,
        }
        let answer = (self.0)(request.method.name(), request.url, request.headers, &sent);
        match answer.status {
            0 => Err(io::ErrorKind::ConnectionReset.into()),
            status => Ok(Response { status, headers: answer.headers, body: Box::new(io::Cursor::new(answer.body)) }),
        }
    }
}
