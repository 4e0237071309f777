//! Requests to a gateway, for one test: over TLS by `openssl s_client`, or in the clear.

use std::io::Read;
use std::io::Write;
use std::net::SocketAddrV4;
use std::net::TcpStream;
use std::process::Child;
use std::process::Command;
use std::process::Stdio;
use std::time::Duration;

/// What a server answered. `status` 0: it did not.
#[derive(Debug, Default)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl Answer {
    /// The values of a header in their order.
    pub fn headers_named(&self, name: &str) -> Vec<&str> {
        let named = self.headers.iter().filter(|(found, _)| found.eq_ignore_ascii_case(name));
        named.map(|(_, value)| value.as_str()).collect()
    }

    /// What the service says it got in a header of the request.
    pub fn got(&self, name: &str) -> Option<&str> {
        let lines = self.body.lines().filter_map(|line| line.split_once(": "));
        lines.into_iter().find(|(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }
}

/// A connection over TLS: bytes in and out. At most a minute.
pub struct Tls(Child);

impl Tls {
    /// Connects from an address of loopback, asking for a host.
    pub fn open(server: SocketAddrV4, host: &str, from: &str) -> Self {
        let server = server.to_string();
        let arguments = ["s_client", "-quiet", "-connect", &server, "-servername", host, "-bind", from];
        let mut command = Command::new("timeout");
        command.args(["60", "openssl"]).args(arguments);
        let child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn();
        Self(child.expect("`timeout` and `openssl`"))
    }

    pub fn writer(&mut self) -> impl Write + Send + 'static {
        self.0.stdin.take().unwrap()
    }

    pub fn reader(&mut self) -> impl Read + Send + 'static {
        self.0.stdout.take().unwrap()
    }
}

impl Drop for Tls {
    fn drop(&mut self) {
        drop(self.0.stdin.take());
        drop(self.0.stdout.take());
        // Ends `timeout`, and with it what it started.
        Command::new("kill").arg(self.0.id().to_string()).status().ok();
        self.0.wait().ok();
    }
}

/// A request over TLS from 127.0.0.1. `head`: the request line and more headers, without `Host`.
pub fn https(server: SocketAddrV4, host: &str, head: &[&str]) -> Answer {
    https_from(server, host, head, "127.0.0.1")
}

pub fn https_from(server: SocketAddrV4, host: &str, head: &[&str], from: &str) -> Answer {
    let mut tls = Tls::open(server, host.split(':').next().unwrap(), from);
    let mut writer = tls.writer();
    let request = request(host, head);
    // A server that refuses the handshake takes no request.
    writer.write_all(request.as_bytes()).and_then(|()| writer.flush()).ok();
    let mut bytes = Vec::new();
    tls.reader().read_to_end(&mut bytes).unwrap();
    parse(&bytes)
}

/// The statuses of so many requests over one connection, as fast as they go.
pub fn statuses(server: SocketAddrV4, host: &str, count: usize) -> Vec<u16> {
    let mut tls = Tls::open(server, host, "127.0.0.1");
    let one = |number: usize| match number + 1 == count {
        true => request(host, &["GET /"]),
        false => request(host, &["GET /", "Connection: keep-alive"]),
    };
    tls.writer().write_all((0..count).map(one).collect::<String>().as_bytes()).unwrap();
    let mut text = String::new();
    tls.reader().read_to_string(&mut text).unwrap();
    let lines = text.lines().filter_map(|line| line.strip_prefix("HTTP/1.1 "));
    lines.map(|line| line[..3].parse().unwrap()).collect()
}

/// A request in the clear.
pub fn http(server: SocketAddrV4, host: &str, head: &[&str]) -> Answer {
    let mut stream = TcpStream::connect(server).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    stream.write_all(request(host, head).as_bytes()).unwrap();
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).unwrap();
    parse(&bytes)
}

/// The text of a request after which the server closes.
pub fn request(host: &str, head: &[&str]) -> String {
    let (line, headers) = head.split_first().unwrap();
    let mut lines = vec![format!("{line} HTTP/1.1"), format!("Host: {host}")];
    lines.extend(headers.iter().map(|header| (*header).to_owned()));
    if !headers.iter().any(|header| header.starts_with("Connection:")) {
        lines.push("Connection: close".to_owned());
    }
    lines.join("\r\n") + "\r\n\r\n"
}

pub fn parse(bytes: &[u8]) -> Answer {
    let text = String::from_utf8_lossy(bytes);
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return Answer::default() };
    let mut lines = head.split("\r\n");
    let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
    let headers: Vec<_> = lines.filter_map(|line| line.split_once(": ")).map(pair).collect();
    let is_chunked = headers.iter().any(|(name, value)| name == "Transfer-Encoding" && value == "chunked");
    let body = if is_chunked { unchunked(body) } else { body.to_owned() };
    Answer { status, headers, body }
}

fn pair((name, value): (&str, &str)) -> (String, String) {
    (name.to_owned(), value.to_owned())
}

fn unchunked(mut body: &str) -> String {
    let mut out = String::new();
    while let Some((length, rest)) = body.split_once("\r\n") {
        let length = usize::from_str_radix(length, 16).unwrap();
        out.push_str(&rest[..length]);
        body = rest.get(length + 2..).unwrap_or_default();
    }
    out
}
