//! A folder in; a real etcd and kube-apiserver out, on loopback, ended when the value is dropped.

use std::fs;
use std::fs::File;
use std::io::Write;
use std::net::TcpListener;
use std::path::Path;
use std::path::PathBuf;
use std::process::Child;
use std::process::Stdio;
use std::time::Duration;
use std::time::Instant;

use serde_json::Value;
use serde_json::json;

use crate::oracle;
use crate::oracle::Answer;
use crate::oracle::Oracle;
use crate::oracle::oracle;
use crate::oracle::system;

/// Ready in some three seconds on an idle machine of two cores.
const READY_WITHIN: Duration = Duration::from_secs(90);

/// An API server without controllers: nothing is deleted by a namespace or an owner, no pod is made.
pub struct ControlPlane {
    // Before the folder, so that they are ended first.
    programs: Programs,
    pub kubectl: Oracle,
    yaml2json: Oracle,
    crds: PathBuf,
    folder: tempfile::TempDir,
}

/// What is ended with the value.
pub struct Programs(pub Vec<Child>);

impl Drop for Programs {
    fn drop(&mut self) {
        for child in &mut self.0 {
            _ = child.kill();
            _ = child.wait();
        }
    }
}

/// Starts one; `None` when a program is missing.
pub fn start() -> Option<ControlPlane> {
    let (etcd, apiserver) = (oracle("etcd")?, oracle("kube-apiserver")?);
    let (kubectl, yaml2json, crds) = (oracle("kubectl")?, oracle("yaml2json")?, oracle::file("crds/all.yaml")?);
    let (openssl, setpriv) = (system("openssl")?, system("setpriv")?);
    // Another program may take the port before the server does.
    for _ in 0..3 {
        let folder = tempfile::tempdir().unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        prepare(&openssl, folder.path(), port);
        let programs = Programs(vec![
            spawn(&setpriv, &etcd, folder.path(), &etcd_arguments()),
            spawn(&setpriv, &apiserver, folder.path(), &apiserver_arguments(port)),
        ]);
        let (kubectl, yaml2json, crds) = (kubectl.clone(), yaml2json.clone(), crds.clone());
        let mut plane = ControlPlane { programs, kubectl, yaml2json, crds, folder };
        if plane.becomes_ready() {
            return Some(plane);
        }
    }
    panic!("the API server does not stay up");
}

/// The token's user may do everything.
fn prepare(openssl: &Oracle, folder: &Path, port: u16) {
    let key = folder.join("sa.key").display().to_string();
    let answer = openssl.run(&["ecparam", "-genkey", "-name", "prime256v1", "-noout", "-out", &key], "");
    assert!(answer.succeeded, "{}", answer.stderr);
    fs::write(folder.join("tokens.csv"), "token,admin,1,\"system:masters\"\n").unwrap();
    let authority = folder.join("certs/apiserver.crt");
    let kubeconfig = json!({
        "apiVersion": "v1", "kind": "Config", "current-context": "test",
        "clusters": [{ "name": "test", "cluster": {
            "server": format!("https://127.0.0.1:{port}"), "certificate-authority": authority,
        } }],
        "users": [{ "name": "admin", "user": { "token": "token" } }],
        "contexts": [{ "name": "test", "context": { "cluster": "test", "user": "admin" } }],
    });
    fs::write(folder.join("kubeconfig"), kubeconfig.to_string()).unwrap();
}

/// Its addresses are files in the folder where it runs: etcd wants `host:port` in them all the same.
fn etcd_arguments() -> Vec<String> {
    let (client, peer) = ("unix://localhost:1", "unix://localhost:2");
    vec![
        "--data-dir=etcd".to_owned(),
        "--unsafe-no-fsync".to_owned(),
        format!("--listen-client-urls={client}"),
        format!("--advertise-client-urls={client}"),
        format!("--listen-peer-urls={peer}"),
        format!("--initial-advertise-peer-urls={peer}"),
        format!("--initial-cluster=default={peer}"),
    ]
}

/// It makes its own certificate, for 127.0.0.1 too.
fn apiserver_arguments(port: u16) -> Vec<String> {
    let fixed = [
        "--etcd-servers=unix://localhost:1",
        "--bind-address=127.0.0.1",
        "--cert-dir=certs",
        "--service-account-issuer=https://kubernetes.default.svc",
        "--service-account-key-file=sa.key",
        "--service-account-signing-key-file=sa.key",
        "--token-auth-file=tokens.csv",
        "--authorization-mode=RBAC",
        "--service-cluster-ip-range=10.43.0.0/16,fd43::/112",
        "--allow-privileged=true",
        // The controller that would let claims go is not there.
        "--disable-admission-plugins=StorageObjectInUseProtection",
    ];
    fixed.map(str::to_owned).into_iter().chain([format!("--secure-port={port}")]).collect()
}

