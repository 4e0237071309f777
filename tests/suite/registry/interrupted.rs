//! Publishing that is killed at every moment: the registry has the version whole or not at all, and the next run ends it.

use std::collections::BTreeMap;
use std::net::TcpStream;
use std::process::Command;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::Condvar;
use std::sync::Mutex;
use std::time::Duration;

use helm_ha::oci::Digest;
use helm_ha::oci::Named;

use crate::program::Folder;
use crate::program::PROGRAM;
use crate::publish::archive;
use crate::registry::web;
use crate::registry::web::Asked;
use crate::registry::web::answer;

/// Which request the client is killed at, and whether the registry has done by then what it was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Moment {
    Never,
    Before(usize),
    After(usize),
}

#[derive(Default)]
struct State {
    manifests: BTreeMap<String, Vec<u8>>,
    blobs: BTreeMap<String, Vec<u8>>,
    requests: usize,
    moment: Option<Moment>,
    /// The moment has come.
    reached: bool,
}

/// A registry that keeps what it gets, as the specification wants it.
#[derive(Default)]
struct Kept {
    state: Mutex<State>,
    changed: Condvar,
}

impl Kept {
    fn answer(&self, asked: &Asked, stream: &mut TcpStream) {
        let number = {
            let mut state = self.state.lock().unwrap();
            state.requests += 1;
            state.requests
        };
        if self.is(Moment::Before(number)) {
            return self.reach();
        }
        let (status, headers) = self.take(asked);
        if self.is(Moment::After(number)) {
            return self.reach();
        }
        let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        answer(stream, status, &headers, b"");
    }

    fn take(&self, asked: &Asked) -> (u16, Vec<(&'static str, String)>) {
        let mut state = self.state.lock().unwrap();
        let (path, query) = asked.path.split_once('?').unwrap_or((&asked.path, ""));
        let last = path.rsplit('/').next().unwrap().to_owned();
        match (asked.method.as_str(), path.contains("/manifests/")) {
            ("GET", _) => (200, Vec::new()),
            ("HEAD", is_manifest) => {
                let kept = if is_manifest { &state.manifests } else { &state.blobs };
                let digest = kept.get(&last).map(|bytes| Digest::of(bytes).to_string());
                digest.map_or((404, Vec::new()), |digest| (200, vec![("docker-content-digest", digest)]))
            }
            ("POST", _) => (202, vec![("location", "/upload".to_owned())]),
            ("PUT", true) => {
                let Named::Manifest(manifest) = Named::read(&asked.body, None).unwrap() else { panic!("an index") };
                let is_whole = manifest.blobs().all(|blob| state.blobs.contains_key(&blob.digest.to_string()));
                assert!(is_whole, "a manifest came before what it names");
                state.manifests.insert(last, asked.body.clone());
                (201, Vec::new())
            }
            _ => {
                let digest = query.split("digest=").nth(1).unwrap().replace("%3A", ":");
                // A body that was cut is not the blob.
                if digest != Digest::of(&asked.body).to_string() {
                    return (400, Vec::new());
                }
                state.blobs.insert(digest, asked.body.clone());
                (201, Vec::new())
            }
        }
    }

    fn is(&self, moment: Moment) -> bool {
        self.state.lock().unwrap().moment == Some(moment)
    }

    fn reach(&self) {
        self.state.lock().unwrap().reached = true;
        self.changed.notify_all();
    }

    /// Waits a little for the moment.
    fn is_reached(&self) -> bool {
        let state = self.state.lock().unwrap();
        let wait = self.changed.wait_timeout_while(state, Duration::from_millis(20), |state| !state.reached);
        wait.unwrap().0.reached
    }
}

/// Publishes into a registry that has this already, and is killed at a moment. Gives how many requests there were.
fn publish(folder: &Folder, kept: &Arc<Kept>, moment: Moment) -> usize {
    {
        let mut state = kept.state.lock().unwrap();
        (state.requests, state.moment, state.reached) = (0, Some(moment), false);
    }
    let address = {
        let kept = Arc::clone(kept);
        web::serve(move |asked, stream| kept.answer(asked, stream))
    };
    let mut child = Command::new(PROGRAM)
        .args(["publish", "web-1.0.0.tgz", &format!("oci://{address}/charts"), "--force"])
        .env_clear()
        .current_dir(folder.path(""))
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut ended = None;
    while ended.is_none() && !kept.is_reached() {
        ended = child.try_wait().unwrap();
    }
    _ = child.kill();
    let status = child.wait().unwrap();
    assert!(ended.is_none() || status.success(), "{moment:?}: {status}");
    kept.state.lock().unwrap().requests
}

#[test]
fn a_publisher_that_is_killed_leaves_the_version_whole_or_as_it_was() {
    let folder = Folder::new(&[]);
    let (old, new) = (archive("web", "1.0.0", "old"), archive("web", "1.0.0", "new"));
    let write = |bytes: &[u8]| folder.write("web-1.0.0.tgz", bytes);
    let tagged = |kept: &Arc<Kept>| kept.state.lock().unwrap().manifests.get("1.0.0").map(|bytes| Digest::of(bytes));

    let whole = Arc::new(Kept::default());
    write(&new);
    let requests = publish(&folder, &whole, Moment::Never);
    let expected = tagged(&whole);
    assert!(requests >= 8, "{requests}: probe, tag, two blobs with three requests each, manifest");
    let (mut kept_old, mut became_new) = (0, 0);
    for moment in (1..=requests).flat_map(|number| [Moment::Before(number), Moment::After(number)]) {
        let kept = Arc::new(Kept::default());
        write(&old);
        publish(&folder, &kept, Moment::Never);
        let before = tagged(&kept);
        write(&new);
        publish(&folder, &kept, moment);
        let after = tagged(&kept);
        assert!(after == before || after == expected, "{moment:?}");
        (kept_old, became_new) = (kept_old + u32::from(after == before), became_new + u32::from(after == expected));
        publish(&folder, &kept, Moment::Never);
        assert_eq!(tagged(&kept), expected, "{moment:?}");
    }
    assert!(kept_old > 10 && became_new >= 1, "{kept_old} stayed and {became_new} changed");
}
