//! Debian's containerd imports a bundle as it is, with names and digests as at the registries; nothing else is told to it.

use std::fs;
use std::path::Path;
use std::path::PathBuf;
use std::process::Child;
use std::process::Command;
use std::process::Stdio;
use std::time::Duration;
use std::time::Instant;

use helm_ha::bundle::Packing;

use crate::bundle::site::Gzip;
use crate::bundle::site::LAYER;
use crate::bundle::site::Site;
use crate::bundle::site::TOOLS;
use crate::bundle::site::WEB;
use crate::oracle::Answer;
use crate::oracle::Oracle;
use crate::oracle::answer;
use crate::oracle::system;

/// A containerd with a store of its own, which is empty; it ends with the test.
pub struct Containerd {
    child: Child,
    ctr: Oracle,
    folder: tempfile::TempDir,
}

impl Containerd {
    /// `None` where it is missing, loudly. It listens on a socket of the test's folder only.
    pub fn start() -> Option<Self> {
        let (containerd, ctr, setpriv) = (system("containerd")?, system("ctr")?, system("setpriv")?);
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name).display().to_string();
        let config = format!(
            "version = 2\nroot = {:?}\nstate = {:?}\ndisabled_plugins = [\"io.containerd.grpc.v1.cri\"]\n\
             [grpc]\naddress = {:?}\n[ttrpc]\naddress = {:?}\n[debug]\naddress = {:?}\n[plugins.\"io.containerd.internal.v1.opt\"]\npath = {:?}\n",
            path("root"),
            path("state"),
            path("socket"),
            path("ttrpc"),
            path("debug"),
            path("opt")
        );
        fs::write(path("config.toml"), config).unwrap();
        let log = fs::File::create(path("log")).unwrap();
        let child = Command::new(setpriv.path())
            .args(["--pdeathsig", "KILL", "--"])
            .arg(containerd.path())
            .args(["--config", &path("config.toml")])
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .unwrap();
        let mut it = Self { child, ctr, folder };
        let end = Instant::now() + Duration::from_secs(60);
        while !it.ctr(&["version"]).succeeded {
            let log = fs::read_to_string(it.path("log")).unwrap();
            assert!(
                Instant::now() < end && it.child.try_wait().unwrap().is_none(),
                "containerd does not start:\n{log}"
            );
            std::thread::sleep(Duration::from_millis(50));
        }
        Some(it)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn ctr(&self, arguments: &[&str]) -> Answer {
        let socket = self.path("socket").display().to_string();
        let mut command = self.ctr.command(self.folder.path());
        command.args(["--address", &socket, "--namespace", "k8s.io"]).args(arguments);
        answer(&mut command, "")
    }

    pub fn import(&self, path: &Path, more: &[&str]) {
        let path = path.display().to_string();
        let arguments = [&["images", "import"][..], more, &[path.as_str()]].concat();
        let said = self.ctr(&arguments);
        assert!(said.succeeded, "{arguments:?}: {}{}", said.stdout, said.stderr);
    }

    /// Name and digest of every image.
    pub fn images(&self) -> Vec<(String, String)> {
        let said = self.ctr(&["images", "ls"]);
        assert!(said.succeeded, "{}", said.stderr);
        let line = |line: &str| {
            let fields: Vec<&str> = line.split_whitespace().collect();
            (fields[0].to_owned(), fields[2].to_owned())
        };
        said.stdout.lines().skip(1).map(line).collect()
    }
}

impl Drop for Containerd {
    fn drop(&mut self) {
        let stopped =
            Command::new("kill").arg(self.child.id().to_string()).status().is_ok_and(|status| status.success());
        if !stopped {
            _ = self.child.kill();
        }
        _ = self.child.wait();
    }
}

/// Images of Debian's busybox for this machine's processor and another one.
pub fn busybox(site: &mut Site) -> Option<()> {
    let busybox = fs::read(system("busybox")?.path()).unwrap();
    let base = site.layer(&[("bin/busybox", 0o755, &busybox)], Gzip::Yes);
    for (name, text) in [(WEB, &b"web"[..]), (TOOLS, b"tools")] {
        let top = site.layer(&[("etc/name", 0o644, text)], Gzip::No);
        let other = site.blob(LAYER, &[0; 1024]);
        site.add_image(name, &[("amd64", vec![base.clone(), top]), ("arm64", vec![other])]);
    }
    Some(())
}

fn expected(site: &Site) -> Vec<(String, String)> {
    let mut all: Vec<_> = site.sources.iter().map(|it| (it.name.clone(), it.root.digest.to_string())).collect();
    all.sort();
    all
}

/// Plain and packed, whole and with one platform only: the digest is the index's own in every case.
#[test]
fn containerd_imports_the_bundle_with_names_and_digests() {
    let Some(containerd) = Containerd::start() else { return };
    let mut site = Site::empty();
    if busybox(&mut site).is_none() {
        return;
    }
    for (name, packing, architectures, more) in [
        ("one.tar", Packing::Plain, &["amd64"][..], &[][..]),
        ("all.tar", Packing::Plain, &["amd64", "arm64"], &["--all-platforms", "--no-unpack"]),
        ("packed.tar.zst", Packing::Zstd, &["amd64", "arm64"], &["--all-platforms", "--no-unpack"]),
    ] {
        assert_eq!(containerd.images(), []);
        let mut bundle = site.bundle_with(name, packing, architectures, None, None).unwrap();
        if packing == Packing::Zstd {
            // K3s unpacks what it imports; this containerd imports what is unpacked.
            let Some(zstd) = system("zstd") else { return };
            let said = zstd.run(&["-d".as_ref(), "--quiet".as_ref(), bundle.as_os_str()], "");
            assert!(said.succeeded, "{}", said.stderr);
            bundle.set_extension("");
        }
        containerd.import(&bundle, more);
        assert_eq!(containerd.images(), expected(&site), "{name}");
        let check = containerd.ctr(&["images", "check"]).stdout;
        assert_eq!(check.matches("complete (").count(), 2, "{check}");
        for (image, _) in expected(&site) {
            assert!(containerd.ctr(&["images", "rm", "--sync", &image]).succeeded);
        }
    }
}
