//! Signatures: ours for Helm and GnuPG, theirs for us, and what is not signed, or not like that.

pub mod gpg;

use std::fs;
use std::path::Path;

use sha2::Digest;
use sha2::Sha256;

use crate::oracle::Answer;
use crate::oracle::Oracle;
use crate::oracle::answer;
use crate::oracle::helms;
use crate::oracle::oracle;
use crate::oracle::system;
use crate::program::Folder;
use crate::program::PROGRAM;
use crate::publish::web;
use gpg::Gpg;

/// Before every key that is made here: then the time of the key is that of the signature.
const TIME: (&str, &str) = ("SOURCE_DATE_EPOCH", "1700000000");
const FILE: &str = "minimal-1.0.0.tgz";

/// A folder with the archive of the smallest example.
fn folder() -> Folder {
    let folder = Folder::new(&[]);
    let said = folder.run(&["generate", "examples/minimal.yaml"], &[], b"");
    assert_eq!(said.code, Some(0), "{said}");
    folder
}

fn helm_verifies(helm: &Oracle, folder: &Folder, archive: &str, keyring: &str) -> Answer {
    let home = tempfile::tempdir().unwrap();
    let arguments = ["verify", archive, "--keyring", keyring];
    answer(helm.command(home.path()).current_dir(folder.path("")).args(arguments), "")
}

#[test]
fn both_helms_and_gnupg_accept_what_we_sign() {
    let (Some((helms, _)), Some(gpg)) = (helms(), Gpg::start()) else { return };
    for (kind, passphrase) in [("rsa3072", ""), ("nistp256", "open sesame"), ("ed25519", ""), ("rsa2048", "ä ö")] {
        let name = format!("Signer of {kind} <{kind}@example.com>");
        gpg.make_key(&name, kind, passphrase);
        for armoured in [false, true] {
            let folder = folder();
            folder.write("secret", gpg.export(true, &name, passphrase, armoured));
            folder.write("public", gpg.export(false, &name, passphrase, false));
            folder.write("passphrase", format!("{passphrase}\nanother line\n"));
            let sign = [
                "publish",
                FILE,
                "repo",
                "--sign",
                "--key",
                &name,
                "--keyring",
                "secret",
                "--passphrase-file",
                "passphrase",
            ];
            let said = folder.run(&sign, &[TIME], b"");
            assert_eq!(said.code, Some(0), "{kind}: {said}");
            assert_eq!(said.stderr.contains("Helm up to 3.21.3"), kind == "ed25519", "{said}");
            for helm in &helms {
                let said = helm_verifies(helm, &folder, &format!("repo/{FILE}"), "public");
                assert!(
                    said.succeeded && said.stdout.contains(&name),
                    "{kind} {}: {}{}",
                    helm.name,
                    said.stdout,
                    said.stderr
                );
            }
            let said = gpg.verify(&folder.path(&format!("repo/{FILE}.prov")));
            assert!(said.succeeded && said.stderr.contains("Good signature"), "{kind}: {}", said.stderr);
            let said = folder.run(&["verify", &format!("repo/{FILE}"), "--keyring", "public"], &[], b"");
            assert!(said.code == Some(0) && said.stderr.contains(&format!("signed by {name}")), "{kind}: {said}");
            // Everywhere and always the same bytes.
            let first = fs::read(folder.path(&format!("repo/{FILE}.prov"))).unwrap();
            fs::remove_dir_all(folder.path("repo")).unwrap();
            let elsewhere = [TIME, ("TZ", "Asia/Kolkata"), ("LC_ALL", "tr_TR.UTF-8"), ("HOME", "/nowhere")];
            assert_eq!(folder.run(&sign, &elsewhere, b"").code, Some(0));
            assert!(first == fs::read(folder.path(&format!("repo/{FILE}.prov"))).unwrap(), "{kind}");
        }
    }
}

/// GnuPG's own advice: a key that only certifies, and a subkey that signs.
#[test]
fn a_subkey_signs_for_a_key_that_only_certifies() {
    let (Some((helms, _)), Some(gpg)) = (helms(), Gpg::start()) else { return };
    gpg.make_key_of("Both <both@example.com>", "rsa2048", "cert", "");
    gpg.add_subkey("Both <both@example.com>", "rsa2048", "sign");
    let folder = folder();
    folder.write("secret", gpg.export(true, "both@example.com", "", false));
    folder.write("public", gpg.export(false, "both@example.com", "", false));
    let said = folder.run(&["publish", FILE, "repo", "--sign", "--keyring", "secret"], &[TIME], b"");
    assert_eq!(said.code, Some(0), "{said}");
    for helm in &helms {
        let said = helm_verifies(helm, &folder, &format!("repo/{FILE}"), "public");
        assert!(said.succeeded, "{}: {}", helm.name, said.stderr);
    }
    let said = folder.run(&["verify", &format!("repo/{FILE}"), "--keyring", "public"], &[], b"");
    assert_eq!(said.code, Some(0), "{said}");
}

