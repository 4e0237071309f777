//! A name and a type in; what a name server on loopback answers out (RFC 1035, section 4).

use std::net::Ipv4Addr;
use std::net::Ipv6Addr;
use std::net::SocketAddrV4;
use std::net::UdpSocket;
use std::time::Duration;

const TYPES: [(&str, u16); 4] = [("A", 1), ("PTR", 12), ("TXT", 16), ("AAAA", 28)];

/// The answers as text, sorted; `NXDOMAIN` or the like when there is no such name; `None` without an answer in time.
pub fn ask(server: SocketAddrV4, kind: &str, name: &str) -> Option<Vec<String>> {
    let number = TYPES.iter().find(|(word, _)| *word == kind).unwrap().1;
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.set_read_timeout(Some(Duration::from_secs(3))).unwrap();
    let mut question = vec![7, 7, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0];
    for label in name.split('.') {
        question.push(u8::try_from(label.len()).unwrap());
        question.extend(label.bytes());
    }
    question.push(0);
    question.extend(number.to_be_bytes());
    question.extend([0, 1]);
    socket.send_to(&question, server).unwrap();
    let mut packet = [0; 4096];
    let length = socket.recv(&mut packet).ok()?;
    Some(answers(&packet[..length], question.len(), number))
}

fn answers(packet: &[u8], mut at: usize, wanted: u16) -> Vec<String> {
    let number = |at: usize| u16::from_be_bytes([packet[at], packet[at + 1]]);
    match packet[3] & 15 {
        0 => {}
        3 => return vec!["NXDOMAIN".to_owned()],
        code => return vec![format!("code {code}")],
    }
    let mut found = Vec::new();
    for _ in 0..number(6) {
        at = name_at(packet, at).1;
        let (kind, length) = (number(at), usize::from(number(at + 8)));
        let data = &packet[at + 10..at + 10 + length];
        if kind == wanted {
            found.push(match kind {
                1 => Ipv4Addr::from(<[u8; 4]>::try_from(data).unwrap()).to_string(),
                28 => Ipv6Addr::from(<[u8; 16]>::try_from(data).unwrap()).to_string(),
                12 => name_at(packet, at + 10).0,
                _ => String::from_utf8_lossy(&data[1..]).into_owned(),
            });
        }
        at += 10 + length;
    }
    found.sort();
    found
}

/// The name that starts there, and where it ends: a pointer goes on with an earlier one.
fn name_at(packet: &[u8], mut at: usize) -> (String, usize) {
    let mut labels = Vec::new();
    loop {
        let length = usize::from(packet[at]);
        if length >= 0xc0 {
            let target = (length & 0x3f) << 8 | usize::from(packet[at + 1]);
            labels.push(name_at(packet, target).0);
            return (labels.join("."), at + 2);
        }
        if length == 0 {
            return (labels.join("."), at + 1);
        }
        labels.push(String::from_utf8_lossy(&packet[at + 1..=at + length]).into_owned());
        at += 1 + length;
    }
}
