//! TCP and UDP ports of a gateway.

use std::io::Read;
use std::io::Write;
use std::net::Shutdown;
use std::net::SocketAddr;
use std::net::TcpStream;
use std::net::UdpSocket;
use std::time::Duration;

use crate::nginx::ways_in;

#[test]
fn bytes_go_both_ways() {
    let Some(world) = ways_in() else { return };
    let stream = |name: &str| {
        let stream = world.plan.streams.iter().find(|stream| stream.name == name).unwrap();
        (SocketAddr::V4(world.at(stream.inside)), world.service("chat", stream.upstream.port))
    };
    let patience = Some(Duration::from_secs(20));
    for (name, expect) in [("tcp-22", "hello"), ("tcp-53", "hello"), ("tcp-1883", "PROXY TCP4 127.0.0.1 ")] {
        let (gateway, service) = stream(name);
        let mut client = TcpStream::connect(gateway).unwrap();
        client.set_read_timeout(patience).unwrap();
        client.write_all(b"hello").unwrap();
        client.shutdown(Shutdown::Write).unwrap();
        let mut text = String::new();
        client.read_to_string(&mut text).unwrap();
        assert!(text.starts_with(&format!("{service}\n{expect}")) && text.ends_with("hello"), "{name}: {text}");
    }
    for name in ["udp-51820", "udp-53"] {
        let (gateway, service) = stream(name);
        let client = UdpSocket::bind("127.0.0.1:0").unwrap();
        client.set_read_timeout(patience).unwrap();
        let mut packet = [0; 512];
        for text in ["one", "two", "three"] {
            client.send_to(text.as_bytes(), gateway).unwrap();
            // A service may answer more than once, and later.
            for _ in 0..2 {
                let length = client.recv(&mut packet).unwrap();
                assert_eq!(String::from_utf8_lossy(&packet[..length]), format!("{service} {text}"), "{name}");
            }
        }
    }
}
