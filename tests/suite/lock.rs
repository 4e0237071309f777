//! Two runs of `generate` with a change between them: what is allowed is told and locked, what loses data changes no byte.

use std::collections::BTreeMap;

use crate::program::Folder;
use crate::program::Said;

const VALUES: &str = "\
apiVersion: helm-ha.dev/v1
name: home
version: 1.0.0
nodes:
  a: { address: 192.168.1.11/24, role: server, devices: [/dev/disk/by-id/one] }
  b: { address: 192.168.1.12/24, role: server, devices: [/dev/disk/by-id/two] }
  c: { address: 192.168.1.13/24, role: server, devices: [/dev/disk/by-id/three] }
storage: { shared: cephfs, private: cephfs, ceph: { replicas: 3, dataDirHostPath: /vols/rook } }
volumes:
  media: { size: 1Ti }
  packages: { size: 20Gi }
services:
  git: { image: example/git:1.0.0, mounts: { /data: { claim: 20Gi }, /packages: { volume: packages } } }
  web: { image: example/web:1.0.0, mounts: { /media: { volume: media } } }
";

/// A folder in which the first run was done.
fn generated() -> Folder {
    let folder = Folder::new(&[("home.yaml", VALUES)]);
    let said = folder.run(&["generate", "home.yaml"], &[], b"");
    assert_eq!(said.code, Some(0), "{said}");
    folder
}

fn written(folder: &Folder) -> BTreeMap<String, Vec<u8>> {
    let mut files = folder.files("");
    files.retain(|name, _| name.ends_with(".lock") || name.ends_with(".tgz"));
    files
}

fn lock(folder: &Folder) -> String {
    std::fs::read_to_string(folder.path("home.lock")).unwrap()
}

fn change(folder: &Folder, changes: &[(&str, &str)]) {
    let text = changes.iter().fold(VALUES.to_owned(), |text, (from, to)| {
        assert!(text.contains(from), "{from}");
        text.replace(from, to)
    });
    folder.write("home.yaml", text);
}

/// The second run, with what it says of the lock.
fn allowed(changes: &[(&str, &str)], expect: &[&str]) -> Folder {
    let folder = generated();
    change(&folder, changes);
    let said = folder.run(&["generate", "home.yaml"], &[], b"");
    assert_eq!(said.code, Some(0), "{said}");
    let told: Vec<&str> = said.stderr.lines().map(str::trim).filter(|line| is_change(line)).collect();
    assert_eq!(told, expect, "{said}");
    // What was locked is still there, and the third run has nothing to add.
    let before = written(&folder);
    let again = folder.run(&["generate", "home.yaml", "--frozen"], &[], b"");
    assert_eq!((again.code, written(&folder)), (Some(0), before), "{again}");
    let checked = folder.run(&["generate", "home.yaml", "--check"], &[], b"");
    assert_eq!(checked.code, Some(0), "{checked}");
    folder
}

fn is_change(line: &str) -> bool {
    line.starts_with("added ") || line.starts_with("changed ")
}

/// Neither `generate` nor any other verb writes a byte, and each finding of `codes` is told.
fn refused(folder: &Folder, codes: &[&str]) -> Said {
    let before = written(folder);
    let said = folder.run(&["generate", "home.yaml", "--output", "json"], &[], b"");
    let found: serde_json::Value = serde_json::from_str(&said.stdout).unwrap();
    let errors = found["findings"].as_array().unwrap().iter().filter(|finding| finding["severity"] == "error");
    let mut errors: Vec<&str> = errors.map(|finding| finding["code"].as_str().unwrap()).collect();
    errors.dedup();
    assert_eq!((said.code, errors.as_slice()), (Some(1), codes), "{said}");
    for verb in [&["lint", "home.yaml"][..], &["plan", "home.yaml"], &["generate", "home.yaml", "--check"]] {
        let said = folder.run(verb, &[], b"");
        assert_eq!(said.code, Some(1), "{said}");
    }
    assert_eq!(written(folder), before, "{codes:?}");
    said
}

fn not_allowed(changes: &[(&str, &str)], codes: &[&str]) -> Folder {
    let folder = generated();
    change(&folder, changes);
    refused(&folder, codes);
    folder
}

