//! The services behind a gateway, for one test: a server that says what it was asked.

use std::io::BufRead;
use std::io::BufReader;
use std::io::Read;
use std::io::Write;
use std::net::SocketAddrV4;
use std::net::TcpListener;
use std::net::TcpStream;
use std::net::UdpSocket;
use std::time::Duration;

/// Says what it was asked, over HTTP: the address that it is known by, the request line and the headers, each in a line of the body.
///
/// `/bytes` counts the bytes of the request's body, `/check` and `/auth-request` are a login that knows the cookie `session=anna`, `/inside`
/// has texts to replace, and what asks for WebSocket gets back what it sends. It listens until the process ends.
pub fn serve_http(listen: SocketAddrV4, address: SocketAddrV4) {
    let listener = TcpListener::bind(listen).unwrap_or_else(|error| panic!("{listen}: {error}"));
    accept(listener, move |stream| {
        let mut reader = BufReader::new(stream.try_clone().unwrap());
        let mut stream = stream;
        while let Some(head) = head(&mut reader) {
            if respond(&address, &head, &mut reader, &mut stream).is_none() {
                break;
            }
        }
    });
}

/// Sends back what comes, behind a line with its own address. It listens until the process ends.
pub fn serve_tcp(address: SocketAddrV4) {
    let listener = TcpListener::bind(address).unwrap();
    accept(listener, move |mut stream| {
        writeln!(stream, "{address}").ok();
        echo(&mut stream.try_clone().unwrap(), &mut stream);
    });
}

/// Answers each packet with its own address and the packet, twice. It listens until the process ends.
pub fn serve_udp(address: SocketAddrV4) {
    let socket = UdpSocket::bind(address).unwrap();
    std::thread::spawn(move || {
        let mut packet = [0; 2048];
        while let Ok((length, client)) = socket.recv_from(&mut packet) {
            let answer = format!("{address} {}", String::from_utf8_lossy(&packet[..length]));
            for _ in 0..2 {
                socket.send_to(answer.as_bytes(), client).ok();
            }
        }
    });
}

fn accept(listener: TcpListener, serve: impl Fn(TcpStream) + Clone + Send + 'static) {
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let serve = serve.clone();
            stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
            std::thread::spawn(move || serve(stream));
        }
    });
}

fn echo(from: &mut impl Read, to: &mut impl Write) {
    let mut bytes = [0; 4096];
    while let Ok(length @ 1..) = from.read(&mut bytes) {
        if to.write_all(&bytes[..length]).is_err() {
            break;
        }
    }
}

/// The lines of a request before its body.
fn head(reader: &mut impl BufRead) -> Option<Vec<String>> {
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).ok()? == 0 {
            return None;
        }
        match line.trim_end() {
            "" => return Some(lines),
            line => lines.push(line.to_owned()),
        }
    }
}

fn header<'a>(head: &'a [String], name: &str) -> Option<&'a str> {
    let fields = head.iter().skip(1).filter_map(|line| line.split_once(": "));
    fields.into_iter().find(|(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}

/// Answers one request. `None` when the connection is at its end.
fn respond(address: &SocketAddrV4, head: &[String], reader: &mut impl BufRead, stream: &mut TcpStream) -> Option<()> {
    if header(head, "Upgrade") == Some("websocket") && header(head, "Connection") == Some("upgrade") {
        write!(stream, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n").ok()?;
        echo(reader, stream);
        return None;
    }
    let mut bytes = 0;
    if let Some(length) = header(head, "Content-Length") {
        bytes = skip(reader, length.parse().ok()?)?;
    } else if header(head, "Transfer-Encoding").is_some() {
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).ok()?;
            let length = u64::from_str_radix(line.trim_end(), 16).ok()?;
            bytes += skip(reader, length)?;
            reader.read_line(&mut line).ok()?;
            if length == 0 {
                break;
            }
        }
    }
    let path = head.first()?.split(' ').nth(1)?;
    let mut body = format!("at {address}\n{}\n", head.join("\n"));
    let mut status = "200 OK";
    let mut more = String::new();
    let asks = ["/check", "/auth-request"].iter().any(|word| path.contains(word));
    match path.split(['?', '/']).nth(1)? {
        "bytes" => body = format!("{bytes} bytes\n"),
        _ if asks && header(head, "Cookie").is_some_and(|cookie| cookie.contains("session=anna")) => {
            let url = header(head, "X-Original-URL").unwrap_or_default();
            more = format!("Remote-User: anna\r\nRemote-Groups: {url}\r\nSet-Cookie: seen=1\r\n");
        }
        _ if asks => status = "401 Unauthorized",
        "inside" => body = "see http://inside/a and \"$x\" and HTTP://INSIDE/b\n".to_owned(),
        _ => {}
    }
    write!(
        stream,
        "HTTP/1.1 {status}\r\nContent-Type: text/plain\r\nContent-Length: {}\r\nX-Secret: 1\r\nX-Powered-By: them\r\n{more}\r\n{body}",
        body.len()
    )
    .ok()
}

fn skip(reader: &mut impl BufRead, mut length: u64) -> Option<u64> {
    let whole = length;
    while length > 0 {
        let found = reader.fill_buf().ok()?.len();
        if found == 0 {
            return None;
        }
        let taken = found.min(usize::try_from(length).unwrap_or(usize::MAX));
        reader.consume(taken);
        length -= taken as u64;
    }
    Some(whole)
}
