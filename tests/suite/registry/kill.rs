//! A pull that is killed over and over: the next one goes on where it ended, and the bytes are counted at the registry.

use std::collections::BTreeMap;
use std::env;
use std::io::Write;
use std::net::TcpStream;
use std::path::Path;
use std::process::Command;
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
use helm_ha::registry::Puller;
use helm_ha::registry::Wanted;

use crate::registry::images;
use crate::registry::web;
use crate::registry::web::Asked;

/// Set in the copy of the test that pulls: the address and the folder of the cache.
const PULLS: &str = "HELM_HA_PULLS";
const KILLS: u64 = 100;
const LARGE: usize = 64 << 20;
const SMALL: usize = 2 << 20;
/// What may be between the registry and the disk when a process is killed: the buffers of six connections.
const UNDERWAY: u64 = 24 << 20;

/// How many bytes of blobs the server has sent, and how many it may send before it waits.
#[derive(Default)]
struct Counter {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Clone, Copy, Default)]
struct State {
    sent: u64,
    allowed: u64,
    /// Goes up with every kill: connections of before end.
    life: u64,
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
    fn has_sent(&self, bytes: u64) -> bool {
        let state = self.state.lock().unwrap();
        let wait = self.changed.wait_timeout_while(state, Duration::from_millis(20), |state| state.sent < bytes);
        wait.unwrap().0.sent >= bytes
    }

    fn change(&self, change: impl FnOnce(&mut State)) -> State {
        let mut state = self.state.lock().unwrap();
        change(&mut state);
        self.changed.notify_all();
        *state
    }
}

fn serve(content: BTreeMap<String, Vec<u8>>, counter: Arc<Counter>) -> String {
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
        for piece in bytes[start..].chunks(64 << 10) {
            if !counter.send(life, piece.len() as u64) || stream.write_all(piece).is_err() {
                break;
            }
        }
    })
}

/// One large blob and some small ones.
fn content() -> BTreeMap<String, Vec<u8>> {
    let layers: Vec<Vec<u8>> =
        (0..6).map(|number| images::noise(if number == 0 { LARGE } else { SMALL }, number + 1)).collect();
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

fn pull(address: &str, cache: &Path) {
    let machine: &dyn Machine = &Host;
    let client = Client::new(machine, Options::default()).unwrap();
    let cache = Cache::new(cache, machine);
    let platforms = [Platform::linux("amd64")];
    let puller = Puller { client: &client, cache: &cache, machine, platforms: &platforms };
    puller.pull(&[Wanted { image: format!("{address}/a:1").parse().unwrap(), digest: None }]).unwrap();
}

#[test]
fn a_pull_that_is_killed_a_hundred_times_reads_each_byte_about_once() {
    if let Some(pulls) = env::var_os(PULLS) {
        let (address, cache) = pulls.to_str().unwrap().split_once(' ').unwrap();
        return pull(address, Path::new(cache));
    }
    let content = content();
    let total: u64 = content.iter().filter(|(path, _)| path.contains("/blobs/")).map(|(_, it)| it.len() as u64).sum();
    let counter = Arc::new(Counter::default());
    let address = serve(content, Arc::clone(&counter));
    let folder = tempfile::tempdir().unwrap();
    let name = std::thread::current().name().unwrap().to_owned();
    let start = || {
        Command::new(env::current_exe().unwrap())
            .args(["--exact", &name, "--nocapture"])
            .env(PULLS, format!("{address} {}", folder.path().display()))
            .stdout(std::process::Stdio::null())
            .spawn()
            .unwrap()
    };
    let (mut kills, mut seed) = (0, 0x2545_f491_u64);
    while kills < KILLS {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        // From nothing at all to some 1.5 MB, so that kills fall everywhere, and the work is not done before the last.
        let more = (seed >> 33) % (3 * total / 2 / KILLS);
        let state = counter.change(|state| state.allowed = state.sent + more);
        let mut child = start();
        // Until so much was sent, or the process has ended because nothing was left to send.
        let mut ended = None;
        while !counter.has_sent(state.allowed) && ended.is_none() {
            ended = child.try_wait().unwrap();
        }
        if let Some(status) = ended {
            assert!(status.success(), "{status}");
            break;
        }
        child.kill().unwrap();
        child.wait().unwrap();
        counter.change(|state| state.life += 1);
        kills += 1;
    }
    let served = counter.change(|state| state.allowed = u64::MAX).sent;
    println!("{kills} kills while {served} of {total} bytes were served");
    assert!(kills >= KILLS / 2);
    assert!(start().wait().unwrap().success());
    let served = counter.change(|_| {}).sent;
    println!("{served} bytes were served of {total}, with {kills} kills");
    assert_eq!(images::sound(folder.path()).len(), 8);
    assert!(served >= total && served < total + UNDERWAY.max(kills * (1 << 20)), "{served} of {total}");
}
