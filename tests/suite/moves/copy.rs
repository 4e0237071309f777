//! The command line of the copy Job on 100,000 small files and a sparse one: equal trees, a killed copy, a full target.

use std::collections::BTreeMap;
use std::fs;
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::os::unix::fs::MetadataExt;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::fs::chown;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Child;
use std::process::Command;
use std::process::Stdio;
use std::time::Duration;
use std::time::Instant;
use std::time::SystemTime;

use helm_ha::source::Sources;
use helm_ha::yaml;
use serde_json::Value;
use walkdir::WalkDir;

use super::VALUES;
use crate::oracle;
use crate::program::Folder;

const FOLDERS: usize = 1000;
const FILES: usize = 100;
const SPARSE: u64 = 2 << 30;

/// The Job as it is written for people to apply.
fn job() -> Value {
    let folder = Folder::new(&[("home.yaml", VALUES)]);
    for arguments in [&["generate", "home.yaml"][..], &["move", "media", "--to", "fast", "home.yaml"]] {
        let said = folder.run(arguments, &[], b"");
        assert_eq!(said.code, Some(0), "{said}");
    }
    let mut sources = Sources::default();
    let id = sources.add("copy.yaml", fs::read_to_string(folder.path("home-move-media/copy.yaml")).unwrap());
    yaml::read(&sources, id).node.unwrap().to_json()
}

