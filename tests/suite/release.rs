//! The plugin as it is released: signed archives that both Helms install and run, Helm 4 with its check of the signature.

use std::env;
use std::fs;
use std::path::Path;
use std::process::Command;

use sha2::Digest;
use sha2::Sha256;

use crate::oracle::answer;
use crate::oracle::oracle;
use crate::oracle::system;
use crate::program::Folder;
use crate::program::PROGRAM;
use crate::provenance::gpg::Gpg;
use crate::publish::web;

const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Runs the script with the program of the tests for both processors, unless `--long` builds the real ones.
fn release(gpg: &Gpg, folder: &Folder, into: &str) {
    let mut command = Command::new(Path::new(env!("CARGO_MANIFEST_DIR")).join(".ci/release"));
    command.args(["--key", "Release"]).arg(folder.path(into)).env("GNUPGHOME", gpg.home());
    if env::var_os("HELM_HA_LONG").is_none() {
        command.args(["--amd64", PROGRAM, "--arm64", PROGRAM]);
    }
    let said = answer(&mut command, "");
    assert!(said.succeeded, "{}{}", said.stdout, said.stderr);
}

#[test]
fn both_helms_install_the_released_plugin() {
    let (Some(gpg), Some(_)) = (Gpg::start(), system("git")) else { return };
    gpg.make_key("Release <release@example.com>", "rsa3072", "");
    let folder = Folder::new(&[]);
    release(&gpg, &folder, "one");
    release(&gpg, &folder, "two");
    let (four, three) = (format!("ha-{VERSION}.tgz"), format!("ha-{VERSION}-helm3.tgz"));
    for name in [&four, &three, &"SHA256SUMS".to_owned()] {
        let read = |into: &str| fs::read(folder.path(&format!("{into}/{name}"))).unwrap();
        assert!(read("one") == read("two"), "{name} is not the same twice");
    }
    let sums = fs::read_to_string(folder.path("one/SHA256SUMS")).unwrap();
    let digest = hex::encode(Sha256::digest(fs::read(folder.path(&format!("one/{four}"))).unwrap()));
    assert!(sums.contains(&format!("{digest}  {four}")), "{sums}");
    for name in [&four, &three] {
        let said = gpg.verify(&folder.path(&format!("one/{name}.prov")));
        assert!(said.succeeded, "{name}: {}", said.stderr);
    }
    folder.write("keyring.gpg", gpg.export(false, "Release", "", false));
    gpg.make_key("Other <other@example.com>", "rsa2048", "");
    folder.write("other.gpg", gpg.export(false, "Other", "", false));
    let Some(web) = web::serve(&folder.path("one")) else { return };
    if let Some(helm4) = oracle("helm4") {
        let keyring = folder.path("keyring.gpg").display().to_string();
        let other = folder.path("other.gpg").display().to_string();
        for source in [folder.path(&format!("one/{four}")).display().to_string(), format!("{}/{four}", web.url())] {
            let home = tempfile::tempdir().unwrap();
            let run = |arguments: &[&str]| answer(helm4.command(home.path()).args(arguments), "");
            let refused = run(&["plugin", "install", &source, "--keyring", &other]);
            assert!(!refused.succeeded, "{source}: the signature of another key is taken");
            let said = run(&["plugin", "install", &source, "--keyring", &keyring]);
            assert!(
                said.succeeded && said.stdout.contains("Release <release@example.com>"),
                "{source}: {}{}",
                said.stdout,
                said.stderr
            );
            let said = run(&["ha", "version"]);
            assert!(
                said.succeeded && said.stdout.starts_with(&format!("helm ha {VERSION}")),
                "{}{}",
                said.stdout,
                said.stderr
            );
        }
        let damaged = folder.path(&format!("two/{four}"));
        fs::write(&damaged, [fs::read(&damaged).unwrap(), vec![0]].concat()).unwrap();
        let home = tempfile::tempdir().unwrap();
        let source = damaged.display().to_string();
        let said = answer(helm4.command(home.path()).args(["plugin", "install", &source, "--keyring", &keyring]), "");
        assert!(!said.succeeded && said.stderr.contains("sha256 sum does not match"), "{}", said.stderr);
    }
    if let Some(helm3) = oracle("helm3") {
        let home = tempfile::tempdir().unwrap();
        let run = |arguments: &[&str]| answer(helm3.command(home.path()).args(arguments), "");
        let said = run(&["plugin", "install", &format!("{}/{three}", web.url())]);
        assert!(said.succeeded, "{}{}", said.stdout, said.stderr);
        let said = run(&["ha", "version"]);
        assert!(
            said.succeeded && said.stdout.starts_with(&format!("helm ha {VERSION}")),
            "{}{}",
            said.stdout,
            said.stderr
        );
    }
}
