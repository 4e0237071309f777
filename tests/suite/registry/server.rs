//! Registries for one test: a kind in, one that answers on loopback out; it ends with the test.

use std::fs;
use std::net::TcpListener;
use std::net::TcpStream;
use std::path::Path;
use std::path::PathBuf;
use std::process::Child;
use std::process::Command;
use std::process::Stdio;
use std::time::Duration;
use std::time::Instant;

use crate::oracle::Oracle;
use crate::oracle::oracle;
use crate::oracle::system;

/// The user of registries with logins.
pub const USER: &str = "anna";
pub const PASSWORD: &str = "correct horse";

/// What a registry wants.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wishes {
    pub login: bool,
    pub tls: bool,
    /// Clients must show a certificate; goes with `tls`.
    pub identity: bool,
}

/// A registry that answers.
pub struct Registry {
    child: Child,
    folder: tempfile::TempDir,
    pub port: u16,
    pub wishes: Wishes,
}

/// A port that nobody listens on.
pub fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// Debian's `docker-registry` (distribution); `None` where it is missing, loudly.
pub fn distribution(wishes: Wishes) -> Option<Registry> {
    let programs = (system("docker-registry")?, system("setpriv")?);
    if wishes.tls {
        system("openssl")?;
    }
    if wishes.login {
        system("htpasswd")?;
    }
    // Another program may take the port before the registry does.
    let registry = (0..3).find_map(|_| try_distribution(&programs, wishes));
    Some(registry.expect("a registry that answers"))
}

fn try_distribution((program, setpriv): &(Oracle, Oracle), wishes: Wishes) -> Option<Registry> {
    let folder = tempfile::tempdir().unwrap();
    let port = free_port();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let mut config = format!(
        "version: 0.1\nlog: {{ level: error, accesslog: {{ disabled: true }} }}\n\
         storage: {{ filesystem: {{ rootdirectory: {} }} }}\nhttp:\n  addr: 127.0.0.1:{port}\n",
        path("data")
    );
    if wishes.tls {
        certificate(folder.path())?;
        let asks = if wishes.identity { format!(", clientcas: [{}]", path("ca.pem")) } else { String::new() };
        config += &format!("  tls: {{ certificate: {}, key: {}{asks} }}\n", path("server.pem"), path("server.key"));
    }
    if wishes.login {
        let lines = system("htpasswd")?.run(&["-Bbn", USER, PASSWORD], "").stdout;
        fs::write(path("users"), lines).unwrap();
        config += &format!("auth: {{ htpasswd: {{ realm: test, path: {} }} }}\n", path("users"));
    }
    fs::write(path("config.yml"), config).unwrap();
    let mut command = Command::new(setpriv.path());
    command.args(["--pdeathsig", "KILL", "--"]).arg(program.path()).args(["serve", &path("config.yml")]);
    start(command, folder, port, wishes)
}

/// `cmd/registry` of go-containerregistry, which holds everything in memory.
pub fn in_memory() -> Option<Registry> {
    let (program, setpriv): (Oracle, Oracle) = (oracle("registry")?, system("setpriv")?);
    let registry = (0..3).find_map(|_| {
        let port = free_port();
        let mut command = Command::new(setpriv.path());
        command.args(["--pdeathsig", "KILL", "--"]).arg(program.path());
        command.args(["-port", &port.to_string()]);
        start(command, tempfile::tempdir().unwrap(), port, Wishes::default())
    });
    Some(registry.expect("a registry that answers"))
}

/// `None` when it has ended instead of answering.
fn start(mut command: Command, folder: tempfile::TempDir, port: u16, wishes: Wishes) -> Option<Registry> {
    let log = fs::File::create(folder.path().join("log")).unwrap();
    let child = command
        .env("OTEL_TRACES_EXPORTER", "none")
        .stdin(Stdio::null())
        .stdout(log.try_clone().unwrap())
        .stderr(log)
        .spawn()
        .unwrap();
    let mut registry = Registry { child, folder, port, wishes };
    let end = Instant::now() + Duration::from_secs(30);
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        if registry.child.try_wait().unwrap().is_some() {
            println!("{command:?}: {}", registry.log());
            return None;
        }
        assert!(Instant::now() < end, "{command:?}: {}", registry.log());
        std::thread::sleep(Duration::from_millis(20));
    }
    Some(registry)
}

/// A certificate for loopback, `server.pem`, by an authority of its own, `ca.pem`.
pub fn certificate(folder: &Path) -> Option<()> {
    let openssl = system("openssl")?;
    let path = |name: &str| folder.join(name).display().to_string();
    let run = |arguments: &[&str]| {
        let answer = openssl.run(arguments, "");
        assert!(answer.succeeded, "{arguments:?}: {}", answer.stderr);
    };
    let key = |name: &str| run(&["ecparam", "-genkey", "-name", "prime256v1", "-noout", "-out", &path(name)]);
    key("ca.key");
    key("server.key");
    let authority = ["-x509", "-new", "-days", "2", "-subj", "/CN=test authority"];
    run(&[&["req"], &authority[..], &["-key", &path("ca.key"), "-out", &path("ca.pem")]].concat());
    run(&["req", "-new", "-subj", "/CN=localhost", "-key", &path("server.key"), "-out", &path("server.csr")]);
    fs::write(path("names"), "subjectAltName=DNS:localhost,IP:127.0.0.1\n").unwrap();
    let signed = ["-req", "-days", "2", "-CAcreateserial"];
    let by = ["-CA", &path("ca.pem"), "-CAkey", &path("ca.key"), "-extfile", &path("names")];
    run(&[&["x509"], &signed[..], &by, &["-in", &path("server.csr"), "-out", &path("server.pem")]].concat());
    Some(())
}

impl Registry {
    /// `127.0.0.1:PORT`.
    pub fn host(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// The certificate of the authority, where it speaks TLS.
    pub fn authority(&self) -> PathBuf {
        self.folder.path().join("ca.pem")
    }

    /// A file beside the certificates.
    pub fn file(&self, name: &str) -> String {
        self.folder.path().join(name).display().to_string()
    }

    /// Arguments that make our program trust it.
    pub fn trusted(&self) -> Vec<String> {
        match self.wishes.tls {
            true => vec!["--ca-file".to_owned(), self.authority().display().to_string()],
            false => Vec::new(),
        }
    }

    /// A file of logins as `helm registry login` writes it.
    pub fn logins(&self) -> String {
        use base64::Engine;

        let pair = base64::engine::general_purpose::STANDARD.encode(format!("{USER}:{PASSWORD}"));
        format!("{{\"auths\":{{\"{}\":{{\"auth\":\"{pair}\"}}}}}}", self.host())
    }

    pub fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        _ = self.child.kill();
        _ = self.child.wait();
    }
}
