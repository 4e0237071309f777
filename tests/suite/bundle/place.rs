//! `load --to k3s`: the files that K3s imports and serves are there whole, whatever happened before.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::process::Command;
use std::process::Stdio;

use helm_ha::bundle::Packing;

use crate::bundle::containerd::Containerd;
use crate::bundle::containerd::busybox;
use crate::bundle::site::Gzip;
use crate::bundle::site::Site;
use crate::bundle::site::WEB;
use crate::bundle::site::check;
use crate::oracle::system;
use crate::program::PROGRAM;

const IMAGES: &str = "var/lib/rancher/k3s/agent/images/helm-ha-home.tar";
const CHART: &str = "var/lib/rancher/k3s/server/static/charts/home-1.0.0.tgz";

fn load(site: &Site, bundle: &str, more: &[&str]) -> crate::program::Said {
    let arguments = [&["load", bundle, "--to", "k3s", "--root", "node"][..], more].concat();
    site.folder.run(&arguments, &[], b"")
}

/// What is put in place is what containerd imports; the same again changes nothing.
#[test]
fn images_and_chart_are_put_in_place_once() {
    let mut site = Site::empty();
    if busybox(&mut site).is_none() {
        return;
    }
    site.bundle_with("home.bundle", Packing::Zstd, &["amd64"], None, None).unwrap();
    let said = load(&site, "home.bundle", &[]);
    assert!(said.code == Some(0) && said.stderr.starts_with("wrote node/var/lib/rancher"), "{said}");
    assert!(said.stderr.ends_with("home-1.0.0.tgz -n home --create-namespace\n"), "{said}");
    let files = site.folder.files("node");
    assert_eq!(files.keys().map(String::as_str).collect::<Vec<_>>(), [IMAGES, CHART]);
    assert_eq!(files[CHART], site.chart());
    let time = || fs::metadata(site.path("node").join(IMAGES)).unwrap().modified().unwrap();
    let before = time();
    let said = load(&site, "home.bundle", &[]);
    assert!(said.stderr.starts_with("all of it is there already: "), "{said}");
    assert_eq!((before, site.folder.files("node") == files), (time(), true));
    let Some(containerd) = Containerd::start() else { return };
    containerd.import(&site.path("node").join(IMAGES), &[]);
    assert_eq!(containerd.images().len(), 2);
}

/// Whatever part of it an earlier run has left, or something else that lies there.
#[test]
fn what_was_begun_is_gone_on_with() {
    let site = Site::small();
    site.bundle("home.bundle", Packing::Plain);
    assert_eq!(load(&site, "home.bundle", &[]).code, Some(0));
    let whole = site.folder.files("node");
    let images = &whole[IMAGES];
    let partial = "var/lib/rancher/k3s/agent/images/.helm-ha-home.tar.partial";
    let mut wrong = images[..5000].to_vec();
    wrong[4000] ^= 1;
    let number = |path: &str| fs::metadata(site.path("node").join(path)).unwrap().ino();
    let more = [&images[..], b"more"].concat();
    for (begun, is_kept) in [
        (&images[..0], true),
        (&images[..1], true),
        (&images[..5000], true),
        (images, true),
        (&wrong, false),
        (&more, false),
    ] {
        fs::remove_dir_all(site.path("node")).unwrap();
        site.folder.write(&format!("node/{partial}"), begun);
        let before = number(partial);
        // What takes the name of a file that was given up must not get its number too.
        let _open = fs::File::open(site.path("node").join(partial)).unwrap();
        let said = load(&site, "home.bundle", &[]);
        assert_eq!((said.code, site.folder.files("node") == whole), (Some(0), true), "{} bytes: {said}", begun.len());
        assert_eq!(number(IMAGES) == before, is_kept, "{} bytes", begun.len());
    }
    // Of the same length, with another byte: an older or damaged file in place.
    let mut other = images.clone();
    other[6000] ^= 1;
    site.folder.write(&format!("node/{IMAGES}"), other);
    assert_eq!((load(&site, "home.bundle", &[]).code, site.folder.files("node") == whole), (Some(0), true));
}

/// Nothing is written of a bundle that is not sound.
#[test]
fn an_unsound_bundle_is_not_loaded() {
    let site = Site::small();
    let mut bytes = fs::read(site.bundle("home.bundle", Packing::Plain)).unwrap();
    let at = bytes.len() - 3000;
    bytes[at] ^= 1;
    site.folder.write("home.bundle", &bytes);
    let said = load(&site, "home.bundle", &[]);
    assert!(said.code == Some(74) && said.stderr.starts_with("error: `home.bundle` is no sound bundle: "), "{said}");
    assert!(!site.path("node").exists());
}