#[test]
fn the_first_run_locks_what_was_decided() {
    let folder = generated();
    let text = lock(&folder);
    for line in [
        "lock: v1",
        "name: home",
        "namespace: home",
        "  dataDirHostPath: /vols/rook",
        "  git: { claim: git, class: cephfs, group: 2000, size: 20Gi }",
        "  media: { claim: media, class: cephfs, group: 2000, size: 1Ti }",
    ] {
        assert!(text.lines().any(|found| found == line), "{line}:\n{text}");
    }
    let shown = folder.run(&["lock", "home.yaml"], &[], b"");
    assert!(shown.stdout.contains("\nvolumes.media: claim media, class cephfs, group 2000, size 1Ti\n"), "{shown}");
    assert_eq!(folder.run(&["lock", "home.yaml", "--check"], &[], b"").code, Some(0));
}

#[test]
fn another_class() {
    not_allowed(&[("media: { size: 1Ti }", "media: { size: 1Ti, class: longhorn }")], &["volume-storage-changed"]);
    // The default is for new volumes.
    let more = "  films: { size: 2Ti }\nservices:\n  films: { image: example/web:1.0.0, mounts: { /films: { volume: films } } }\n";
    let folder = allowed(
        &[("shared: cephfs", "shared: longhorn"), ("services:\n", more)],
        &[
            "added classes.longhorn: mode ReadWriteMany, storageClass longhorn",
            "added volumes.films: claim films, class longhorn, group 2000, size 2Ti",
        ],
    );
    let said = folder.run(&["lint", "home.yaml"], &[], b"");
    assert!(said.stderr.contains("`helm ha move media --to longhorn FILE...`"), "{said}");
    let plan = folder.run(&["plan", "home.yaml", "--output", "json"], &[], b"").stdout;
    let plan: serde_json::Value = serde_json::from_str(&plan).unwrap();
    assert_eq!(plan["volumes"]["claims"]["media"]["storageClass"], "cephfs");
}

#[test]
fn a_size_grows_and_never_shrinks() {
    let folder = allowed(
        &[("1Ti", "2Ti"), ("claim: 20Gi", "claim: 30Gi")],
        &[
            "changed claims.git: claim git, class cephfs, group 2000, size 30Gi (was claim git, class cephfs, group 2000, size 20Gi)",
            "changed volumes.media: claim media, class cephfs, group 2000, size 2Ti (was claim media, class cephfs, group 2000, size 1Ti)",
        ],
    );
    // Back to what it was first: the largest counts.
    change(&folder, &[("claim: 20Gi", "claim: 30Gi")]);
    refused(&folder, &["size-shrunk"]);
    not_allowed(&[("claim: 20Gi", "claim: 10Gi")], &["size-shrunk"]);
}

#[test]
fn a_renamed_volume_or_service() {
    not_allowed(&[("media: { size", "films: { size"), ("volume: media", "volume: films")], &["volume-renamed"]);
    let folder = not_allowed(&[("  git: {", "  forge: {")], &["service-renamed"]);
    let said = folder.run(&["lock", "home.yaml", "--forget", "claims.git"], &[], b"");
    assert!(said.stderr.contains("&& kubectl -n home delete pvc git\n"), "{said}");
    let said = folder.run(&["generate", "home.yaml"], &[], b"");
    assert_eq!(said.code, Some(0), "{said}");
    assert!(said.stderr.contains("added claims.forge: "), "{said}");
}

#[test]
fn a_removed_volume_stays_locked() {
    let removed = [("  media: { size: 1Ti }\n", ""), (", mounts: { /media: { volume: media } }", "")];
    let folder = allowed(&removed, &[]);
    let shown = folder.run(&["lock", "home.yaml"], &[], b"");
    assert!(shown.stdout.contains("size 1Ti (no longer in the values)"), "{shown}");
    change(&folder, &[("media: { size: 1Ti }", "media: { size: 1Ti, class: longhorn }")]);
    refused(&folder, &["volume-storage-changed"]);
}

