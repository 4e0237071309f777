//! A pull that is killed over and over: the next one goes on where it ended, and the bytes are counted at the registry.

use std::env;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use crate::registry::counted;
use crate::registry::counted::Counter;
use crate::registry::images;

/// Set in the copy of the test that pulls: the address and the folder of the cache.
const PULLS: &str = "HELM_HA_PULLS";
const KILLS: u64 = 100;
const LARGE: usize = 64 << 20;
/// What may be between the registry and the disk when a process is killed: the buffers of six connections.
const UNDERWAY: u64 = 24 << 20;

#[test]
fn a_pull_that_is_killed_a_hundred_times_reads_each_byte_about_once() {
    if let Some(pulls) = env::var_os(PULLS) {
        let (address, cache) = pulls.to_str().unwrap().split_once(' ').unwrap();
        return counted::pull(address, Path::new(cache)).unwrap();
    }
    let content = counted::content(LARGE);
    let total = counted::total(&content);
    let counter = Arc::new(Counter::default());
    let address = counted::serve(content, Arc::clone(&counter));
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
