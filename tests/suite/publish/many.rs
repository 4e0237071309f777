//! Many publishers at once, and publishers that are killed at any moment: nothing is lost, the index is whole at every moment.

use std::collections::BTreeSet;
use std::env;
use std::fs;
use std::process::Command;
use std::process::Stdio;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::Duration;
use std::time::Instant;

use helm_ha::helm::Index;
use helm_ha::helm::version_of;

use super::archive;
use super::publish;
use crate::program::Folder;
use crate::program::PROGRAM;

const PUBLISHERS: usize = 16;

fn is_long() -> bool {
    env::var_os("HELM_HA_LONG").is_some()
}

/// The index as it is at this moment, with every version as `NAME VERSION`, in order; each archive that it names is there.
fn versions(folder: &Folder) -> Vec<String> {
    let Ok(bytes) = fs::read(folder.path("repo/index.yaml")) else { return Vec::new() };
    let index = Index::read(bytes).expect("an index that is whole");
    index
        .versions()
        .map(|(name, entry)| {
            let version = version_of(entry);
            let bytes = fs::read(folder.path(&format!("repo/{name}-{version}.tgz"))).unwrap_or_default();
            assert!(bytes == archive(name, &version, "x"), "{name} {version} is named and not there");
            format!("{name} {version}")
        })
        .collect()
}

fn names(folder: &Folder) -> BTreeSet<String> {
    folder.files("repo").into_keys().collect()
}

#[test]
fn sixteen_publishers_at_once_lose_nothing() {
    let rounds = if is_long() { 32 } else { 8 };
    let folder = Folder::new(&[]);
    let done = AtomicBool::new(false);
    let reads = thread::scope(|scope| {
        let reader = scope.spawn(|| {
            let (mut reads, mut most) = (0, 0);
            while !done.load(Ordering::Relaxed) {
                let now = versions(&folder).len();
                assert!(now >= most, "{now} versions after {most}");
                (reads, most) = (reads + 1, now);
            }
            reads
        });
        let publishers: Vec<_> = (0..PUBLISHERS)
            .map(|publisher| {
                let folder = &folder;
                scope.spawn(move || {
                    for round in 0..rounds {
                        let name = format!("chart-{}", publisher % 4);
                        let said = publish(folder, &name, &format!("{round}.{publisher}.0"), "x", &[]);
                        assert_eq!(said.code, Some(0), "{said}");
                    }
                })
            })
            .collect();
        let outcomes: Vec<_> = publishers.into_iter().map(thread::ScopedJoinHandle::join).collect();
        done.store(true, Ordering::Relaxed);
        outcomes.into_iter().for_each(|outcome| outcome.unwrap());
        reader.join().unwrap()
    });
    let found = versions(&folder);
    println!("{} versions published, the index read {reads} times meanwhile", found.len());
    assert_eq!(found.iter().collect::<BTreeSet<_>>().len(), PUBLISHERS * rounds);
    assert!(reads > rounds, "read {reads} times");
    let of_first: Vec<_> = found.iter().filter(|version| version.starts_with("chart-0 ")).collect();
    assert_eq!(of_first.first().map(|it| it.as_str()), Some(format!("chart-0 {}.12.0", rounds - 1).as_str()));
    assert_eq!(names(&folder).len(), PUBLISHERS * rounds + 1, "{:?}", names(&folder));
}

#[test]
fn a_killed_publisher_leaves_what_was_there() {
    let (kills, between) = if is_long() { (200, 50) } else { (60, 10) };
    let folder = Folder::new(&[]);
    for version in 0..3 {
        assert_eq!(publish(&folder, "before", &format!("{version}.0.0"), "x", &[]).code, Some(0));
    }
    // How long one takes decides when it is killed.
    let start = Instant::now();
    for version in 3..8 {
        assert_eq!(publish(&folder, "before", &format!("{version}.0.0"), "x", &[]).code, Some(0));
    }
    let whole = start.elapsed() / 5;
    let (mut in_between, mut finished, mut seed) = (0, 0, 1_u64);
    let mut kill = 0;
    // On a busy machine one takes longer than the first ones did, and is killed before it has begun.
    while kill < kills || (in_between < between && kill < 5 * kills) {
        let (before, there) = (versions(&folder), names(&folder));
        let version = format!("1.{kill}.0");
        let file = format!("killed-{version}.tgz");
        folder.write(&file, archive("killed", &version, "x"));
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let after = whole * (seed >> 40) as u32 / (1 << 24);
        let mut child = Command::new(PROGRAM)
            .args(["publish", &file, "repo"])
            .current_dir(folder.path(""))
            .env_clear()
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let start = Instant::now();
        while start.elapsed() < after {
            std::hint::spin_loop();
        }
        child.kill().unwrap();
        child.wait().unwrap();
        let now = versions(&folder);
        assert!(before.iter().all(|version| now.contains(version)), "{before:?} became {now:?}");
        let is_published = now.len() > before.len();
        let left: Vec<String> = names(&folder).difference(&there).cloned().collect();
        finished += usize::from(is_published);
        // The lock is the first that is written, the index the last.
        in_between += usize::from(!is_published && !left.is_empty());
        kill += 1;
    }
    let kills = kill;
    println!("{kills} killed within {whole:?}: {in_between} between the first write and the last, {finished} after it");
    assert!(in_between >= between, "only {in_between} of {kills} between the first write and the last");
    assert_eq!(publish(&folder, "after", "1.0.0", "x", &[]).code, Some(0));
    for kill in 0..kills {
        let file = format!("killed-1.{kill}.0.tgz");
        let said = folder.run(&["publish", &file, "repo"], &[], b"");
        assert_eq!(said.code, Some(0), "{said}");
    }
    assert_eq!(versions(&folder).len(), 8 + 1 + kills);
    assert_eq!(names(&folder).len(), 8 + 1 + kills + 1, "{:?}", names(&folder));
}

/// One that does not end in time is told, and changes nothing.
#[test]
fn whoever_waits_is_served_when_the_holder_is_killed() {
    let folder = Folder::new(&[]);
    assert_eq!(publish(&folder, "a", "1.0.0", "x", &[]).code, Some(0));
    let holder = Command::new("flock")
        .args(["--no-fork", "repo/.helm-ha-publish.lock", "sh", "-c", "echo; exec sleep 600"])
        .current_dir(folder.path(""))
        .stdout(Stdio::piped())
        .spawn();
    let Ok(mut holder) = holder else { return };
    std::io::Read::read_exact(holder.stdout.as_mut().unwrap(), &mut [0]).unwrap();
    thread::scope(|scope| {
        let waiter = scope.spawn(|| publish(&folder, "a", "2.0.0", "x", &[]));
        let start = Instant::now();
        while !folder.path("a-2.0.0.tgz").exists() && start.elapsed() < Duration::from_secs(30) {
            thread::yield_now();
        }
        assert!(!folder.path("repo/a-2.0.0.tgz").exists() && !waiter.is_finished());
        holder.kill().unwrap();
        holder.wait().unwrap();
        assert_eq!(waiter.join().unwrap().code, Some(0));
    });
}
