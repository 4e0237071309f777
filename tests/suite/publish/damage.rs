//! What is damaged, full, foreign or already there: one clear error each, and the repository as it was.

use std::fs;
use std::process::Command;

use super::archive;
use super::publish;
use super::read;
use crate::oracle::system;
use crate::program::Folder;
use crate::program::snapshot;

#[test]
fn a_version_is_published_once() {
    let folder = Folder::new(&[]);
    let mut text = String::new();
    let mut step = |line: &str| {
        let arguments: Vec<&str> = line.split(' ').skip(2).collect();
        let said = folder.run(&arguments, &[("SOURCE_DATE_EPOCH", "1700000000")], b"");
        text += &format!("$ {line}\n{said}\n");
    };
    folder.write("a-1.0.0.tgz", archive("a", "1.0.0", "x"));
    step("helm ha publish a-1.0.0.tgz repo");
    let index = read(&folder.path("repo/index.yaml"));
    step("helm ha publish a-1.0.0.tgz repo --output json");
    folder.write("a-1.0.0.tgz", archive("a", "1.0.0", "y"));
    step("helm ha publish a-1.0.0.tgz repo");
    assert_eq!(read(&folder.path("repo/index.yaml")), index);
    assert_eq!(folder.files("repo")["a-1.0.0.tgz"], archive("a", "1.0.0", "x"));
    step("helm ha publish a-1.0.0.tgz repo --force");
    fs::remove_file(folder.path("repo/a-1.0.0.tgz")).unwrap();
    step("helm ha publish a-1.0.0.tgz repo");
    folder.write("repo/a-1.0.0.tgz", "damaged");
    step("helm ha publish a-1.0.0.tgz repo");
    snapshot("publish/once.txt", &text);
}

#[test]
fn what_is_no_chart_or_no_repository_is_refused() {
    let folder = Folder::new(&[("file", "x"), ("empty.tgz", ""), ("text.tgz", "text"), ("name.tgz", "")]);
    assert_eq!(publish(&folder, "good", "1.0.0", "x", &[]).code, Some(0));
    let good = archive("good", "2.0.0", "x");
    folder.write("good.tgz", &good);
    folder.write("cut.tgz", &good[..good.len() / 2]);
    folder.write("name.tgz", archive("two words", "1.0.0", "x"));
    folder.write("version.tgz", archive("good", "one", "x"));
    let mut flipped = good.clone();
    let middle = flipped.len() / 2;
    flipped[middle] ^= 0x55;
    folder.write("flipped.tgz", flipped);
    let bad = [
        ("empty", ""),
        ("list", "[]\n"),
        ("twice", "apiVersion: v1\nentries: {}\nentries: {}\n"),
        ("version", "apiVersion: v3\nentries: {}\n"),
        ("cut", "apiVersion: v1\nentries:\n  a:\n  - {name: a"),
        ("shape", "apiVersion: v1\nentries: {a: {b: c}}\n"),
    ];
    for (name, index) in bad {
        folder.write(&format!("bad-{name}/index.yaml"), index);
    }
    folder.write("bad-large/index.yaml", vec![b' '; (16 << 20) + 1]);
    let before = (folder.files("repo"), bad.map(|(name, _)| folder.files(&format!("bad-{name}"))));
    let mut text = String::new();
    let archives = ["missing", "empty", "text", "cut", "flipped", "name", "version"];
    let lines = archives.iter().map(|name| format!("publish {name}.tgz repo"));
    let indexes = bad
        .iter()
        .map(|(name, _)| *name)
        .chain(["large"])
        .flat_map(|name| [format!("publish good.tgz bad-{name}"), format!("index bad-{name}")]);
    let others =
        ["publish good.tgz file", "publish good.tgz https://example.com/charts", "publish good.tgz repo --url ../x"];
    for line in lines.chain(indexes).chain(others.map(str::to_owned)) {
        let said = folder.run(&line.split(' ').collect::<Vec<_>>(), &[], b"");
        assert!(matches!(said.code, Some(64 | 74)) && said.stdout.is_empty(), "{line}: {said}");
        text += &format!("$ helm ha {line}\n{said}\n");
    }
    snapshot("publish/damage.txt", &text);
    assert!(before == (folder.files("repo"), bad.map(|(name, _)| folder.files(&format!("bad-{name}")))));
    // In a folder whose archives are read, too.
    for name in ["text", "cut", "flipped"] {
        fs::copy(folder.path(&format!("{name}.tgz")), folder.path("repo/x.tgz")).unwrap();
        let said = folder.run(&["index", "repo"], &[], b"");
        assert!(said.code == Some(74) && said.stderr.contains("`x.tgz`"), "{said}");
        fs::remove_file(folder.path("repo/x.tgz")).unwrap();
    }
    assert!(before.0 == folder.files("repo"));
}

/// A real file system that is full, at every size at which something else does not fit any more.
#[test]
fn a_full_disk_leaves_what_was_there() {
    let folder = Folder::new(&[]);
    fs::create_dir(folder.path("repo")).unwrap();
    let (Some(mount), Some(umount)) = (system("mount"), system("umount")) else { return };
    let repo = folder.path("repo");
    let mounted =
        Command::new(mount.path()).args(["-t", "tmpfs", "-o", "size=256k", "tmpfs"]).arg(&repo).output().unwrap();
    if !mounted.status.success() {
        let reason = String::from_utf8_lossy(&mounted.stderr).into_owned();
        assert!(std::env::var_os("HELM_HA_REQUIRE_ORACLES").is_none(), "no tmpfs can be mounted: {reason}");
        eprintln!("LEFT OUT: a full disk: no tmpfs can be mounted: {reason}");
        return;
    }
    let outcome = std::panic::catch_unwind(|| {
        assert_eq!(publish(&folder, "a", "1.0.0", "x", &[]).code, Some(0));
        let before = folder.files("repo");
        let mut refused = 0;
        // 4 KiB pages: the archive needs one, and so does the index.
        for pages in 0..4 {
            let free = |pages: usize| {
                let mut filler = Vec::new();
                while fs::write(repo.join("filler"), &filler).is_ok() {
                    filler.resize(filler.len() + 4096, 0);
                }
                filler.truncate(filler.len().saturating_sub(4096 * (pages + 1)));
                fs::write(repo.join("filler"), &filler).unwrap();
            };
            free(pages);
            let said = publish(&folder, "a", &format!("2.{pages}.0"), "x", &[]);
            fs::remove_file(repo.join("filler")).unwrap();
            if said.code == Some(0) {
                continue;
            }
            refused += 1;
            assert!(said.code == Some(74) && said.stderr.contains("no space left on device"), "{said}");
            assert!(folder.files("repo") == before, "{pages} pages: {:?}", folder.files("repo").keys());
        }
        assert!(refused >= 2, "the disk was full {refused} times");
    });
    assert!(Command::new(umount.path()).arg(&repo).status().unwrap().success());
    outcome.unwrap();
}
