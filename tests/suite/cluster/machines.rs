//! A number of nodes in; a real Kubernetes on one Ethernet segment out, gone when the value is dropped.

use std::fs;
use std::fs::File;
use std::io::BufRead;
use std::io::BufReader;
use std::os::fd::AsFd;
use std::path::Path;
use std::path::PathBuf;
use std::process::Child;
use std::process::Command;
use std::process::Stdio;
use std::thread;
use std::time::Duration;
use std::time::Instant;

use rustix::thread::LinkNameSpaceType;
use rustix::thread::move_into_link_name_space;
use serde_json::Value;

use crate::oracle;
use crate::oracle::Answer;
use crate::oracle::Oracle;
use crate::oracle::answer;
use crate::oracle::oracle;
use crate::oracle::system;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cluster");

/// What the script runs besides what we build.
const PROGRAMS: &[&str] =
    &["containerd", "runc", "nft", "iptables", "conntrack", "busybox", "setcap", "ip", "nsenter", "unshare", "curl"];
const BUILT: &[&str] = &[
    "bin/etcd",
    "bin/kube-apiserver",
    "bin/kube-controller-manager",
    "bin/kube-scheduler",
    "bin/kubelet",
    "bin/kube-proxy",
    "images/cluster.tar",
];

/// The cluster.
pub struct Machines {
    process: Child,
    folder: tempfile::TempDir,
    kubectl: Oracle,
}

impl Machines {
    /// Starts it with K3s' CoreDNS and the volumes of the values file; `None`, and loudly, where that cannot be.
    pub fn start(nodes: usize) -> Option<Self> {
        Self::start_with(nodes, &oracle::file("images/cluster.tar")?)
    }

    /// The same with the images of another archive.
    pub fn start_with(nodes: usize, images: &Path) -> Option<Self> {
        let built = BUILT.iter().all(|file| oracle::file(file).is_some());
        let there = PROGRAMS.iter().all(|program| system(program).is_some());
        let kubectl = oracle("kubectl")?;
        let namespaces = Command::new("unshare").args(["--mount", "--pid", "--net", "--fork", "true"]).status();
        let allowed = namespaces.is_ok_and(|status| status.success());
        if !allowed {
            oracle::left_out("root, who may make namespaces");
        }
        if !(built && there && allowed) {
            return None;
        }
        let folder = tempfile::tempdir().unwrap();
        let mut process = script()
            .args(["up".as_ref(), folder.path()])
            .arg(nodes.to_string())
            .env("HELM_HA_CLUSTER_IMAGES", images)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let said = BufReader::new(process.stdout.take().unwrap()).lines().next();
        let machines = Self { process, folder, kubectl };
        assert!(said.is_some_and(|line| line.unwrap() == "ready"), "the cluster does not start: {}", machines.logs());
        machines.make_folders();
        machines.apply(&text("k3s.yaml"));
        machines.apply(&text("volumes.yaml"));
        Some(machines)
    }

    /// Folders of the volumes, as a class whose volumes belong to a group makes them.
    fn make_folders(&self) {
        let make = "for it in files mounts; do mkdir -p $it && chgrp 2000 $it && chmod 2775 $it; done";
        let status = Command::new("sh").args(["-ec", make]).current_dir(self.path("shared")).status().unwrap();
        assert!(status.success());
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Runs a program in the network of a place, with the right to do everything.
    pub fn exec(&self, place: &str, program: &[&str], input: &str) -> Answer {
        let mut command = script();
        command.args(["exec".as_ref(), self.folder.path()]).arg(place).args(program);
        answer(command.env("HOME", self.folder.path()), input)
    }

    pub fn kubectl(&self, arguments: &[&str], input: &str) -> Answer {
        let path = self.kubectl.path().display().to_string();
        self.exec("control", &[&[path.as_str()], arguments].concat(), input)
    }

    /// What `kubectl` says, which must be able to.
    pub fn asked(&self, arguments: &[&str]) -> String {
        let answer = self.kubectl(arguments, "");
        assert!(answer.succeeded, "kubectl {arguments:?}: {}", answer.stderr);
        answer.stdout
    }

    pub fn get(&self, arguments: &[&str]) -> Value {
        serde_json::from_str(&self.asked(&[&["get", "--output=json"], arguments].concat())).unwrap()
    }

    pub fn apply(&self, manifest: &str) {
        let answer = self.kubectl(&["apply", "--filename=-"], manifest);
        assert!(answer.succeeded, "{}", answer.stderr);
    }

    /// `cut`, `plug`, `stop` or `start` of a node or of `control`.
    pub fn turn(&self, verb: &str, place: &str) {
        let said = answer(script().args([verb.as_ref(), self.folder.path()]).arg(place), "");
        assert!(said.succeeded, "{verb} {place}: {}", said.stderr);
    }

    /// What a function returns in a thread whose sockets are in the network of a place.
    pub fn within<T: Send>(&self, place: &str, run: impl FnOnce() -> T + Send) -> T {
        let network = self.network(place);
        let enter = || {
            move_into_link_name_space(network.as_fd(), Some(LinkNameSpaceType::Network)).unwrap();
            run()
        };
        thread::scope(|scope| scope.spawn(enter).join()).unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    }

    fn network(&self, place: &str) -> std::os::fd::OwnedFd {
        let pid = fs::read_to_string(self.path("pid")).unwrap();
        File::open(format!("/proc/{}/root/run/netns/{place}", pid.trim())).unwrap().into()
    }

    /// The end of every log.
    pub fn logs(&self) -> String {
        answer(Command::new("sh").args(["-c", "tail -n 5 log/*.log"]).current_dir(self.folder.path()), "").stdout
    }
}

impl Drop for Machines {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        // It ends by itself; its parts are ended with it however it ends.
        if !becomes_true(Duration::from_secs(20), || self.process.try_wait().is_ok_and(|status| status.is_some())) {
            _ = self.process.kill();
            _ = self.process.wait();
        }
    }
}

fn script() -> Command {
    Command::new(Path::new(FOLDER).join("cluster"))
}

/// A file beside the script.
pub fn text(name: &str) -> String {
    fs::read_to_string(Path::new(FOLDER).join(name)).unwrap()
}

/// Whether something becomes true in time.
pub fn becomes_true(time: Duration, mut is_true: impl FnMut() -> bool) -> bool {
    let start = Instant::now();
    loop {
        if is_true() {
            return true;
        }
        if start.elapsed() > time {
            return false;
        }
        thread::sleep(Duration::from_millis(200));
    }
}
