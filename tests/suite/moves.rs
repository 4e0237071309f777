//! `helm ha move`: the printed lines run in a shell on a real API server, and the Job's own command line on real files.

mod copy;

use std::fs;
use std::process::Command;
use std::time::Duration;

use serde_json::Value;

use crate::api_server::control_plane;
use crate::api_server::control_plane::ControlPlane;
use crate::oracle;
use crate::oracle::Oracle;
use crate::oracle::oracle;
use crate::program::Folder;
use crate::program::PROGRAM;

const VALUES: &str = "\
apiVersion: helm-ha.dev/v1
name: home
version: 1.0.0
addons: { cluster-dns: { source: none } }
nodes:
  a: { address: 192.168.1.11/24, role: server }
  b: { address: 192.168.1.12/24, role: server }
  c: { address: 192.168.1.13/24, role: server }
storage:
  shared: longhorn
  private: longhorn
  nfs: { nas: { server: 192.168.1.9, path: /export } }
  classes: { fast: { existing: openebs, accessModes: [ReadWriteMany] } }
volumes:
  media: { size: 1Ti }
services:
  git: { image: example/git:1.0.0, mounts: { /data: { claim: 20Gi, name: cache }, /media: { volume: media } } }
  web: { image: example/web:1.0.0, replicas: 2, mounts: { /media: { volume: media, readOnly: true } } }
  index: { image: example/web:1.0.0, schedule: '17 3 * * *', mounts: { /media: { volume: media, readOnly: true } } }
";

/// A cluster on which the release runs, and a shell beside it with `helm`, `helm ha` and `kubectl`.
struct Site {
    folder: Folder,
    plane: ControlPlane,
}

impl Site {
    fn new(helm: &Oracle) -> Option<Self> {
        let plane = control_plane::start()?;
        let folder = Folder::new(&[("home.yaml", VALUES)]);
        let said = folder.run(&["generate", "home.yaml"], &[], b"");
        assert_eq!(said.code, Some(0), "{said}");
        let program = |name: &str, text: String| {
            folder.write(&format!("bin/{name}"), text);
            let path = folder.path(&format!("bin/{name}"));
            assert!(Command::new("chmod").arg("+x").arg(path).status().unwrap().success());
        };
        let helm = helm.path().display();
        program(
            "helm",
            format!("#!/bin/sh\nif [ \"$1\" = ha ]; then shift; exec {PROGRAM} \"$@\"; fi\nexec {helm} \"$@\"\n"),
        );
        program("kubectl", format!("#!/bin/sh\nexec {} \"$@\"\n", plane.kubectl.path().display()));
        Some(Self { folder, plane })
    }

    /// Runs lines as a person would paste them.
    fn shell(&self, lines: &str) -> String {
        let path = format!("{}:/usr/bin:/bin", self.folder.path("bin").display());
        let kubeconfig = self.plane.kubeconfig().replace("--kubeconfig=", "");
        let mut command = Command::new("/bin/sh");
        command.args(["-c", lines]).env_clear().env("PATH", path).env("KUBECONFIG", kubeconfig);
        command.env("HOME", self.folder.path("")).current_dir(self.folder.path(""));
        let answer = oracle::answer(&mut command, "");
        assert!(answer.succeeded, "{lines}\n--- said\n{}\n{}", answer.stdout, answer.stderr);
        answer.stdout
    }

    fn get(&self, what: &str) -> Value {
        serde_json::from_str(&self.shell(&format!("kubectl -n home get {what} -o json"))).unwrap()
    }

    /// Does what the controller of Jobs does when the copy has ended well, as soon as there is one.
    fn job_ends_well(&self, job: &str) -> std::thread::JoinHandle<()> {
        let conditions = r#"[{"type":"SuccessCriteriaMet","status":"True"},{"type":"Complete","status":"True"}]"#;
        let time = "2030-01-01T00:00:00Z";
        let status = format!(
            r#"{{"status":{{"conditions":{conditions},"succeeded":1,"startTime":"{time}","completionTime":"{time}"}}}}"#
        );
        let arguments = ["-n", "home", "patch", "job", job, "--subresource=status", "--type=merge", "-p", &status];
        let mut arguments: Vec<String> = arguments.map(str::to_owned).to_vec();
        arguments.push(self.plane.kubeconfig());
        let kubectl = self.plane.kubectl.clone();
        std::thread::spawn(move || {
            for _ in 0..600 {
                if kubectl.run(&arguments, "").succeeded {
                    return;
                }
                std::thread::sleep(Duration::from_millis(100));
            }
        })
    }

    /// Claims and replicas of every workload, as the server has them.
    fn mounted(&self) -> Vec<String> {
        let of = |object: &Value| {
            let spec = object.pointer("/spec/template/spec").or(object.pointer("/spec/jobTemplate/spec/template/spec"));
            let volumes = spec.unwrap()["volumes"].as_array().cloned().unwrap_or_default();
            let claims = volumes.iter().filter_map(|volume| volume["persistentVolumeClaim"]["claimName"].as_str());
            let mut claims: Vec<&str> = claims.collect();
            claims.sort_unstable();
            let name = object["metadata"]["name"].as_str().unwrap();
            format!("{name} {} {}", object["spec"]["replicas"], claims.join(" "))
        };
        let workloads = self.get("deployments,cronjobs");
        let mut lines: Vec<String> = workloads["items"].as_array().unwrap().iter().map(of).collect();
        lines.sort();
        lines
    }