#[test]
fn an_added_service() {
    let more = "services:\n  db: { image: example/db:1.0.0, mounts: { /data: { claim: 5Gi, class: ceph-block } } }\n";
    let folder = generated();
    change(&folder, &[("services:\n", more)]);
    let said = folder.run(&["generate", "home.yaml", "--frozen"], &[], b"");
    assert_eq!(said.code, Some(1), "{said}");
    assert!(said.stderr.contains("lock-frozen"), "{said}");
    let said = folder.run(&["generate", "home.yaml", "--check"], &[], b"");
    assert_eq!(said.code, Some(2), "{said}");
    let said = folder.run(&["generate", "home.yaml"], &[], b"");
    for line in ["added ceph.blockPool: ceph-block", "added claims.db: ", "added classes.ceph-block: "] {
        assert!(said.stderr.contains(line), "{said}");
    }
}

#[test]
fn another_group() {
    not_allowed(&[("media: { size: 1Ti }", "media: { size: 1Ti, group: 3000 }")], &["volume-group-changed"]);
    not_allowed(&[("private: cephfs", "private: cephfs, group: 3000")], &["volume-group-changed"]);
}

#[test]
fn another_pool() {
    let folder = generated();
    folder.write("home.lock", lock(&folder).replace("dataPool: data0", "dataPool: replicated"));
    refused(&folder, &["ceph-name-changed"]);
}

#[test]
fn other_copies_of_ceph() {
    allowed(&[("replicas: 3", "replicas: 2")], &[]);
}

#[test]
fn another_folder_of_ceph() {
    not_allowed(&[("/vols/rook", "/vols/k8s/rook")], &["data-dir-changed"]);
}

#[test]
fn other_versions_of_add_ons() {
    let folder = generated();
    let now = lock(&folder);
    let Some(version) = now.lines().find_map(|line| line.trim().strip_prefix("rook: ")) else {
        panic!("no version of Rook is locked:\n{now}")
    };
    let minor: u64 = version.split('.').nth(1).unwrap().parse().unwrap();
    folder.write("home.lock", now.replace(version, &format!("v1.{}.4", minor - 2)));
    refused(&folder, &["addon-version-skipped"]);
    folder.write("home.lock", now.replace(version, &format!("v1.{}.4", minor - 1)));
    refused(&folder, &["addon-version-changed"]);
    let said = folder.run(&["generate", "home.yaml", "--upgrade-addons"], &[], b"");
    assert_eq!(said.code, Some(0), "{said}");
    let change = format!("changed addons.rook: {version} (was v1.{}.4)", minor - 1);
    assert!(said.stderr.contains(&change), "{said}");
    assert!(said.stderr.contains("helm ha crds ./home-1.0.0.tgz | kubectl apply --server-side"), "{said}");
    assert_eq!(lock(&folder), now);
}

#[test]
fn two_changes_at_once() {
    let both = [("media: { size: 1Ti }", "media: { size: 1Gi }"), ("/vols/rook", "/vols/k8s/rook")];
    not_allowed(&both, &["data-dir-changed", "size-shrunk"]);
    // One that is allowed with one that is not: nothing is written.
    let mixed = [("media: { size: 1Ti }", "media: { size: 2Ti }"), ("claim: 20Gi", "claim: 1Gi")];
    not_allowed(&mixed, &["size-shrunk"]);
}

#[test]
fn a_lock_is_found_and_is_this_clusters() {
    let folder = generated();
    change(&folder, &[("name: home", "name: cottage")]);
    refused(&folder, &["lock-of-another-cluster"]);
    change(&folder, &[]);
    folder.write("staging.yaml", "version: 2.0.0\n");
    let said = folder.run(&["generate", "home.yaml", "staging.yaml"], &[], b"");
    assert!(said.code == Some(1) && said.stderr.contains("lock-elsewhere"), "{said}");
    let said = folder.run(&["generate", "home.yaml", "staging.yaml", "--lock", "home.lock"], &[], b"");
    assert_eq!(said.code, Some(0), "{said}");
    folder.write("home.lock", b"\xff");
    refused(&folder, &["lock-damaged"]);
    let said = folder.run(&["lock", "home.yaml", "--forget", "volumes.media"], &[], b"");
    assert_eq!(said.code, Some(64), "{said}");
}
