//! Bundles for sites without Internet: what is inside, always the same bytes, read by those who must import it.

mod cluster;
mod containerd;
mod hostile;
mod materials;
mod place;
mod push;
mod signature;
mod site;

use std::fs;
use std::process::Command;

use helm_ha::bundle::Packing;
use helm_ha::bundle::known_k3s;

use crate::bundle::site::Gzip;
use crate::bundle::site::Site;
use crate::bundle::site::WEB;
use crate::bundle::site::check;

/// Twice in the same folder, and of another copy of all files: nothing of time, place, user or cores is inside.
#[test]
fn the_same_images_give_the_same_bytes() {
    let (one, other) = (Site::small(), Site::small());
    for packing in [Packing::Plain, Packing::Zstd] {
        let bytes = |site: &Site, name: &str| fs::read(site.bundle(name, packing)).unwrap();
        let first = bytes(&one, "first");
        assert!(first == bytes(&one, "second") && first == bytes(&other, "third"), "{packing:?}");
    }
}

/// GNU tar and coreutils read it as any archive, and the sums are right.
#[test]
fn ordinary_tools_read_it() {
    let site = Site::small();
    for (packing, flag) in [(Packing::Plain, "-xf"), (Packing::Zstd, "--zstd -xf")] {
        let path = site.bundle("whole", packing);
        let folder = site.path("unpacked");
        let line = format!("rm -rf $1 && mkdir $1 && cd $1 && tar {flag} $0 && sha256sum --quiet -c SHA256SUMS");
        let status = Command::new("sh").args(["-ec", &line]).arg(&path).arg(&folder).status().unwrap();
        assert!(status.success());
        let files = site.folder.files("unpacked");
        let lines = String::from_utf8(files["SHA256SUMS"].clone()).unwrap();
        assert_eq!(lines.lines().count(), files.len() - 1, "a line for each other file");
        assert_eq!(files["charts/home-1.0.0.tgz"], site.chart());
    }
}

#[test]
fn a_file_holds_little_beside_its_blobs() {
    let mut site = Site::empty();
    let mut noise = vec![0; 16 << 20];
    let mut state = 1u32;
    noise.fill_with(|| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    });
    let layer = site.layer(&[("noise", 0o644, &noise)], Gzip::No);
    site.add_image(WEB, &[("amd64", vec![layer])]);
    site.add_image(site::TOOLS, &[("amd64", vec![])]);
    let path = site.bundle_with("whole", Packing::Plain, &["amd64"], None, None).unwrap();
    let size = fs::metadata(path).unwrap().len();
    assert!(size < noise.len() as u64 * 101 / 100, "{size} bytes for {}", noise.len());
}

/// What the older bundle has is left out; both together are whole, one alone is not, and another one is refused.
#[test]
fn a_bundle_since_another_one_has_what_is_new() {
    let mut site = Site::small();
    let old = check(&site.bundle("old", Packing::Plain), None).unwrap();
    let layer = site.layer(&[("new", 0o644, b"new")], Gzip::No);
    site.sources.retain(|source| source.name != WEB);
    site.add_image(WEB, &[("amd64", vec![layer.clone()]), ("arm64", vec![layer])]);
    let since = |head| site.bundle_with("new", Packing::Plain, &["amd64", "arm64"], head, None).unwrap();
    let path = since(Some(old.head()));
    let new = check(&path, Some(&old)).unwrap();
    let contents = &new.head().contents;
    assert_eq!(
        (contents.blobs.len(), contents.elsewhere.len()),
        (6, 8),
        "index, manifests, configurations, layer are new"
    );
    assert!(check(&path, None).is_ok(), "alone, all of it that is there is checked");
    let other = check(&site.bundle("other", Packing::Zstd), None).unwrap();
    let reason = check(&path, Some(&other)).err().unwrap();
    assert_eq!(reason, "the older bundle is another one than that which it was made after");
}

#[test]
fn what_is_missing_is_named() {
    let mut site = Site::small();
    let path = site.bundle_with("all", Packing::Plain, &["amd64", "riscv64"], None, None);
    let reason = path.err().unwrap().to_string();
    assert!(reason.starts_with("docker.io/example/web:1.0.0 is not there for linux/riscv64\n"), "{reason}");
    let k3s = Some(known_k3s("v1.36.2+k3s1"));
    let path = site.bundle_with("all", Packing::Plain, &["amd64"], None, k3s).unwrap();
    let reason = check(&path, None).err().unwrap();
    assert_eq!(reason, "docker.io/rancher/local-path-provisioner:v0.0.36 is needed and not inside");
    site.sources.retain(|source| source.name != WEB);
    let reason = check(&site.bundle("all", Packing::Plain), None).err().unwrap();
    assert_eq!(reason, "docker.io/example/web:1.0.0 is needed and not inside");
}

/// A blob of the cache that a disk has damaged goes into no bundle.
#[test]
fn a_damaged_cache_is_found() {
    let site = Site::small();
    for file in fs::read_dir(site.path("cache/blobs/sha256")).unwrap() {
        let path = file.unwrap().path();
        let whole = fs::read(&path).unwrap();
        let mut damaged = whole.clone();
        let middle = damaged.len() / 2;
        damaged[middle] ^= 1;
        fs::write(&path, damaged).unwrap();
        let reason =
            site.bundle_with("all", Packing::Plain, &["amd64", "arm64"], None, None).err().unwrap().to_string();
        assert!(reason.contains("has other bytes than its name says"), "{reason}");
        assert!(!site.path("all").exists() && !site.path(".all.partial").exists());
        fs::write(&path, whole).unwrap();
    }
}

/// Its parts are what `inspect` prints, and `verify` reads all of it.
#[test]
fn the_program_inspects_and_verifies() {
    let site = Site::small();
    site.bundle("home.bundle", Packing::Zstd);
    let run = |arguments: &[&str]| site.folder.run(arguments, &[], b"");
    let said = run(&["verify", "home.bundle"]);
    assert!(said.code == Some(0) && said.stderr.contains("home.bundle is sound: home-1.0.0: 2 images for"), "{said}");
    let said = run(&["verify", "home.bundle", "home.yaml"]);
    assert_eq!(said.code, Some(0), "{said}");
    let said = run(&["inspect", "home.bundle", "--output", "json"]);
    let json: serde_json::Value = serde_json::from_str(&said.stdout).unwrap();
    assert_eq!((json["images"][0]["name"].as_str(), json["compressed"].as_bool()), (Some(WEB), Some(true)));
    let mut bytes = fs::read(site.path("home.bundle")).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    site.folder.write("home.bundle", bytes);
    let said = run(&["verify", "home.bundle"]);
    assert!(said.code == Some(1) && said.stderr.starts_with("home.bundle is not what it should be: "), "{said}");
}
