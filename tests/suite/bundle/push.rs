//! The whole way with real registries: pulled into a bundle, loaded into the registry of a site, installed from there.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;
use std::process::Stdio;
use std::time::Duration;
use std::time::Instant;

use helm_ha::bundle::Packing;
use serde_json::Value;
use serde_json::json;

use crate::bundle::site::Gzip;
use crate::bundle::site::Site;
use crate::bundle::site::TOOLS;
use crate::bundle::site::WEB;
use crate::oracle::helms;
use crate::oracle::oracle;
use crate::oracle::system;
use crate::program::PROGRAM;
use crate::program::Said;
use crate::registry::server::Registry;
use crate::registry::server::Wishes;
use crate::registry::server::distribution;

const WITH_LOGIN: Wishes = Wishes { login: true, tls: true, identity: false };

/// What our program and crane need to know of a registry.
fn environment(site: &Site, registry: &Registry) -> Vec<(String, String)> {
    site.folder.write("docker/config.json", registry.logins());
    site.folder.write("home/empty", "");
    let home = site.path("home").display().to_string();
    vec![
        ("HOME".to_owned(), home),
        ("DOCKER_CONFIG".to_owned(), site.path("docker").display().to_string()),
        ("SSL_CERT_FILE".to_owned(), registry.authority().display().to_string()),
    ]
}

fn run(site: &Site, registry: &Registry, arguments: &[&str]) -> Said {
    let environment = environment(site, registry);
    let environment: Vec<(&str, &str)> =
        environment.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    site.folder.run(arguments, &environment, b"")
}

fn load(site: &Site, registry: &Registry, bundle: &str, more: &[&str]) -> Said {
    let (host, trusted) = (format!("{}/mirror", registry.host()), registry.trusted());
    let trusted: Vec<&str> = trusted.iter().map(String::as_str).collect();
    let arguments = [&["load", bundle, &host, "--to", "registry", "--output", "json"], &trusted[..], more].concat();
    run(site, registry, &arguments)
}

/// The digest that a name means there, as crane sees it.
fn digest(site: &Site, registry: &Registry, name: &str) -> Option<String> {
    let crane = oracle("crane")?;
    let name = format!("{}/mirror/{name}", registry.host());
    let said =
        crane.command(&site.path("home")).envs(environment(site, registry)).args(["digest", &name]).output().unwrap();
    said.status.success().then(|| String::from_utf8(said.stdout).unwrap().trim().to_owned())
}

/// With a login and TLS; a compressed bundle too. The second time nothing is sent.
#[test]
fn images_arrive_under_their_digests_and_the_chart_names_nothing_outside() {
    let Some(registry) = distribution(WITH_LOGIN) else { return };
    if oracle("crane").is_none() {
        return;
    }
    let site = Site::small();
    for packing in [Packing::Plain, Packing::Zstd] {
        site.bundle("home.bundle", packing);
        let said =
            load(&site, &registry, "home.bundle", &["--pull-address", "registry.lan:5000/mirror", "-d", "charts"]);
        assert_eq!(said.code, Some(0), "{said}");
        let report: Value = serde_json::from_str(&said.stdout).unwrap();
        assert_eq!(report["bytes"] == 0, packing == Packing::Zstd, "the second time nothing is sent: {report}");
        assert_eq!(report["reduced"], json!([]));
        for source in &site.sources {
            let name = source.name.split_once('/').unwrap().1;
            assert_eq!(digest(&site, &registry, name), Some(source.root.digest.to_string()), "{name}");
        }
        let rest: Vec<_> = site.folder.files("home").into_keys().filter(|path| path.ends_with(".tar")).collect();
        assert_eq!(rest, [] as [String; 0], "what was unpacked on the way is taken away");
    }
    let Some((helms, yaml2json)) = helms() else { return };
    for helm in helms {
        let chart = site.path("charts/home-1.0.0.tgz").display().to_string();
        let set = "global.imageRegistry=registry.lan:5000/mirror";
        let text = helm.run(&["template", "home", &chart, "-n", "home", "--set", set], "");
        assert!(text.succeeded, "{}", text.stderr);
        assert!(!text.stdout.contains("docker.io") && !text.stdout.contains("ghcr.io"), "{}", text.stdout);
        let mut images = Vec::new();
        yaml2json.documents(&text.stdout).iter().for_each(|object| collect(object, &mut images));
        images.sort();
        assert_eq!(images, ["registry.lan:5000/mirror/example/tools:2", "registry.lan:5000/mirror/example/web:1.0.0"]);
    }
}

fn collect(value: &Value, images: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            images.extend(fields.get("image").and_then(Value::as_str).map(str::to_owned));
            fields.values().for_each(|value| collect(value, images));
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, images)),
        _ => {}
    }
}