    fn claims(&self) -> Vec<String> {
        let of = |claim: &Value| {
            let class = claim["spec"]["storageClassName"].as_str().unwrap();
            format!("{} {class}", claim["metadata"]["name"].as_str().unwrap())
        };
        let mut lines: Vec<String> = self.get("pvc")["items"].as_array().unwrap().iter().map(of).collect();
        lines.sort();
        lines
    }
}

#[test]
fn the_printed_steps_move_volumes_with_helm_3() {
    oracle("helm3").iter().for_each(check);
}

#[test]
fn the_printed_steps_move_volumes_with_helm_4() {
    oracle("helm4").iter().for_each(check);
}

fn check(helm: &Oracle) {
    let Some(site) = Site::new(helm) else { return };
    site.shell("helm upgrade --install home home-1.0.0.tgz -n home --create-namespace --set web.replicas=3 >&2");
    let (mounted, claims) = (site.mounted(), site.claims());
    assert_eq!(mounted, ["git 1 git-cache media", "index null media", "web 3 media"]);
    assert_eq!(claims, ["git-cache longhorn", "media longhorn"]);
    let lock = fs::read(site.folder.path("home.lock")).unwrap();

    let text = site.shell("helm ha move media --to fast home.yaml");
    let (steps, back, done) = parts(&text);
    assert_eq!(fs::read(site.folder.path("home.lock")).unwrap(), lock, "nothing has happened yet");
    // Until the copy the services are stopped, and both claims are there.
    let (stop, rest) = steps.split_once("# 2.").unwrap();
    site.shell(stop);
    assert_eq!(site.mounted(), ["git 0 git-cache media", "web 0 media"]);
    assert_eq!(site.claims(), ["git-cache longhorn", "media longhorn", "media-2 openebs"]);
    let job = site.job_ends_well("move-media");
    site.shell(&format!("set -e\n# 2.{rest}"));
    job.join().unwrap();
    let moved = ["git 1 git-cache media-2", "index null media-2", "web 3 media-2"];
    assert_eq!(site.mounted(), moved);
    assert_eq!(site.claims(), ["git-cache longhorn", "media longhorn", "media-2 openebs"]);
    // The same values give what runs now.
    site.shell("helm ha generate home.yaml --frozen -d again && cmp again/home-1.0.0.tgz home-move-media/after.tgz");

    site.shell(&back);
    assert_eq!((site.mounted(), fs::read(site.folder.path("home.lock")).unwrap()), (mounted, lock));
    // And forth once more: the whole text at once.
    let job = site.job_ends_well("move-media");
    site.shell(&text);
    job.join().unwrap();
    assert_eq!(site.mounted(), moved);
    site.shell(&done);
    let lock = fs::read_to_string(site.folder.path("home.lock")).unwrap();
    assert!(lock.contains("media: { claim: media-2, class: fast, ") && !lock.contains("kept:"), "{lock}");

    private(&site);
}

/// A private volume goes into a folder of an export that nothing used before.
fn private(site: &Site) {
    let text = site.shell("helm ha move git/cache --to nfs.nas home.yaml");
    let job = site.job_ends_well("move-git-cache");
    site.shell(&text);
    job.join().unwrap();
    assert_eq!(site.mounted(), ["git 1 media-2 nfs-nas", "index null media-2", "web 3 media-2"]);
    let lock = fs::read_to_string(site.folder.path("home.lock")).unwrap();
    assert!(lock.contains("kept:\n  git-cache: { class: longhorn, of: claims.git/cache }\n"), "{lock}");
    let wrong = site.folder.run(&["move", "git/cache", "--to", "nfs.nas", "home.yaml"], &[], b"");
    assert_eq!(wrong.code, Some(64), "{wrong}");
    assert!(wrong.stderr.contains("is in export `nas` already"), "{wrong}");
    let said = VALUES.replace("media: { size: 1Ti }", "media: { size: 1Ti, class: fast }");
    site.folder.write("home.yaml", said);
    let wrong = site.folder.run(&["move", "media", "--to", "longhorn", "home.yaml"], &[], b"");
    assert!(wrong.stderr.contains("the values say `volumes.media.class: fast`"), "{wrong}");
}

/// The lines to run, those of the way back, and those of the end.
fn parts(text: &str) -> (String, String, String) {
    let (steps, rest) = text.split_once("\n# The way back").unwrap();
    let (back, done) = rest.split_once("\n# When all is well").unwrap();
    let commands = |part: &str| {
        let lines = part.lines().filter_map(|line| line.strip_prefix("#   "));
        lines.map(|line| format!("{line}\n")).collect::<String>()
    };
    (steps.to_owned(), format!("set -e\n{}", commands(back)), commands(done))
}
