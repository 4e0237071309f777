//! A name server on loopback for one test: the names of Services in, the addresses of the test's own servers out.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::net::Ipv4Addr;
use std::net::SocketAddrV4;
use std::net::UdpSocket;
use std::sync::Arc;
use std::sync::Mutex;
use std::time::Duration;

/// Answers questions for `A`; other names do not exist, other types are empty. It ends with the names.
pub struct NameServer {
    pub names: Arc<Mutex<BTreeMap<String, Vec<Ipv4Addr>>>>,
    /// The names that were asked for and are known.
    pub asked: Arc<Mutex<BTreeSet<String>>>,
}

impl NameServer {
    pub fn start(address: SocketAddrV4) -> Self {
        let socket = UdpSocket::bind(address).unwrap();
        socket.set_read_timeout(Some(Duration::from_millis(200))).unwrap();
        let names = Arc::new(Mutex::new(BTreeMap::new()));
        let asked = Arc::new(Mutex::new(BTreeSet::new()));
        let (known, said) = (Arc::downgrade(&names), asked.clone());
        std::thread::spawn(move || {
            let mut packet = [0; 512];
            while let Some(names) = known.upgrade() {
                let Ok((length, client)) = socket.recv_from(&mut packet) else { continue };
                if let Some((name, answer)) = answer(&packet[..length], &names.lock().unwrap()) {
                    socket.send_to(&answer, client).ok();
                    said.lock().unwrap().insert(name);
                }
            }
        });
        Self { names, asked }
    }

    pub fn set(&self, name: &str, addresses: &[Ipv4Addr]) {
        self.names.lock().unwrap().insert(name.to_owned(), addresses.to_vec());
    }
}

/// The name in a packet with one question, and the answer to it (RFC 1035, section 4).
fn answer(question: &[u8], names: &BTreeMap<String, Vec<Ipv4Addr>>) -> Option<(String, Vec<u8>)> {
    let mut at = 12;
    let mut labels = Vec::new();
    loop {
        let length = usize::from(*question.get(at)?);
        let label = question.get(at + 1..at + 1 + length)?;
        at += 1 + length;
        if length == 0 {
            break;
        }
        labels.push(String::from_utf8_lossy(label).to_lowercase());
    }
    let is_a = question.get(at..at + 4)? == [0, 1, 0, 1];
    let name = labels.join(".");
    let found = names.get(&name);
    let addresses = found.filter(|_| is_a).map(Vec::as_slice).unwrap_or_default();
    let code = if found.is_some() { 0 } else { 3 };
    let mut out = question.get(..2)?.to_vec();
    out.extend([0x81, 0x80 | code, 0, 1, 0, u8::try_from(addresses.len()).ok()?, 0, 0, 0, 0]);
    out.extend(question.get(12..at + 4)?);
    for address in addresses {
        out.extend([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 1, 0, 4]);
        out.extend(address.octets());
    }
    Some((name, out))
}