/// distribution refuses an index of which a platform is missing: then a smaller one takes its place, and that is said.
#[test]
fn an_index_with_platforms_missing_becomes_a_smaller_one() {
    let Some(registry) = distribution(Wishes::default()) else { return };
    let site = Site::small();
    site.bundle_with("home.bundle", Packing::Plain, &["amd64"], None, None).unwrap();
    let said = load(&site, &registry, "home.bundle", &[]);
    assert_eq!(said.code, Some(0), "{said}");
    let report: Value = serde_json::from_str(&said.stdout).unwrap();
    assert_eq!(report["reduced"], report["images"]);
    if oracle("crane").is_none() {
        return;
    }
    let found = digest(&site, &registry, "example/web:1.0.0").unwrap();
    let source = site.sources.iter().find(|source| source.name == WEB).unwrap();
    assert_ne!(found, source.root.digest.to_string());
}

#[test]
fn two_images_of_one_name_are_not_pushed_over_each_other() {
    let Some(registry) = distribution(Wishes::default()) else { return };
    let mut site = Site::small();
    let layer = site.layer(&[("other", 0o644, b"")], Gzip::No);
    site.add_image("quay.io/example/web:1.0.0", &[("amd64", vec![layer])]);
    site.bundle_with("home.bundle", Packing::Plain, &["amd64"], None, None).unwrap();
    let said = load(&site, &registry, "home.bundle", &[]);
    let expect = "docker.io/example/web:1.0.0 and quay.io/example/web:1.0.0 have the same name in one registry";
    assert!(said.code == Some(64) && said.stderr.contains(expect), "{said}");
}

/// A registry with the images of a site, and what `helm ha bundle` needs to find them there.
pub struct Source {
    pub site: Site,
    registry: Registry,
}

impl Source {
    pub fn start() -> Option<Self> {
        Self::with(WITH_LOGIN)
    }

    fn with(wishes: Wishes) -> Option<Self> {
        let registry = distribution(wishes)?;
        let site = Site::small();
        site.bundle("source.bundle", Packing::Plain);
        assert_eq!(load(&site, &registry, "source.bundle", &[]).code, Some(0));
        let scheme = if wishes.tls { "https" } else { "http" };
        let endpoint = format!("{scheme}://{}", registry.host());
        let mut mirrors =
            json!({ "mirrors": { "*": { "endpoint": [endpoint], "rewrite": { "^(.*)$": "mirror/$1" } } } });
        if wishes.login {
            mirrors["configs"] = json!({ registry.host(): {
                "auth": { "username": crate::registry::server::USER, "password": crate::registry::server::PASSWORD },
                "tls": { "ca_file": registry.authority() },
            } });
        }
        site.folder.write("registries.yaml", mirrors.to_string());
        Some(Self { site, registry })
    }

    /// `helm ha bundle` with these arguments.
    pub fn bundle(&self, arguments: &[&str]) -> Said {
        let arguments = [&["bundle"], arguments, &["--registries", "registries.yaml", "--cache", "pulled"]].concat();
        run(&self.site, &self.registry, &arguments)
    }
}

/// Pulled through mirrors from one registry, bundled, checked; then from the archive, with everything in the cache.
#[test]
fn a_values_file_becomes_a_bundle() {
    let Some(source) = Source::start() else { return };
    let site = &source.site;
    let said = source.bundle(&["home.yaml", "-o", "first.bundle"]);
    assert_eq!(said.code, Some(0), "{said}");
    assert!(said.stderr.starts_with("wrote first.bundle: home-1.0.0: 2 images for linux/amd64, "), "{said}");
    assert_eq!(site.folder.run(&["verify", "first.bundle", "home.yaml"], &[], b"").code, Some(0));
    let said = source.bundle(&["home.yaml", "-o", "second.bundle"]);
    assert_eq!(said.code, Some(0), "{said}");
    let said = source.bundle(&["home-1.0.0.tgz", "--platform", "linux/amd64", "-o", "third.bundle"]);
    assert_eq!(said.code, Some(0), "{said}");
    let read = |name: &str| fs::read(site.path(name)).unwrap();
    assert!(read("first.bundle") == read("second.bundle") && read("first.bundle") == read("third.bundle"));
    let both = ["--since", "first.bundle", "--platform", "linux/arm64,linux/amd64"];
    let said = source.bundle(&[&["home.yaml", "-o", "new.bundle"], &both[..]].concat());
    assert_eq!(said.code, Some(0), "{said}");
    let said = site.folder.run(&["verify", "new.bundle", "--since", "first.bundle"], &[], b"");
    assert_eq!(said.code, Some(0), "{said}");
}

