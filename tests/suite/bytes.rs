//! The real program writes the same bytes everywhere, completely or not at all.

use std::fs;

use flate2::read::GzDecoder;
use sha2::Digest;
use sha2::Sha256;

use crate::program::Folder;
use crate::program::snapshot;

const EXAMPLES: [&str; 3] = ["minimal", "homelab", "everything"];

/// The archive of an example, written with this environment.
fn archive(folder: &Folder, example: &str, environment: &[(&str, &str)]) -> Vec<u8> {
    let said = folder.run(&["generate", &format!("examples/{example}.yaml"), "-d", "out"], environment, b"");
    assert_eq!(said.code, Some(0), "{said}");
    fs::read(folder.path(&format!("out/{example}-1.0.0.tgz"))).unwrap()
}

/// A change of these is seen in review.
#[test]
fn archives_have_the_committed_hashes() {
    let folder = Folder::new(&[]);
    let line =
        |name: &&str| format!("{}  {name}-1.0.0.tgz\n", hex::encode(Sha256::digest(archive(&folder, name, &[]))));
    snapshot("hashes.txt", &EXAMPLES.iter().map(line).collect::<String>());
}

#[test]
fn surroundings_change_no_byte() {
    let folder = Folder::new(&[]);
    // Other files beside, written in another order.
    let other = Folder::new(&[("examples/media.d/zz/ignored.conf", "x"), ("out/everything-1.0.0.tgz", "old")]);
    for file in ["examples/media.d/one.conf", "examples/media.d/two.conf"] {
        let bytes = fs::read(other.path(file)).unwrap();
        fs::remove_file(other.path(file)).unwrap();
        other.write(file, bytes);
    }
    for example in EXAMPLES {
        let expected = archive(&folder, example, &[]);
        for environment in [
            [("TZ", "Asia/Kolkata"), ("LC_ALL", "tr_TR.UTF-8")],
            [("LANG", "C"), ("HELM_NAMESPACE", "elsewhere")],
            [("HOME", "/nowhere"), ("HELM_DEBUG", "true")],
        ] {
            assert!(archive(&other, example, &environment) == expected, "{example} {environment:?}");
        }
        let elsewhere = other.path("elsewhere");
        fs::create_dir_all(&elsewhere).unwrap();
        let values = other.path(&format!("examples/{example}.yaml"));
        let arguments = ["generate", values.to_str().unwrap(), "-d", elsewhere.to_str().unwrap()];
        let said = other.run_behind("umask 077; cd /", &arguments);
        assert_eq!(said.code, Some(0), "{said}");
        assert!(fs::read(elsewhere.join(format!("{example}-1.0.0.tgz"))).unwrap() == expected, "{example} from /");
    }
}

#[test]
fn the_time_of_the_files_is_the_one_asked_for() {
    let folder = Folder::new(&[]);
    let times = |seconds: Option<&str>| {
        let environment: Vec<_> = seconds.map(|seconds| ("SOURCE_DATE_EPOCH", seconds)).into_iter().collect();
        let bytes = archive(&folder, "minimal", &environment);
        let mut archive = tar::Archive::new(GzDecoder::new(bytes.as_slice()));
        let mut times: Vec<u64> = archive.entries().unwrap().map(|it| it.unwrap().header().mtime().unwrap()).collect();
        times.dedup();
        times
    };
    assert_eq!(times(None), [946_684_800]);
    assert_eq!(times(Some("1")), [1]);
    assert_eq!(times(Some("1700000000")), [1_700_000_000]);
    for wrong in ["yesterday", "-1", "", "1.5", "18446744073709551616"] {
        let said = folder.run(&["generate", "examples/minimal.yaml", "-d", "no"], &[("SOURCE_DATE_EPOCH", wrong)], b"");
        let told = said.stderr.contains("SOURCE_DATE_EPOCH") && said.stderr.contains(wrong);
        assert!(said.code == Some(64) && told && !folder.path("no").exists(), "{wrong}: {said}");
    }
}

#[test]
fn check_writes_nothing_and_sees_every_difference() {
    let folder = Folder::new(&[]);
    let check = |arguments: &[&str], code: i32| {
        let before = folder.files("");
        let said = folder.run(&[&["generate", "examples/minimal.yaml", "--check"], arguments].concat(), &[], b"");
        assert_eq!(said.code, Some(code), "{arguments:?}: {said}");
        assert!(folder.files("") == before, "{arguments:?} has written something");
    };
    check(&["-d", "out"], 2);
    let bytes = archive(&folder, "minimal", &[]);
    check(&["-d", "out"], 0);
    check(&["-d", "out", "--app-version", "2"], 2);
    folder.write("out/minimal-1.0.0.tgz", &bytes[..bytes.len() - 1]);
    check(&["-d", "out"], 2);
    check(&["-d", "out", "--unpacked"], 2);
    assert_eq!(folder.run(&["generate", "examples/minimal.yaml", "-d", "out", "--unpacked"], &[], b"").code, Some(0));
    check(&["-d", "out", "--unpacked"], 0);
    folder.write("out/minimal/templates/more.yaml", "");
    check(&["-d", "out", "--unpacked"], 2);
}

/// Whatever fails leaves what was there, tells one chain, and leaves nothing half done beside it.
#[test]
fn a_failed_command_leaves_what_was_there() {
    let folder = Folder::new(&[("wrong.yaml", "apiVersion: helm-ha.dev/v1\nname: minimal\n"), ("file", "")]);
    archive(&folder, "minimal", &[]);
    folder.write("out/minimal-1.0.0.tgz", "what was there");
    let check = |said: crate::program::Said, code: i32, told: &str| {
        assert!(said.code == Some(code) && said.stderr.contains(told) && said.stdout.is_empty(), "{told}: {said}");
        assert!(code == 1 || said.stderr.lines().count() == 1, "one chain: {said}");
        let files: Vec<_> = folder.files("out").into_iter().collect();
        assert_eq!(files, [("minimal-1.0.0.tgz".to_owned(), b"what was there".to_vec())], "{told}");
    };
    let generate = |values: &str, destination: &str| ["generate", values, "-d", destination].map(str::to_owned);
    let run = |values: &str, destination: &str| {
        folder.run(&generate(values, destination).each_ref().map(String::as_str), &[], b"")
    };
    check(run("wrong.yaml", "out"), 1, "missing-key");
    check(run("missing.yaml", "out"), 74, "error: while reading `missing.yaml`: no such file or directory");
    check(run("examples/minimal.yaml", "file"), 74, "error: while writing `file/minimal-1.0.0.tgz`: ");
    check(run("examples/minimal.yaml", "file/deep"), 74, "error: while writing `file/deep/minimal-1.0.0.tgz`: ");
    check(run("examples/minimal.yaml", "/proc/no"), 74, "error: while writing `/proc/no/minimal-1.0.0.tgz`: ");
    // As on a full disk, the first block can be written and the rest cannot.
    let arguments = generate("examples/minimal.yaml", "out");
    let said = folder.run_behind("trap '' XFSZ; ulimit -f 1", &arguments.each_ref().map(String::as_str));
    check(said, 74, "error: while writing `out/minimal-1.0.0.tgz`: file too large");
    let unpacked = ["generate", "examples/minimal.yaml", "-d", "out", "--unpacked"];
    check(folder.run_behind("trap '' XFSZ; ulimit -f 1", &unpacked), 74, "error: while writing `out/minimal`: ");
}
