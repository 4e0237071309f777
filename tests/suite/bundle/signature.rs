//! Signed bundles: made with a key of GnuPG, verified by GnuPG and by us, and refused when anything differs.

use std::fs;
use std::process::Command;

use crate::bundle::push::Source;
use crate::program::Said;
use crate::provenance::gpg::Gpg;

const ANNA: &str = "Anna <anna@example.com>";
const BERT: &str = "Bert <bert@example.com>";

#[test]
fn a_signed_bundle_is_of_its_signer_and_nobody_else() {
    let (Some(source), Some(gpg)) = (Source::start(), Gpg::start()) else { return };
    let folder = &source.site.folder;
    for name in [ANNA, BERT] {
        gpg.make_key(name, "nistp256", "open sesame");
        let file = name.split(' ').next().unwrap().to_lowercase();
        folder.write(&format!("{file}.secret"), gpg.export(true, name, "open sesame", false));
        folder.write(&format!("{file}.public"), gpg.export(false, name, "open sesame", true));
    }
    folder.write("passphrase", "open sesame\n");
    let made = |name: &str, more: &[&str]| -> Said { source.bundle(&[&["home.yaml", "-o", name], more].concat()) };
    let sign = ["--sign", "--keyring", "anna.secret", "--passphrase-file", "passphrase"];
    let said = made("signed.bundle", &sign);
    assert!(said.code == Some(0) && said.stderr.contains(", signed\n"), "{said}");
    assert_eq!(made("plain.bundle", &[]).code, Some(0));

    let verify = |bundle: &str, keyring: &str| folder.run(&["verify", bundle, "--keyring", keyring], &[], b"");
    let said = verify("signed.bundle", "anna.public");
    assert!(said.code == Some(0) && said.stderr.ends_with("signed by Anna <anna@example.com>\n"), "{said}");
    let said = verify("signed.bundle", "bert.public");
    assert!(said.code == Some(1) && said.stderr.contains("SHA256SUMS.asc"), "{said}");
    let said = verify("plain.bundle", "anna.public");
    assert!(said.code == Some(1) && said.stderr.ends_with("it is not signed\n"), "{said}");
    let load = |bundle: &str, keyring: &str| {
        folder.run(&["load", bundle, "--to", "k3s", "--root", "node", "--keyring", keyring], &[], b"")
    };
    for (bundle, keyring) in [("signed.bundle", "bert.public"), ("plain.bundle", "anna.public")] {
        assert_eq!(load(bundle, keyring).code, Some(74));
        assert!(!source.site.path("node").exists());
    }
    assert_eq!(load("signed.bundle", "anna.public").code, Some(0));

    let unpacked =
        Command::new("tar").args(["-xf", "signed.bundle", "SHA256SUMS.asc"]).current_dir(folder.path("")).status();
    assert!(unpacked.unwrap().success());
    let said = gpg.verify(&folder.path("SHA256SUMS.asc"));
    assert!(said.succeeded, "{}", said.stderr);

    // Of the signature's own bytes, one bit each.
    let whole = fs::read(folder.path("signed.bundle")).unwrap();
    let name = whole.windows(15).position(|it| it == b"SHA256SUMS.asc\0").unwrap();
    let length = fs::metadata(folder.path("SHA256SUMS.asc")).unwrap().len() as usize;
    let step = if std::env::var_os("HELM_HA_LONG").is_some() { 1 } else { 67 };
    for at in (name + 512..name + 512 + length).step_by(step) {
        let mut changed = whole.clone();
        changed[at] ^= 1 << (at % 7);
        folder.write("changed.bundle", changed);
        let said = verify("changed.bundle", "anna.public");
        assert_eq!(said.code, Some(1), "byte {}: {said}", at - name);
    }
}