/// The kernel ends it with the thread that started it, so that nothing is left of a test which was killed.
pub fn spawn(setpriv: &Oracle, program: &Oracle, folder: &Path, arguments: &[String]) -> Child {
    let log = File::create(folder.join(format!("{}.log", program.name))).unwrap();
    setpriv
        .command(folder)
        .args(["--pdeathsig", "KILL", "--"])
        .arg(program.path())
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(log.try_clone().unwrap())
        .stderr(log)
        .spawn()
        .unwrap()
}

impl ControlPlane {
    /// False when one of the two programs has ended.
    fn becomes_ready(&mut self) -> bool {
        let start = Instant::now();
        let certificate = self.folder.path().join("certs/apiserver.crt");
        while !certificate.exists() || !self.kubectl(&["get", "--raw", "/readyz"], "").succeeded {
            let ended = self.programs.0.iter_mut().any(|child| child.try_wait().unwrap().is_some());
            if ended || start.elapsed() > READY_WITHIN {
                let log = fs::read_to_string(self.folder.path().join("kube-apiserver.log")).unwrap_or_default();
                let end: Vec<&str> = log.lines().rev().take(5).collect();
                _ = writeln!(std::io::stderr(), "no API server after {:?}: {end:#?}", start.elapsed());
                return false;
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        true
    }

    pub fn kubeconfig(&self) -> String {
        format!("--kubeconfig={}", self.folder.path().join("kubeconfig").display())
    }

    pub fn kubectl(&self, arguments: &[&str], input: &str) -> Answer {
        let kubeconfig = self.kubeconfig();
        self.kubectl.run(&[&["--request-timeout=60s", &kubeconfig], arguments].concat(), input)
    }

    /// From now on the namespace of objects that name none.
    pub fn use_namespace(&self, namespace: &str) {
        let answer = self.kubectl(&["config", "set-context", "--current", "--namespace", namespace], "");
        assert!(answer.succeeded, "{}", answer.stderr);
    }

    /// Those that are there, as the server has them.
    pub fn get(&self, objects: &[Value]) -> Vec<Value> {
        let arguments = ["get", "--ignore-not-found", "--output=json", "--filename=-"];
        Self::found(&self.kubectl(&arguments, &stream(objects)))
    }

    /// All of a kind.
    pub fn get_all(&self, kind: &str) -> Vec<Value> {
        Self::found(&self.kubectl(&["get", "--all-namespaces", "--output=json", kind], ""))
    }

    fn found(answer: &Answer) -> Vec<Value> {
        assert!(answer.succeeded, "{}", answer.stderr);
        if answer.stdout.is_empty() {
            return Vec::new();
        }
        let mut found: Value = serde_json::from_str(&answer.stdout).unwrap();
        match found["items"].take() {
            Value::Array(items) => items,
            _ => vec![found],
        }
    }

    /// Creates what is not yet there.
    pub fn create(&self, objects: &[Value]) {
        if objects.is_empty() {
            return;
        }
        let answer = self.kubectl(&["create", "--validate=false", "--filename=-"], &stream(objects));
        assert!(answer.succeeded, "{}", answer.stderr);
    }

    /// Creates those namespaces that Kubernetes has not itself.
    pub fn create_namespaces<'a>(&self, names: impl Iterator<Item = &'a str>) {
        let there = self.get_all("namespaces");
        let objects = names.filter(|name| there.iter().all(|it| it["metadata"]["name"] != **name)).map(namespace);
        self.create(&objects.collect::<Vec<_>>());
    }

    /// Makes the kinds of these objects known that Kubernetes does not have itself: each costs the server some work.
    pub fn create_crds(&self, objects: &[Value]) {
        let documents = self.yaml2json.documents(&fs::read_to_string(&self.crds).unwrap());
        let used = |crd: &Value| {
            let group = format!("{}/", crd["spec"]["group"].as_str().unwrap_or_default());
            objects.iter().any(|object| {
                let version = object["apiVersion"].as_str().unwrap_or_default();
                version.starts_with(&group) && object["kind"] == crd["spec"]["names"]["kind"]
            })
        };
        let crds = documents.into_iter().filter(|object| object["kind"] == "CustomResourceDefinition" && used(object));
        let crds: Vec<Value> = crds.collect();
        if crds.is_empty() {
            return;
        }
        self.create(&crds);
        let answer = self.kubectl(&["wait", "--for=condition=Established", "--timeout=60s", "crd", "--all"], "");
        assert!(answer.succeeded, "{}", answer.stderr);
    }
}

/// Several objects as one input. In a `List` kubectl would check the fields itself, and worse, instead of the server.
pub fn stream(objects: &[Value]) -> String {
    objects.iter().map(|object| format!("{object}\n")).collect()
}

pub fn namespace(name: &str) -> Value {
    json!({ "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": name } })
}
