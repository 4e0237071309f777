//! `lock --images` against real registries, what `generate --locked` makes of it, and that both Helms render it.

use crate::oracle;
use crate::program::Folder;
use crate::program::Said;
use crate::registry::images;
use crate::registry::server;
use crate::registry::server::Registry;
use crate::registry::server::Wishes;

/// Three nodes of two kinds, so that the platform's own images are in it and two platforms are wanted.
fn values(host: &str) -> String {
    format!(
        "apiVersion: helm-ha.dev/v1\nname: home\nversion: 1.0.0\nnodes:\n\
         \x20 a: {{ address: 192.168.1.11/24, role: server }}\n  b: {{ address: 192.168.1.12/24, role: server }}\n\
         \x20 c: {{ address: 192.168.1.13/24, role: server, arch: arm64 }}\n\
         services:\n  web:\n    image: {host}/team/web:1.0.0\n    ports: {{ http: 8080 }}\n\
         \x20   once: {{ init: {{ command: [init] }} }}\n"
    )
}

fn run(folder: &Folder, registry: &Registry, arguments: &[&str]) -> Said {
    run_with(folder, registry.trusted(), arguments)
}

fn run_with(folder: &Folder, trusted: Vec<String>, arguments: &[&str]) -> Said {
    let more: Vec<&str> =
        if arguments.contains(&"--images") { trusted.iter().map(String::as_str).collect() } else { Vec::new() };
    let home = folder.path("").display().to_string();
    folder.run(&[arguments, &more].concat(), &[("HOME", &home), ("PATH", "/usr/bin:/bin")], b"")
}

/// A registry with the image of the service, and those of the platform where a mirror would have them.
fn filled(registry: &Registry) -> Folder {
    let host = registry.host();
    let mirrors = format!(
        "mirrors:\n  docker.io: {{ endpoint: [\"{}://{host}\"], rewrite: {{ \"^rancher/(.*)$\": \"mirrored/$1\" }} }}\n",
        if registry.wishes.tls { "https" } else { "http" }
    );
    let folder = Folder::new(&[("home.yaml", &values(&host)), ("registries.yaml", &mirrors)]);
    let said = folder.run(&["images", "home.yaml"], &[], b"");
    let client = images::client(registry);
    for image in said.stdout.lines() {
        let image: helm_ha::oci::ImageReference = image.parse().unwrap();
        let path = image.repository.replace("rancher/", "mirrored/");
        images::push(&client.repository(&host, &path), &image.tag, &["amd64", "arm64", "riscv64"], b"shared");
    }
    folder
}

#[test]
fn images_are_locked_and_named_by_their_digests() {
    let Some(registry) = server::distribution(Wishes { tls: true, ..Wishes::default() }) else { return };
    let folder = filled(&registry);
    let lock_images = ["lock", "home.yaml", "--images", "--registries", "registries.yaml"];
    let said = run(&folder, &registry, &["generate", "home.yaml", "--locked"]);
    assert_eq!(said.code, Some(1), "{said}");
    assert!(said.stderr.contains("home.lock has no digest of these images: run `helm ha lock --images`"), "{said}");
    let said = run(&folder, &registry, &[&lock_images[..], &["--check"]].concat());
    assert_eq!(said.code, Some(2), "{said}");
    assert!(!folder.path("home.lock").exists());
    let said = run(&folder, &registry, &lock_images);
    assert_eq!(said.code, Some(0), "{said}");
    let lock = std::fs::read_to_string(folder.path("home.lock")).unwrap();
    let web = format!("{}/team/web:1.0.0", registry.host());
    let line = lock.lines().find(|line| line.contains(&web)).unwrap();
    assert!(line.contains("linux/amd64: ") && line.contains("linux/arm64: ") && !line.contains("riscv"), "{lock}");
    assert!(lock.lines().filter(|line| line.contains("digest: ")).count() > 1, "{lock}");

    // The same from now on, without anybody to ask.
    drop(registry);
    let run = |arguments: &[&str]| run_with(&folder, Vec::new(), arguments);
    for arguments in [
        &["generate", "home.yaml", "--locked"][..],
        &["lock", "home.yaml", "--check"],
        &["generate", "home.yaml", "--locked", "--check"],
    ] {
        let said = run(arguments);
        assert_eq!(said.code, Some(0), "{said}");
    }
    let said = run(&["verify", "home-1.0.0.tgz", "home.yaml", "--locked"]);
    assert_eq!(said.code, Some(0), "{said}");
    let said = run(&["verify", "home-1.0.0.tgz", "home.yaml"]);
    assert_eq!(said.code, Some(1), "what is named by digests is not what the tags say: {said}");
    let Some((helms, yaml)) = oracle::helms() else { return };
    for helm in helms {
        let archive = folder.path("home-1.0.0.tgz").display().to_string();
        let answer = helm.run(&["template", "home", &archive, "-n", "home"], "");
        assert!(answer.succeeded, "{}", answer.stderr);
        let objects = yaml.documents(&answer.stdout);
        let text = serde_json::to_string(&objects).unwrap();
        let named = text.matches("\"image\":\"").count();
        let locked =
            text.split("\"image\":\"").skip(1).filter(|rest| rest.split('"').next().unwrap().contains("@sha256:"));
        assert!(named > 2 && locked.count() == named, "{text}");
        let job = objects.iter().find(|object| object["kind"] == "Job").unwrap();
        assert!(job["metadata"]["name"].as_str().unwrap().starts_with("web-init-once-"), "{job}");
    }

    // A new tag is not locked, and that is said before anything is asked.
    let text = std::fs::read_to_string(folder.path("home.yaml")).unwrap();
    folder.write("home.yaml", text.replace("web:1.0.0", "web:1.1.0"));
    let said = run(&["lock", "home.yaml", "--check"]);
    assert_eq!(said.code, Some(2), "{said}");
    assert!(
        said.stderr.contains("run `helm ha lock --images`") && said.stderr.contains("web:1.1.0 is not locked"),
        "{said}"
    );
}

