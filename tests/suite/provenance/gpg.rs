//! A GnuPG with a home of its own: keys in any form, made and exported.

use std::process::Command;

use crate::oracle::Answer;
use crate::oracle::Oracle;
use crate::oracle::answer;
use crate::oracle::system;

pub struct Gpg {
    gpg: Oracle,
    gpgconf: Oracle,
    // Its agent's socket needs a short path.
    home: tempfile::TempDir,
}

impl Drop for Gpg {
    /// Its agent would stay for a while.
    fn drop(&mut self) {
        let home = self.home.path();
        Command::new(self.gpgconf.path()).arg("--homedir").arg(home).args(["--kill", "all"]).status().ok();
    }
}

fn private() -> std::fs::Permissions {
    std::os::unix::fs::PermissionsExt::from_mode(0o700)
}

impl Gpg {
    /// `None` without GnuPG.
    pub fn start() -> Option<Self> {
        let (gpg, gpgconf) = (system("gpg")?, system("gpgconf")?);
        Some(Self {
            gpg,
            gpgconf,
            home: tempfile::Builder::new().prefix("g").permissions(private()).tempdir().unwrap(),
        })
    }

    fn run(&self, passphrase: &str, arguments: &[&str]) -> Answer {
        let mut command = self.gpg.command(self.home.path());
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default()).arg("--homedir").arg(self.home.path());
        command.args(["--batch", "--quiet", "--pinentry-mode", "loopback", "--passphrase", passphrase]).args(arguments);
        answer(&mut command, "")
    }

    fn succeed(&self, passphrase: &str, arguments: &[&str]) {
        let said = self.run(passphrase, arguments);
        assert!(said.succeeded, "gpg {arguments:?}: {}", said.stderr);
    }

    pub fn make_key(&self, name: &str, kind: &str, passphrase: &str) {
        self.make_key_of(name, kind, "sign", passphrase);
    }

    pub fn make_key_of(&self, name: &str, kind: &str, usage: &str, passphrase: &str) {
        self.succeed(passphrase, &["--quick-generate-key", name, kind, usage, "never"]);
    }

    /// A key that was good for some time.
    pub fn make_key_until(&self, name: &str, made: &str, expires: &str) {
        let made = format!("{}T000000!", made.replace('-', ""));
        self.succeed("", &["--faked-system-time", &made, "--quick-generate-key", name, "nistp256", "sign", expires]);
    }

    pub fn add_subkey(&self, name: &str, kind: &str, usage: &str) {
        let said = self.run("", &["--with-colons", "--list-keys", name]);
        let line = said.stdout.lines().find_map(|line| line.strip_prefix("fpr:")).unwrap().to_owned();
        let fingerprint = line.split(':').find(|field| !field.is_empty()).unwrap().to_owned();
        self.succeed("", &["--quick-add-key", &fingerprint, kind, usage, "never"]);
    }

    /// The key as a file.
    pub fn export(&self, secret: bool, name: &str, passphrase: &str, armoured: bool) -> Vec<u8> {
        let file = tempfile::NamedTempFile::new().unwrap();
        let path = file.path().display().to_string();
        let mut arguments = vec!["--yes", "--output", &path];
        arguments.extend(armoured.then_some("--armor"));
        arguments.extend([if secret { "--export-secret-keys" } else { "--export" }, name]);
        self.succeed(passphrase, &arguments);
        std::fs::read(&path).unwrap()
    }

    /// The text with a signature in cleartext form.
    pub fn sign(&self, text: &str, name: &str, hash: &str) -> Vec<u8> {
        let (from, to) = (tempfile::NamedTempFile::new().unwrap(), tempfile::NamedTempFile::new().unwrap());
        std::fs::write(from.path(), text).unwrap();
        let [from, to] = [from.path(), to.path()].map(|path| path.display().to_string());
        self.succeed(
            "",
            &["--yes", "--local-user", name, "--digest-algo", hash, "--clearsign", "--output", &to, &from],
        );
        std::fs::read(to).unwrap()
    }

    /// Where it keeps its keys.
    pub fn home(&self) -> &std::path::Path {
        self.home.path()
    }

    pub fn verify(&self, file: &std::path::Path) -> Answer {
        self.run("", &["--verify", &file.display().to_string()])
    }
}