/// What is asked for and cannot be is said, and nothing is written.
#[test]
fn what_cannot_be_bundled_is_said() {
    let Some(source) = Source::start() else { return };
    let check = |arguments: &[&str], code: i32, expect: &str| {
        let said = source.bundle(&[arguments, &["-o", "no.bundle"]].concat());
        assert!(said.code == Some(code) && said.stderr.contains(expect), "{arguments:?}: {said}");
        assert!(!source.site.path("no.bundle").exists());
    };
    check(&["home-1.0.0.tgz"], 64, "an archive does not say what its nodes are");
    check(&["home-1.0.0.tgz", "--platform", "linux/amd64", "--locked"], 64, "are about values files");
    check(&["home.yaml", "--platform", "amd64"], 64, "expected OS/ARCHITECTURE");
    check(&["home.yaml", "--platform", "linux/riscv64"], 69, "it does not exist for linux/riscv64");
    check(&["home.yaml", "--since", "home.yaml"], 74, "`home.yaml` is no sound bundle: it ends too early");
    check(&["home.yaml", "--since", "none.bundle"], 74, "none.bundle");
    source.site.folder.write("list.txt", "nonsense\n");
    check(&["home.yaml", "--k3s-images", "list.txt"], 74, "`list.txt`: `nonsense`: no tag");
    source.site.folder.write("new.yaml", "name: other\nservices: { more: { image: a/b:1 } }\n");
    check(&["home.yaml", "new.yaml", "--lock", "home.lock"], 1, "");
    fs::remove_file(source.site.path("home.lock")).unwrap();
    check(&["home.yaml"], 1, "run `helm ha generate` first");
}

/// Another user, whose machine has another language, time zone and mask for files.
#[test]
fn another_user_makes_the_same_bundle() {
    let (Some(source), Some(setpriv)) = (Source::with(Wishes::default()), system("setpriv")) else { return };
    if fs::metadata("/proc/self").is_ok_and(|own| own.uid() != 0) {
        return;
    }
    let site = &source.site;
    fs::set_permissions(site.path(""), fs::Permissions::from_mode(0o755)).unwrap();
    fs::copy(PROGRAM, site.path("helm-ha")).unwrap();
    let mut bundles = Vec::new();
    for (name, user, umask, language, zone) in
        [("one", "0", "022", "C", "UTC"), ("other", "65534", "077", "de_DE.UTF-8", "Asia/Tokyo")]
    {
        fs::create_dir(site.path(name)).unwrap();
        std::os::unix::fs::chown(site.path(name), user.parse().ok(), user.parse().ok()).unwrap();
        let line = format!(
            "umask {umask}; exec ../helm-ha bundle ../home.yaml -o out --registries ../registries.yaml --cache cache"
        );
        let said = Command::new(setpriv.path())
            .args(["--reuid", user, "--regid", user, "--clear-groups", "--", "sh", "-c", &line])
            .current_dir(site.path(name))
            .env_clear()
            .envs([("HOME", "/nonexistent"), ("LANG", language), ("TZ", zone), ("USER", name)])
            .output()
            .unwrap();
        assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
        bundles.push(fs::read(site.path(name).join("out")).unwrap());
    }
    assert!(bundles[0] == bundles[1]);
}

/// What is up already is not sent again; what is at last there is whole.
#[test]
fn killed_while_pushing_it_goes_on() {
    let Some(registry) = distribution(Wishes::default()) else { return };
    let mut site = Site::empty();
    let mut state = 99u32;
    let mut noise = |size: usize| -> Vec<u8> {
        let next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        };
        std::iter::repeat_with(next).take(size).collect()
    };
    let layers: Vec<_> = (0..8).map(|_| site.layer(&[("noise", 0o644, &noise(1 << 20))], Gzip::No)).collect();
    site.add_image(WEB, &[("amd64", layers.clone())]);
    site.add_image(TOOLS, &[("amd64", layers)]);
    site.bundle_with("home.bundle", Packing::Plain, &["amd64"], None, None).unwrap();
    let times = if std::env::var_os("HELM_HA_LONG").is_some() { 100 } else { 8 };
    let host = registry.host();
    for round in 0..times {
        let mut child = Command::new(PROGRAM)
            .args(["load", "home.bundle", &format!("{host}/mirror"), "--to", "registry"])
            .current_dir(site.path(""))
            .env_clear()
            .env("HOME", site.path("home"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let end = Instant::now() + Duration::from_millis(20 + 37 * (round % 13));
        while Instant::now() < end && child.try_wait().unwrap().is_none() {
            std::thread::sleep(Duration::from_millis(2));
        }
        _ = child.kill();
        child.wait().unwrap();
    }
    let said = load(&site, &registry, "home.bundle", &[]);
    assert_eq!(said.code, Some(0), "{said}");
    let said = load(&site, &registry, "home.bundle", &[]);
    let report: Value = serde_json::from_str(&said.stdout).unwrap();
    assert_eq!(report["bytes"], 0, "{said}");
}