#[test]
fn a_web_server_gives_signed_charts_to_both_helms() {
    let Some(gpg) = Gpg::start() else { return };
    gpg.make_key("Web <web@example.com>", "nistp256", "");
    let folder = Folder::new(&[]);
    folder.write("secret", gpg.export(true, "Web", "", false));
    folder.write("public", gpg.export(false, "Web", "", false));
    let generate = ["generate", "examples/minimal.yaml", "--sign", "--key", "Web", "--keyring", "secret"];
    let said = folder.run(&generate, &[TIME], b"");
    assert_eq!(said.code, Some(0), "{said}");
    let said = folder.run(&["verify", "minimal-1.0.0.tgz", "examples/minimal.yaml", "--keyring", "public"], &[], b"");
    assert_eq!(said.code, Some(0), "{said}");
    assert_eq!(folder.run(&["publish", "minimal-1.0.0.tgz", "repo"], &[], b"").code, Some(0));
    let Some(web) = web::serve(&folder.path("repo")) else { return };
    for helm in ["helm3", "helm4"].into_iter().filter_map(oracle) {
        let home = tempfile::tempdir().unwrap();
        let public = folder.path("public").display().to_string();
        let run = |arguments: &[&str]| answer(helm.command(home.path()).current_dir(home.path()).args(arguments), "");
        let pull = ["pull", "minimal", "--repo", &web.url(), "--verify", "--keyring", &public];
        let said = run(&pull);
        assert!(said.succeeded && said.stdout.contains("Web <web@example.com>"), "{}: {}", helm.name, said.stderr);
        let template =
            ["template", "minimal", "minimal", "-n", "minimal", "--repo", &web.url(), "--verify", "--keyring", &public];
        let said = run(&template);
        assert!(said.succeeded, "{}: {}", helm.name, said.stderr);
        let bytes = fs::read(folder.path("repo/minimal-1.0.0.tgz")).unwrap();
        folder.write("repo/minimal-1.0.0.tgz", [&bytes[..], b"\0"].concat());
        assert!(!run(&pull).succeeded, "{} takes what was changed", helm.name);
        folder.write("repo/minimal-1.0.0.tgz", bytes);
    }
}

#[test]
fn what_gnupg_and_helm_sign_is_accepted() {
    let (Some((helms, _)), Some(gpg)) = (helms(), Gpg::start()) else { return };
    gpg.make_key("Theirs <theirs@example.com>", "rsa2048", "");
    let folder = folder();
    folder.write("secret", gpg.export(true, "Theirs", "", false));
    folder.write("public", gpg.export(false, "Theirs", "", true));
    // A text as Helm signs it, by GnuPG.
    let bytes = fs::read(folder.path(FILE)).unwrap();
    let digest = hex::encode(Sha256::digest(&bytes));
    let text = format!("name: minimal\nsources:\n- a\nversion: 1.0.0\n\n...\nfiles:\n  {FILE}: sha256:{digest}\n");
    for hash in ["SHA256", "SHA512"] {
        folder.write(&format!("{FILE}.prov"), gpg.sign(&text, "Theirs", hash));
        let said = folder.run(&["verify", FILE, "--keyring", "public"], &[], b"");
        assert!(said.code == Some(0) && said.stderr.contains("signed by Theirs <theirs@example.com>"), "{said}");
    }
    folder.write(&format!("{FILE}.prov"), gpg.sign(&text, "Theirs", "SHA1"));
    let said = folder.run(&["verify", FILE, "--keyring", "public"], &[], b"");
    assert!(said.code == Some(1) && said.stderr.contains("its hash is too weak"), "{said}");
    for helm in &helms {
        folder.write("chart/Chart.yaml", "apiVersion: v2\nname: a\nversion: 1.0.0\nkeywords: [a, b]\n");
        folder.write("chart/templates/a.yaml", "");
        let home = tempfile::tempdir().unwrap();
        let package = ["package", "chart", "--sign", "--key", "Theirs", "--keyring", "secret", "-d", helm.name];
        let said = answer(helm.command(home.path()).current_dir(folder.path("")).args(package), "");
        assert!(said.succeeded, "{}: {}", helm.name, said.stderr);
        let said = folder.run(
            &["publish", &format!("{}/a-1.0.0.tgz", helm.name), &format!("repo-of-{}", helm.name)],
            &[],
            b"",
        );
        assert!(said.code == Some(0) && said.stderr.contains("with its provenance"), "{said}");
    }
}

