//! The bill of materials: of SPDX's own schema, and with exactly the packages that dpkg itself put there.

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

use helm_ha::bundle::Packing;
use serde_json::Value;

use crate::bundle::site::Gzip;
use crate::bundle::site::Site;
use crate::bundle::site::TOOLS;
use crate::bundle::site::WEB;
use crate::bundle::site::check;
use crate::oracle::file;
use crate::oracle::oracle;
use crate::oracle::system;

const SBOM: &str = "sbom.spdx.json";

fn document(site: &Site) -> Value {
    let bundle = check(&site.bundle_with("whole", Packing::Plain, &["amd64"], None, None).unwrap(), None).unwrap();
    let bytes = bundle.head().file(SBOM).to_vec();
    site.folder.write(SBOM, &bytes);
    serde_json::from_slice(&bytes).unwrap()
}

/// The names and versions of what an image of this name contains.
fn contained(document: &Value, image: &str) -> BTreeSet<String> {
    let packages = document["packages"].as_array().unwrap();
    let name = format!("{} (linux/amd64)", image.rsplit_once(':').unwrap().0);
    let variant = packages.iter().find(|it| it["name"] == name.as_str()).unwrap();
    let relations = document["relationships"].as_array().unwrap().iter();
    let own = relations.filter(|it| it["relationshipType"] == "CONTAINS" && it["spdxElementId"] == variant["SPDXID"]);
    own.map(|it| {
        let package = packages.iter().find(|package| package["SPDXID"] == it["relatedSpdxElement"]).unwrap();
        format!("{} {}", package["name"].as_str().unwrap(), package["versionInfo"].as_str().unwrap())
    })
    .collect()
}

/// Packages made with `dpkg-deb`, installed and removed with dpkg, layer by layer.
#[test]
fn what_dpkg_installed_is_listed_and_nothing_else() {
    let (Some(dpkg), Some(_)) = (system("dpkg"), system("dpkg-deb")) else { return };
    let folder = tempfile::tempdir().unwrap();
    let script = r#"
        cd "$0"; mkdir -p root/var/lib/dpkg/{info,updates,triggers}; touch root/var/lib/dpkg/{status,available}
        make() { # NAME VERSION
          mkdir -p "$1/DEBIAN" "$1/etc"; echo "$1" >"$1/etc/$1.conf"; echo "/etc/$1.conf" >"$1/DEBIAN/conffiles"
          printf 'Package: %s\nVersion: %s\nArchitecture: all\nMaintainer: a <a@example.com>\nDescription: a\n b\n .\n c\n' "$1" "$2" >"$1/DEBIAN/control"
          dpkg-deb --root-owner-group --build "$1" "$1.deb" >/dev/null
        }
        make one 1:1.0-1+b1; make two 2~rc1; make three 3
        run() { dpkg --root="$PWD/root" --force-not-root --force-script-chrootless --log=/dev/null "$@" >/dev/null; }
        run --install one.deb two.deb; cp root/var/lib/dpkg/status first
        run --install three.deb; run --remove two; cp root/var/lib/dpkg/status second
        dpkg-query --admindir=root/var/lib/dpkg --show --showformat '${db:Status-Abbrev} ${Package} ${Version}\n' | sed -n 's/^ii *//p' >expected
    "#;
    let made = Command::new("bash").args(["-euc", script]).arg(folder.path()).output().unwrap();
    assert!(made.status.success(), "{}: {}", dpkg.name, String::from_utf8_lossy(&made.stderr));
    let read = |name: &str| fs::read(folder.path().join(name)).unwrap();
    let expected: BTreeSet<String> = String::from_utf8(read("expected")).unwrap().lines().map(str::to_owned).collect();
    assert_eq!(expected.len(), 2, "{expected:?}");

    let mut site = Site::empty();
    let status = "var/lib/dpkg/status";
    let base = site
        .layer(&[("etc/os-release", 0o644, b"ID=debian\nVERSION_ID=12\n"), (status, 0o644, &read("first"))], Gzip::Yes);
    let top = site.layer(&[(status, 0o644, &read("second"))], Gzip::No);
    site.add_image(WEB, &[("amd64", vec![base.clone(), top])]);
    // Here the database is taken away, and nothing takes its place.
    let gone = site.layer(&[("var/lib/dpkg/.wh.status", 0o644, b"")], Gzip::Yes);
    site.add_image(TOOLS, &[("amd64", vec![base, gone])]);
    let document = document(&site);
    assert_eq!(contained(&document, WEB), expected);
    assert_eq!(contained(&document, TOOLS), ["unknown NOASSERTION".to_owned()].into());
    let urls = document.to_string();
    assert!(urls.contains("pkg:deb/debian/one@1%3A1.0-1%2Bb1?arch=all&distro=debian-12"), "{urls}");
}

/// With charts, images, packages and what is unknown.
#[test]
fn spdx_takes_the_document() {
    let (Some(validator), Some(schema)) = (oracle("check-jsonschema"), file("spdx/schema.json")) else { return };
    let mut site = Site::small();
    let strange = site.blob("application/vnd.example.model", b"no archive");
    site.sources.retain(|source| source.name != WEB);
    site.add_image(WEB, &[("amd64", vec![strange])]);
    let document = document(&site);
    assert_eq!(contained(&document, WEB), ["unknown NOASSERTION".to_owned()].into());
    assert_eq!(contained(&document, TOOLS), ["tools 1".to_owned()].into());
    let check = |document: &std::path::Path| {
        let arguments = ["--schemafile".as_ref(), schema.as_os_str(), document.as_os_str()];
        validator.run(&arguments, "")
    };
    let said = check(&site.path(SBOM));
    assert!(said.succeeded, "{}{}", said.stdout, said.stderr);
    // The judge does find what is wrong.
    let mut wrong = document;
    wrong["packages"][0].as_object_mut().unwrap().remove("downloadLocation");
    site.folder.write("wrong.json", wrong.to_string());
    assert!(!check(&site.path("wrong.json")).succeeded);
}