/// Killed at any moment, at last it is as if it had never been.
#[test]
fn killed_again_and_again_it_ends_with_the_same_files() {
    let mut site = Site::empty();
    let mut noise = vec![0u8; 8 << 20];
    let mut state = 7u32;
    noise.fill_with(|| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    });
    let layer = site.layer(&[("noise", 0o644, &noise)], Gzip::No);
    site.add_image(WEB, &[("amd64", vec![layer])]);
    site.add_image(crate::bundle::site::TOOLS, &[("amd64", vec![])]);
    site.bundle_with("home.bundle", Packing::Plain, &["amd64"], None, None).unwrap();
    let start = std::time::Instant::now();
    assert_eq!(load(&site, "home.bundle", &[]).code, Some(0));
    let duration = start.elapsed();
    let whole = site.folder.files("node");
    let times = if std::env::var_os("HELM_HA_LONG").is_some() { 100 } else { 10 };
    let mut killed = 0;
    for round in 0..times {
        if round % 10 == 0 {
            _ = fs::remove_dir_all(site.path("node"));
        }
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let mut child = Command::new(PROGRAM)
            .args(["load", "home.bundle", "--to", "k3s", "--root", "node"])
            .current_dir(site.path(""))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(duration.mul_f64(f64::from(state >> 16) / 65536.0));
        child.kill().unwrap();
        killed += usize::from(!child.wait().unwrap().success());
        let finished = site.path("node").join(IMAGES);
        if finished.exists() {
            assert!(fs::read(finished).unwrap() == whole[IMAGES], "what is in place is whole");
        }
    }
    assert!(killed > times / 4, "{killed} of {times} were killed in time");
    assert_eq!(load(&site, "home.bundle", &[]).code, Some(0));
    assert!(site.folder.files("node") == whole);
}

/// A disk that is full: said so, nothing left of it, and room made it goes.
#[test]
fn a_full_disk_is_told_and_left_as_it_was() {
    let (Some(unshare), Some(_)) = (system("unshare"), system("mount")) else { return };
    let site = Site::small();
    let bundle = site.bundle("home.bundle", Packing::Plain);
    let script = "
        mkdir -p node && mount -t tmpfs -o size=12k none node
        status=0; \"$0\" load \"$1\" --to k3s --root node 2>said || status=$?
        test $status = 74; grep -q 'no space left on device' said; test -z \"$(find node -type f)\"
        mount -o remount,size=2m node
        \"$0\" load \"$1\" --to k3s --root node 2>said; find node -type f | wc -l";
    let said = Command::new(unshare.path())
        .args(["--mount", "--map-root-user", "sh", "-ec", script, PROGRAM])
        .arg(bundle)
        .current_dir(site.path(""))
        .output()
        .unwrap();
    let (out, error) = (String::from_utf8_lossy(&said.stdout), String::from_utf8_lossy(&said.stderr));
    assert!(
        said.status.success() && out.trim() == "2",
        "{out}{error}{}",
        fs::read_to_string(site.path("said")).unwrap_or_default()
    );
}

/// The blobs of the older bundle come from it.
#[test]
fn a_bundle_since_another_one_is_loaded_with_it() {
    let mut site = Site::small();
    let old = check(&site.bundle("old.bundle", Packing::Zstd), None).unwrap();
    let layer = site.layer(&[("new", 0o644, b"new")], Gzip::No);
    site.sources.retain(|source| source.name != WEB);
    site.add_image(WEB, &[("amd64", vec![layer.clone()]), ("arm64", vec![layer])]);
    let platforms = ["amd64", "arm64"];
    site.bundle_with("new.bundle", Packing::Plain, &platforms, Some(old.head()), None).unwrap();
    let said = load(&site, "new.bundle", &[]);
    assert!(said.code == Some(64) && said.stderr.contains("name it with `--since`"), "{said}");
    assert!(!site.path("node").exists());
    let said = load(&site, "new.bundle", &["--since", "old.bundle"]);
    assert_eq!(said.code, Some(0), "{said}");
    let mut archive = tar::Archive::new(fs::File::open(site.path("node").join(IMAGES)).unwrap());
    let found =
        archive.entries().unwrap().map(Result::unwrap).filter(|it| it.path().unwrap().starts_with("blobs")).count();
    assert_eq!(found, 14);
}

/// Several at once: one after another, and what is in place is whole.
#[test]
fn several_at_once_do_not_disturb_each_other() {
    let site = Site::small();
    site.bundle("home.bundle", Packing::Plain);
    std::thread::scope(|scope| {
        let runs: Vec<_> = (0..6).map(|_| scope.spawn(|| load(&site, "home.bundle", &[]))).collect();
        for run in runs {
            let said = run.join().unwrap();
            assert_eq!(said.code, Some(0), "{said}");
        }
    });
    let files = site.folder.files("node");
    assert_eq!(files.keys().map(String::as_str).collect::<Vec<_>>(), [IMAGES, CHART]);
}