/// Each is one clear error, and nothing is written.
#[test]
fn what_is_not_signed_like_that_is_refused() {
    let Some(gpg) = Gpg::start() else { return };
    gpg.make_key("Good <good@example.com>", "rsa2048", "");
    gpg.make_key("Other <other@example.com>", "rsa2048", "");
    let folder = folder();
    folder.write("secret", gpg.export(true, "Good", "", false));
    folder.write("public", gpg.export(false, "Good", "", false));
    folder.write("other", gpg.export(false, "Other", "", false));
    folder.write("keybox", [&[0; 8][..], b"KBXf", &[0; 20]].concat());
    folder.write("text", "text");
    let said = folder.run(&["publish", FILE, "good", "--sign", "--keyring", "secret"], &[TIME], b"");
    assert_eq!(said.code, Some(0), "{said}");
    let signed = fs::read_to_string(folder.path(&format!("good/{FILE}.prov"))).unwrap();
    let check = |archive: &[u8], name: &str, prov: &str, keyring: &str, code: i32, expect: &str| {
        folder.write(name, archive);
        folder.write(&format!("{name}.prov"), prov);
        let said = folder.run(&["verify", name, "--keyring", keyring], &[], b"");
        assert!(said.code == Some(code) && said.stderr.contains(expect), "{expect}: {said}");
        if code != 0 && name == FILE && keyring == "public" && !expect.contains("signature of") {
            let said = folder.run(&["publish", name, "repo"], &[], b"");
            assert!(said.code == Some(74) && said.stderr.contains(expect), "{expect}: {said}");
            assert!(!folder.path("repo").exists());
        }
    };
    let good = fs::read(folder.path(FILE)).unwrap();
    let said = folder.run(&["generate", "examples/minimal.yaml", "-d", "other-bytes", "--app-version", "2"], &[], b"");
    assert_eq!(said.code, Some(0), "{said}");
    let changed_archive = fs::read(folder.path(&format!("other-bytes/{FILE}"))).unwrap();
    check(&good, FILE, &signed, "public", 0, "signed by Good <good@example.com>");
    check(&changed_archive, FILE, &signed, "public", 1, "one of the two was changed");
    check(&good, "renamed.tgz", &signed, "public", 1, "it is about `minimal-1.0.0.tgz`, not about `renamed.tgz`");
    let changed = signed.replace("type: application", "type: library");
    check(&good, FILE, &changed, "public", 1, "the signature of Good <good@example.com> is not of this text");
    let changed = signed.replace("name: minimal\n", "name: maximal\n");
    check(&good, FILE, &changed, "public", 1, "`name` in it is not that of the archive's `Chart.yaml`");
    check(&good, FILE, &signed, "other", 1, "no key in it that has signed this");
    check(&good, FILE, "", "public", 1, "expected an OpenPGP message with a cleartext signature");
    check(&good, FILE, &signed[..signed.len() / 2], "public", 1, "expected an OpenPGP message");
    check(&good, FILE, &signed.replace("\n...\n", "\n"), "public", 1, "expected the metadata of a chart");
    check(&good, FILE, &signed, "keybox", 74, "this is GnuPG's keybox");
    check(&good, FILE, &signed, "text", 74, "expected OpenPGP keys");
    check(&good, FILE, &signed, "missing", 74, "while reading `missing`: no such file or directory");
    fs::remove_file(folder.path(&format!("{FILE}.prov"))).unwrap();
    let said = folder.run(&["verify", FILE, "--keyring", "public"], &[], b"");
    assert!(said.code == Some(74) && said.stderr.contains(&format!("{FILE}.prov`: no such file")), "{said}");
}

/// Other bytes under the name of signed ones: the old signature goes with them.
#[test]
fn a_signature_goes_with_its_bytes() {
    let Some(gpg) = Gpg::start() else { return };
    gpg.make_key("Good <good@example.com>", "nistp256", "");
    let folder = folder();
    folder.write("secret", gpg.export(true, "Good", "", false));
    let publish = |more: &[&str]| folder.run(&[&["publish", FILE, "repo"], more].concat(), &[TIME], b"");
    let names = || folder.files("repo").into_keys().collect::<Vec<_>>();
    assert_eq!(publish(&["--sign", "--keyring", "secret"]).code, Some(0));
    let signed = folder.files("repo");
    assert_eq!(names(), ["index.yaml".to_owned(), FILE.to_owned(), format!("{FILE}.prov")]);
    assert_eq!(publish(&[]).code, Some(0));
    assert!(folder.files("repo") == signed, "the same bytes keep their signature");
    assert_eq!(folder.run(&["generate", "examples/minimal.yaml", "--app-version", "2"], &[], b"").code, Some(0));
    assert_eq!(publish(&[]).code, Some(74));
    assert!(folder.files("repo") == signed);
    assert_eq!(publish(&["--force"]).code, Some(0));
    // A signature that is of no use any more is in nobody's way who signs anew.
    folder.write(&format!("{FILE}.prov"), &signed[&format!("{FILE}.prov")]);
    assert_eq!(publish(&[]).code, Some(74));
    assert_eq!(publish(&["--sign", "--keyring", "secret"]).code, Some(0));
    assert_eq!(names().len(), 3);
    fs::remove_file(folder.path(&format!("{FILE}.prov"))).unwrap();
    fs::remove_file(folder.path(&format!("repo/{FILE}.prov"))).unwrap();
    assert_eq!(names(), ["index.yaml".to_owned(), FILE.to_owned()]);
}

