//! A registry of a test's own that counts the bytes of blobs that it has sent, and stops where the test wants.

use std::collections::BTreeMap;
use std::io::Write;
use std::net::TcpStream;
use std::path::Path;
use std::sync::Arc;
use std::sync::Condvar;
use std::sync::Mutex;
use std::time::Duration;

use helm_ha::host::Host;
use helm_ha::machine::Machine;
use helm_ha::oci::Descriptor;
use helm_ha::oci::Digest;
use helm_ha::oci::Manifest;
use helm_ha::oci::Platform;
use helm_ha::registry::Cache;
use helm_ha::registry::Client;
use helm_ha::registry::Options;
use helm_ha::registry::PullError;
use helm_ha::registry::Puller;
use helm_ha::registry::Wanted;

use crate::registry::images;
use crate::registry::web;
use crate::registry::web::Asked;

const SMALL: usize = 2 << 20;

/// How many bytes of blobs the server has sent, and how many it may send before it waits.
#[derive(Default)]
pub struct Counter {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Clone, Copy, Default)]
pub struct State {
    pub sent: u64,
    pub allowed: u64,
    /// Goes up with every kill: connections of before end.
    pub life: u64,
}

impl Counter {
    /// Waits until a piece may be sent; `false` when its connection is no longer wanted.
    fn send(&self, life: u64, length: u64) -> bool {
        let mut state = self.state.lock().unwrap();
        while state.sent >= state.allowed && state.life == life {
            state = self.changed.wait(state).unwrap();
        }
        if state.life == life {
            state.sent += length;
            self.changed.notify_all();
        }
        state.life == life
    }

    /// Waits a little for so much to be sent.
    pub fn has_sent(&self, bytes: u64) -> bool {
        let state = self.state.lock().unwrap();
        let wait = self.changed.wait_timeout_while(state, Duration::from_millis(20), |state| state.sent < bytes);
        wait.unwrap().0.sent >= bytes
    }

    pub fn change(&self, change: impl FnOnce(&mut State)) -> State {
        let mut state = self.state.lock().unwrap();
        change(&mut state);
        self.changed.notify_all();
        *state
    }
}

pub type Content = BTreeMap<String, Vec<u8>>;

/// Serves an image, and can go on in the middle of a blob.
pub fn serve(content: Content, counter: Arc<Counter>) -> String {
    serve_cut(content, counter, || usize::MAX)
}

/// The same; every connection with a blob ends after so many bytes.
pub fn serve_cut(
    content: Content,
    counter: Arc<Counter>,
    cut: impl Fn() -> usize + Clone + Send + Sync + 'static,
) -> String {
    let content = Arc::new(content);
    web::serve(move |asked: &Asked, stream: &mut TcpStream| {
        let Some(bytes) = content.get(&asked.path) else { return web::answer(stream, 404, &[], b"") };
        if asked.path.contains("/manifests/") || asked.path == "/v2/" {
            let digest = Digest::of(bytes).to_string();
            let kind = [("content-type", helm_ha::oci::media_type::MANIFEST), ("docker-content-digest", &*digest)];
            return web::answer(stream, 200, &kind, if asked.method == "HEAD" { b"" } else { bytes });
        }
        let range = asked.header("range").strip_prefix("bytes=").and_then(|range| range.strip_suffix('-'));
        let start: usize = range.map_or(0, |start| start.parse().unwrap());
        let status = if range.is_some() { "206 Partial" } else { "200 OK" };
        let (length, last) = (bytes.len() - start, bytes.len() - 1);
        let range = format!("content-range: bytes {start}-{last}/{}\r\n", bytes.len());
        let head = format!("HTTP/1.1 {status}\r\ncontent-length: {length}\r\n{range}\r\n");
        if stream.write_all(head.as_bytes()).is_err() {
            return;
        }
        let life = counter.state.lock().unwrap().life;
        let end = start.saturating_add(cut()).min(bytes.len());
        for piece in bytes[start..end].chunks(64 << 10) {
            if !counter.send(life, piece.len() as u64) || stream.write_all(piece).is_err() {
                break;
            }
        }
    })
}

/// One large blob of this size and some small ones.
pub fn content(large: usize) -> Content {
    let layers: Vec<Vec<u8>> =
        (0..6).map(|number| images::noise(if number == 0 { large } else { SMALL }, number + 1)).collect();
    let config = b"{\"architecture\":\"amd64\",\"os\":\"linux\"}".to_vec();
    let descriptors = layers.iter().map(|bytes| Descriptor::of(images::LAYER, bytes)).collect();
    let config_descriptor = Descriptor::of("application/vnd.oci.image.config.v1+json", &config);
    let manifest = Manifest::new(config_descriptor, descriptors, [].into()).to_json();
    let mut content = BTreeMap::from([("/v2/".to_owned(), b"{}".to_vec())]);
    for blob in layers.into_iter().chain([config]) {
        content.insert(format!("/v2/a/blobs/{}", Digest::of(&blob)), blob);
    }
    for reference in ["1".to_owned(), Digest::of(&manifest).to_string()] {
        content.insert(format!("/v2/a/manifests/{reference}"), manifest.clone());
    }
    content
}

/// Bytes of all blobs.
pub fn total(content: &Content) -> u64 {
    content.iter().filter(|(path, _)| path.contains("/blobs/")).map(|(_, bytes)| bytes.len() as u64).sum()
}

/// Pulls it into a cache.
pub fn pull(address: &str, cache: &Path) -> Result<(), PullError> {
    let machine: &dyn Machine = &Host;
    let client = Client::new(machine, Options::default()).unwrap();
    let cache = Cache::new(cache, machine);
    let platforms = [Platform::linux("amd64")];
    let puller = Puller { client: &client, cache: &cache, machine, platforms: &platforms };
    puller.pull(&[Wanted { image: format!("{address}/a:1").parse().unwrap(), digest: None }]).map(|_| ())
}
