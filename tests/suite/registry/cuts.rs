//! A full disk, a line that is cut all the time, and several who pull the same at once.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;

use helm_ha::registry::PullError;

use crate::oracle::system;
use crate::registry::counted;
use crate::registry::counted::Counter;
use crate::registry::images;

fn unlimited() -> Arc<Counter> {
    let counter = Arc::new(Counter::default());
    counter.change(|state| state.allowed = u64::MAX);
    counter
}

#[test]
fn a_full_disk_is_told_and_later_it_goes_on() {
    let (Some(mount), Some(umount)) = (system("mount"), system("umount")) else { return };
    let folder = tempfile::tempdir().unwrap();
    let mounted =
        Command::new(mount.path()).args(["-t", "tmpfs", "-o", "size=4m", "tmpfs"]).arg(folder.path()).output();
    let mounted = mounted.unwrap();
    if !mounted.status.success() {
        let reason = String::from_utf8_lossy(&mounted.stderr).into_owned();
        assert!(std::env::var_os("HELM_HA_REQUIRE_ORACLES").is_none(), "no tmpfs can be mounted: {reason}");
        eprintln!("LEFT OUT: a full disk: no tmpfs can be mounted: {reason}");
        return;
    }
    let outcome = std::panic::catch_unwind(|| {
        let (counter, content) = (unlimited(), counted::content(8 << 20));
        let total = counted::total(&content);
        let address = counted::serve(content, Arc::clone(&counter));
        let error = counted::pull(&address, folder.path()).unwrap_err();
        let PullError::Registry { error, .. } = error else { panic!("{error}") };
        assert!(matches!(error.reason, helm_ha::registry::Reason::File(_)), "{error}");
        let text = error.reason.to_string();
        assert!(text.starts_with("while writing `") && text.ends_with(": no space left on device"), "{text}");
        images::sound(folder.path());
        let grown = Command::new(mount.path()).args(["-o", "remount,size=64m"]).arg(folder.path()).status().unwrap();
        assert!(grown.success());
        counted::pull(&address, folder.path()).unwrap();
        assert_eq!(images::sound(folder.path()).len(), 8);
        let served = counter.change(|_| {}).sent;
        assert!(served < 2 * total, "{served} bytes were served of {total}");
    });
    assert!(Command::new(umount.path()).arg(folder.path()).status().unwrap().success());
    outcome.unwrap();
}

#[test]
fn four_who_pull_the_same_at_once_read_it_once() {
    let (counter, content) = (unlimited(), counted::content(8 << 20));
    let total = counted::total(&content);
    let address = counted::serve(content, Arc::clone(&counter));
    let folder = tempfile::tempdir().unwrap();
    let pull = || counted::pull(&address, folder.path());
    std::thread::scope(|scope| {
        let all: Vec<_> = (0..4).map(|_| scope.spawn(pull)).collect();
        all.into_iter().for_each(|one| one.join().unwrap().unwrap());
    });
    assert_eq!(images::sound(folder.path()).len(), 8);
    let served = counter.change(|_| {}).sent;
    // The configuration, which is read to know the platform, is the one small blob that each may read.
    assert!(served < total + 4096, "{served} bytes were served of {total}");
    assert!(is_empty(&folder.path().join("partial")));
}

fn is_empty(folder: &Path) -> bool {
    std::fs::read_dir(folder).unwrap().next().is_none()
}

/// Every connection ends after two megabytes.
#[test]
fn a_line_that_breaks_all_the_time_is_enough() {
    let (counter, content) = (unlimited(), counted::content(12 << 20));
    let total = counted::total(&content);
    let cuts = Arc::new(AtomicU64::new(0));
    let address = {
        let (counter, cuts) = (Arc::clone(&counter), Arc::clone(&cuts));
        counted::serve_cut(content, counter, move || {
            cuts.fetch_add(1, Ordering::Relaxed);
            2 << 20
        })
    };
    let folder = tempfile::tempdir().unwrap();
    counted::pull(&address, folder.path()).unwrap();
    assert_eq!(images::sound(folder.path()).len(), 8);
    let served = counter.change(|_| {}).sent;
    assert!(cuts.load(Ordering::Relaxed) > 6 && served < total + total / 10, "{served} bytes were served of {total}");
}