#[test]
fn a_key_that_cannot_sign_says_why() {
    let Some(gpg) = Gpg::start() else { return };
    for name in ["One <one@example.com>", "Two <two@example.com>"] {
        gpg.make_key(name, "nistp256", "open sesame");
    }
    gpg.make_key_of("Certifier <certifier@example.com>", "nistp256", "cert", "");
    gpg.make_key_until("Old <old@example.com>", "2020-01-01", "2021-01-01");
    let folder = folder();
    folder.write(
        "both",
        [gpg.export(true, "One", "open sesame", false), gpg.export(true, "Two", "open sesame", false)].concat(),
    );
    folder.write(
        "armoured",
        [gpg.export(true, "One", "open sesame", true), gpg.export(true, "Two", "open sesame", true)].concat(),
    );
    folder.write("public", gpg.export(false, "One", "", false));
    folder.write("certifier", gpg.export(true, "Certifier", "", false));
    folder.write("old", gpg.export(true, "Old", "", false));
    folder.write("right", "open sesame\n");
    folder.write("wrong", "open barley\n");
    let check = |more: &str, code: i32, expect: &str| {
        let arguments: Vec<&str> = ["publish", FILE, "repo"].into_iter().chain(more.split(' ')).collect();
        let said = folder.run(&arguments, &[TIME], b"open sesame\n");
        assert!(said.code == Some(code) && said.stderr.contains(expect), "{more}: {said}");
        assert_eq!(folder.path("repo").exists(), code == 0, "{more}");
        _ = fs::remove_dir_all(folder.path("repo"));
    };
    check(
        "--sign --keyring both --passphrase-file right",
        74,
        "it holds several keys: One <one@example.com>, Two <two@example.com>",
    );
    check(
        "--sign --keyring both --key example.com --passphrase-file right",
        74,
        "several keys in it are called `example.com`",
    );
    check("--sign --keyring both --key Three --passphrase-file right", 74, "no key in it is called `Three`");
    check(
        "--sign --keyring both --key One --passphrase-file wrong",
        74,
        "the passphrase of One <one@example.com> is another one",
    );
    check("--sign --keyring both --key One", 64, "say `--passphrase-file FILE`");
    check("--sign --keyring both --key One --passphrase-file missing", 74, "while reading `missing`");
    check("--sign --keyring public", 74, "there is no secret key in it");
    check(
        "--sign --keyring certifier",
        74,
        "the key Certifier <certifier@example.com> cannot be used: this key may not sign",
    );
    check("--sign --keyring old", 74, "the key Old <old@example.com> cannot be used: the key has expired");
    check("--sign", 64, "--keyring <FILE>");
    check("--key One", 64, "--sign");
    check("--sign --keyring both --key One --passphrase-file right", 0, "published with its provenance");
    check("--sign --keyring armoured --key two@example.com --passphrase-file -", 0, "published with its provenance");
}

/// A person at a terminal, which does not show what is typed.
#[test]
fn the_terminal_is_asked_for_the_passphrase() {
    let (Some(gpg), Some(script)) = (Gpg::start(), system("script")) else { return };
    gpg.make_key("Typed <typed@example.com>", "nistp256", "open sesame");
    let folder = folder();
    folder.write("secret", gpg.export(true, "Typed", "open sesame", false));
    let line = format!("{PROGRAM} publish {FILE} repo --sign --keyring secret");
    let mut command = script.command(Path::new("/nowhere"));
    let typed = |text: &str, command: &mut std::process::Command| {
        let arguments = ["--quiet", "--return", "--echo", "never", "--command", &line, "/dev/null"];
        answer(command.current_dir(folder.path("")).args(arguments), text)
    };
    let said = typed("open sesame\n", &mut command);
    assert!(said.succeeded, "{}{}", said.stdout, said.stderr);
    assert!(said.stdout.contains("Passphrase of Typed <typed@example.com>: "), "{}", said.stdout);
    assert!(!said.stdout.contains("sesame") && folder.path(&format!("repo/{FILE}.prov")).exists(), "{}", said.stdout);
}