#[test]
fn what_moved_is_said() {
    let Some(registry) = server::distribution(Wishes::default()) else { return };
    let folder = filled(&registry);
    let lock_images = ["lock", "home.yaml", "--images", "--registries", "registries.yaml"];
    assert_eq!(run(&folder, &registry, &lock_images).code, Some(0));
    let said = run(&folder, &registry, &[&lock_images[..], &["--check"]].concat());
    assert_eq!(said.code, Some(0), "{said}");
    let before = std::fs::read_to_string(folder.path("home.lock")).unwrap();
    let client = images::client(&registry);
    let repository = client.repository(&registry.host(), "team/web");
    let old = repository.resolve("1.0.0").unwrap().unwrap();
    let new = images::push(&repository, "1.0.0", &["amd64", "arm64"], b"other");
    let said = run(&folder, &registry, &[&lock_images[..], &["--check"]].concat());
    let moved = format!("  moved {}/team/web:1.0.0: {new} (was {old})", registry.host());
    assert_eq!((said.code, said.stderr.lines().last()), (Some(2), Some(moved.as_str())), "{said}");
    assert_eq!(std::fs::read_to_string(folder.path("home.lock")).unwrap(), before);
    assert_eq!(run(&folder, &registry, &lock_images).code, Some(0));
    assert!(std::fs::read_to_string(folder.path("home.lock")).unwrap().contains(&new.to_string()));
    // What `generate` adds leaves the images alone.
    assert_eq!(run(&folder, &registry, &["generate", "home.yaml"]).code, Some(0));
    assert!(std::fs::read_to_string(folder.path("home.lock")).unwrap().contains(&new.to_string()));

    images::push(&repository, "1.0.0", &["amd64"], b"for one platform");
    let said = run(&folder, &registry, &lock_images);
    let reason =
        format!("error: {}/team/web:1.0.0: it does not exist for linux/arm64, only for linux/amd64\n", registry.host());
    assert_eq!((said.code, said.stderr.as_str()), (Some(69), reason.as_str()));
}

#[test]
fn registries_with_logins_are_asked_with_them() {
    let Some(registry) = server::distribution(Wishes { login: true, tls: true, ..Wishes::default() }) else { return };
    let folder = Folder::new(&[("home.yaml", &values(&registry.host()))]);
    let said = run(&folder, &registry, &["lock", "home.yaml", "--images"]);
    assert_eq!(said.code, Some(69), "{said}");
    let host = registry.host();
    assert!(said.stderr.contains(&format!("none is known for `{host}`: run `helm registry login {host}`")), "{said}");
    folder.write(".config/helm/registry/config.json", registry.logins());
    let said = run(&folder, &registry, &["lock", "home.yaml", "--images"]);
    assert!(said.stderr.contains("web:1.0.0: the registry has no image of this name (`https://127.0.0.1:"), "{said}");
    assert_eq!(said.code, Some(69), "{said}");
}