/// The container's command with its folders put elsewhere.
fn command(job: &Value, from: &Path, to: &Path, before: &str) -> Command {
    let container = &job["spec"]["template"]["spec"]["containers"][0];
    let words: Vec<&str> = container["command"].as_array().unwrap().iter().map(|word| word.as_str().unwrap()).collect();
    let names: Vec<&str> =
        container["env"].as_array().unwrap().iter().map(|variable| variable["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["from", "to"]);
    let mut command = Command::new("unshare");
    command.args(["--mount", "sh", "-c", &format!("{before}\nexec \"$@\""), "-"]).args(words);
    command.env("from", from).env("to", to);
    command
}

#[test]
fn the_copy_is_equal_goes_on_and_says_when_the_target_is_full() {
    let all = ["rsync", "setfacl", "getfacl", "unshare"].map(oracle::system);
    if all.iter().any(Option::is_none) {
        return;
    }
    // In memory: 200,000 files take a disk minutes to delete.
    let folder = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap();
    let (from, to) = (folder.path().join("from"), folder.path().join("to"));
    fs::create_dir(&to).unwrap();
    fill(&from);
    // Times of one second are equal to rsync: in a move the services have stopped long before.
    std::thread::sleep(Duration::from_millis(1100));
    let job = job();

    // Killed when some of it is there, as by a node that goes away.
    let mut killed = spawn(&mut command(&job, &from, &to, ""));
    let start = Instant::now();
    while count(&to.join("f300")) < FILES && start.elapsed() < Duration::from_secs(600) {
        std::thread::sleep(Duration::from_millis(5));
    }
    kill(&mut killed);
    let there = WalkDir::new(&to).into_iter().map(Result::unwrap).filter(|entry| entry.file_type().is_file()).count();
    assert!((1..FOLDERS * FILES).contains(&there), "{there}");

    let answer = oracle::answer(&mut command(&job, &from, &to, ""), "");
    assert!(answer.succeeded, "{}{}", answer.stdout, answer.stderr);
    assert!(answer.stdout.ends_with("DONE: both are equal, byte for byte\n"), "{}", answer.stdout);
    let line = answer.stdout.lines().find(|line| line.starts_with("Number of regular files transferred: "));
    let sent: usize = line.unwrap().rsplit(' ').next().unwrap().replace(',', "").parse().unwrap();
    assert!(sent + there <= FOLDERS * FILES + 4, "{there} were there, and {sent} were copied");
    let (source, target) = (tree(&from), tree(&to));
    assert_eq!(source.len(), target.len());
    assert!(source.len() > FOLDERS * FILES);
    for (path, entry) in &source {
        assert_eq!(Some(entry), target.get(path), "{path}");
    }
    let blocks = fs::metadata(to.join("z/sparse")).unwrap().blocks();
    assert!(blocks * 512 < SPARSE / 100, "the holes are still holes: {blocks} blocks");
    let acl = |root: &Path| {
        let answer = oracle::answer(Command::new("getfacl").args(["-n", "-R", "acl"]).current_dir(root), "");
        assert!(answer.stdout.contains("user:1234:rwx"), "{}{}", answer.stdout, answer.stderr);
        answer.stdout
    };
    assert_eq!(acl(&from), acl(&to));

    differences_are_told(&job, &from.join("f0"), &to.join("f0"));
    a_full_target_says_so(&job, &from.join("f0"), folder.path());
}

/// Something that changed behind the back of times and sizes does not pass the comparison.
fn differences_are_told(job: &Value, from: &Path, to: &Path) {
    let path = to.join("1");
    let before = fs::metadata(&path).unwrap();
    let text = fs::read(&path).unwrap();
    fs::write(&path, vec![b'!'; text.len()]).unwrap();
    File::options().write(true).open(&path).unwrap().set_modified(before.modified().unwrap()).unwrap();
    let answer = oracle::answer(&mut command(job, from, to, ""), "");
    assert_eq!(answer.code, Some(3), "{}{}", answer.stdout, answer.stderr);
    assert!(answer.stdout.contains("STOPPED: these differ") && answer.stdout.contains("\n>fc"), "{}", answer.stdout);
}

fn a_full_target_says_so(job: &Value, from: &Path, folder: &Path) {
    let small = folder.join("small");
    fs::create_dir(&small).unwrap();
    let mount = "mount -t tmpfs -o size=256k none \"$to\" || exit 99";
    let answer = oracle::answer(&mut command(job, from, &small, mount), "");
    assert_eq!(answer.code, Some(11), "{}{}", answer.stdout, answer.stderr);
    assert!(answer.stderr.contains("No space left on device"), "{}", answer.stderr);
    assert!(answer.stdout.contains("STOPPED: the target cannot be written"), "{}", answer.stdout);
    // The Job does not try again what cannot end well.
    let rule = &job["spec"]["podFailurePolicy"]["rules"][0];
    assert_eq!((&rule["action"], &rule["onExitCodes"]["values"]), (&"FailJob".into(), &serde_json::json!([3, 11])));
}

fn fill(root: &Path) {
    let time = |seconds| SystemTime::UNIX_EPOCH + Duration::new(1_000_000_000 + seconds, 123_456_789);
    for folder in 0..FOLDERS {
        let path = root.join(format!("f{folder}"));
        fs::create_dir_all(&path).unwrap();
        for file in 0..FILES {
            let path = path.join(file.to_string());
            fs::write(&path, format!("{folder} {file}\n").repeat(file % 7)).unwrap();
            if file % 10 == 0 {
                let mode = [0o600, 0o644, 0o2755, 0o4711][folder % 4];
                chown(&path, Some(1000 + folder as u32 % 3), Some(2000 + file as u32)).unwrap();
                fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
                File::open(&path).unwrap().set_modified(time((folder * file) as u64)).unwrap();
            }
        }
    }
    // The last to be copied.
    fs::create_dir(root.join("z")).unwrap();
    let sparse = File::create(root.join("z/sparse")).unwrap();
    sparse.set_len(SPARSE).unwrap();
    for at in [0, SPARSE / 2, SPARSE - 8] {
        sparse.write_all_at(b"not zero", at).unwrap();
    }
    fs::hard_link(root.join("f0/1"), root.join("hard")).unwrap();
    symlink("f0/1", root.join("soft")).unwrap();
    symlink("/nowhere", root.join("dangling")).unwrap();
    fs::create_dir(root.join("acl")).unwrap();
    fs::write(root.join("acl/file"), "x").unwrap();
    let answer = oracle::answer(Command::new("setfacl").args(["-R", "-m", "u:1234:rwx"]).arg(root.join("acl")), "");
    assert!(answer.succeeded, "{}", answer.stderr);
    fs::create_dir(root.join("odd name\nof two lines")).unwrap();
    fs::set_permissions(root, fs::Permissions::from_mode(0o2775)).unwrap();
    File::open(root.join("f0")).unwrap().set_modified(time(7)).unwrap();
}

/// What a file is: everything that a copy must keep.
#[derive(Debug, PartialEq, Eq)]
struct Entry {
    mode: u32,
    owner: (u32, u32),
    modified: (i64, i64),
    links: u64,
    size: u64,
    content: Vec<u8>,
}

fn tree(root: &Path) -> BTreeMap<String, Entry> {
    let entries = WalkDir::new(root).into_iter().map(Result::unwrap);
    let entry = |path: &Path| {
        let is = fs::symlink_metadata(path).unwrap();
        let content = match is.file_type() {
            kind if kind.is_symlink() => fs::read_link(path).unwrap().into_os_string().into_encoded_bytes(),
            // Of the large one the places with something in them.
            kind if kind.is_file() && is.len() == SPARSE => {
                let (file, mut bytes) = (File::open(path).unwrap(), vec![0; 24]);
                for (part, at) in [0, SPARSE / 2, SPARSE - 8].into_iter().enumerate() {
                    file.read_exact_at(&mut bytes[part * 8..part * 8 + 8], at).unwrap();
                }
                bytes
            }
            kind if kind.is_file() => fs::read(path).unwrap(),
            _ => Vec::new(),
        };
        let size = if is.is_dir() { 0 } else { is.len() };
        Entry {
            mode: is.mode(),
            owner: (is.uid(), is.gid()),
            modified: (is.mtime(), is.mtime_nsec()),
            links: is.nlink(),
            size,
            content,
        }
    };
    entries.map(|it| (it.path().strip_prefix(root).unwrap().display().to_string(), entry(it.path()))).collect()
}

fn count(folder: &Path) -> usize {
    fs::read_dir(folder).map_or(0, Iterator::count)
}

/// In a process group of its own, which [`kill`] ends.
fn spawn(command: &mut Command) -> Child {
    use std::os::unix::process::CommandExt;
    command.process_group(0).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

fn kill(child: &mut Child) {
    let group = format!("-{}", child.id());
    assert!(Command::new("kill").args(["-KILL", "--", &group]).status().unwrap().success());
    child.wait().unwrap();
}
