//! Charts pushed to real registries, and what both Helms and crane say of them.

use std::path::Path;

use helm_ha::oci::Digest;
use helm_ha::oci::Named;
use serde_json::Value;

use crate::api_server::control_plane;
use crate::oracle;
use crate::oracle::Answer;
use crate::oracle::Oracle;
use crate::program::Folder;
use crate::program::Said;
use crate::provenance::gpg::Gpg;
use crate::publish::archive;
use crate::registry::images;
use crate::registry::server;
use crate::registry::server::Registry;
use crate::registry::server::Wishes;

/// A folder with a chart, and the logins of a registry.
fn folder(registry: &Registry) -> Folder {
    let folder = Folder::new(&[]);
    folder.write("web-1.0.0.tgz", archive("web", "1.0.0", "first"));
    folder.write("other/web-1.0.0.tgz", archive("web", "1.0.0", "second"));
    folder.write("web-1.1.0+build.5.tgz", archive("web", "1.1.0+build.5", "first"));
    folder.write("logins.json", registry.logins());
    folder
}

fn publish(folder: &Folder, registry: &Registry, arguments: &[&str]) -> Said {
    let destination = format!("oci://{}/charts", registry.host());
    let trusted = registry.trusted();
    let mut all = vec!["publish", arguments[0], &destination];
    all.extend(&arguments[1..]);
    all.extend(trusted.iter().map(String::as_str));
    let logins = folder.path("logins.json").display().to_string();
    folder.run(&all, &[("HELM_REGISTRY_CONFIG", &logins)], b"")
}

fn manifest(said: &Said) -> Digest {
    let digest = said.stderr.split("sha256:").nth(1).unwrap_or_else(|| panic!("{said}"));
    format!("sha256:{}", &digest[..64]).parse().unwrap()
}

/// Runs a Helm that knows the registry's login and trusts it.
fn helm(helm: &Oracle, folder: &Folder, registry: &Registry, arguments: &[&str]) -> Answer {
    let mut command = helm.command(&folder.path(""));
    command.current_dir(folder.path("")).args(arguments).env("HELM_REGISTRY_CONFIG", folder.path("logins.json"));
    match registry.wishes.tls {
        true => command.arg("--ca-file").arg(registry.authority()),
        false => command.arg("--plain-http"),
    };
    oracle::answer(&mut command, "")
}

fn registries() -> Option<Vec<Registry>> {
    let kinds = [
        Wishes::default(),
        Wishes { login: true, ..Wishes::default() },
        Wishes { tls: true, ..Wishes::default() },
        Wishes { login: true, tls: true, ..Wishes::default() },
    ];
    kinds.into_iter().map(server::distribution).chain([server::in_memory()]).collect()
}

#[test]
fn both_helms_pull_what_was_published() {
    let (Some(registries), Some((helms, _)), Some(crane)) = (registries(), oracle::helms(), oracle::oracle("crane"))
    else {
        return;
    };
    let mut digests = Vec::new();
    for registry in registries {
        let context = format!("{:?}", registry.wishes);
        let folder = folder(&registry);
        let said = publish(&folder, &registry, &["web-1.0.0.tgz"]);
        assert_eq!(said.code, Some(0), "{context}: {said}");
        let reference = format!("oci://{}/charts/web:1.0.0", registry.host());
        assert!(said.stderr.starts_with(&format!("{reference}: published, sha256:")), "{said}");
        digests.push(manifest(&said));
        let again = publish(&folder, &registry, &["web-1.0.0.tgz"]);
        assert_eq!(again.stderr, said.stderr.replace("published", "is there already"), "{context}");
        let built = publish(&folder, &registry, &["web-1.1.0+build.5.tgz"]);
        assert!(built.stderr.contains("/charts/web:1.1.0_build.5: published"), "{built}");

        for tool in &helms {
            let chart = format!("oci://{}/charts/web", registry.host());
            let target = format!("pulled-{}", tool.name);
            std::fs::create_dir(folder.path(&target)).unwrap();
            for version in ["1.0.0", "1.1.0+build.5"] {
                let answer = helm(tool, &folder, &registry, &["pull", &chart, "--version", version, "-d", &target]);
                assert!(answer.succeeded, "{context}: {}: {}", tool.name, answer.stderr);
            }
            let pulled = std::fs::read(folder.path(&format!("{target}/web-1.0.0.tgz"))).unwrap();
            assert_eq!(pulled, archive("web", "1.0.0", "first"), "{context}");
            let answer = helm(tool, &folder, &registry, &["show", "chart", &chart, "--version", "1.0.0"]);
            assert!(answer.stdout.contains("description: A test."), "{context}: {}", answer.stderr);
            let template = ["template", "web", &chart, "--version", "1.0.0"];
            let answer = helm(tool, &folder, &registry, &template);
            assert!(answer.succeeded && answer.stdout.contains("kind: ConfigMap"), "{context}: {}", answer.stderr);
        }
        if registry.wishes == Wishes::default() {
            let answer = crane.run(&["manifest", "--insecure", reference.strip_prefix("oci://").unwrap()], "");
            assert!(answer.succeeded, "{}", answer.stderr);
            assert_eq!(Digest::of(answer.stdout.trim_end().as_bytes()), digests[0]);
            let answer = crane.run(&["digest", "--insecure", reference.strip_prefix("oci://").unwrap()], "");
            assert_eq!(answer.stdout.trim_end(), digests[0].to_string());
        }
    }
    digests.dedup();
    assert_eq!(digests.len(), 1, "the same bytes everywhere");
}

#[test]
fn both_helms_install_from_a_registry() {
    let (Some(registry), Some((helms, _)), Some(plane)) = (
        server::distribution(Wishes { login: true, tls: true, ..Wishes::default() }),
        oracle::helms(),
        control_plane::start(),
    ) else {
        return;
    };
    let folder = folder(&registry);
    assert_eq!(publish(&folder, &registry, &["web-1.0.0.tgz"]).code, Some(0));
    let chart = format!("oci://{}/charts/web", registry.host());
    for tool in &helms {
        let kubeconfig = plane.kubeconfig();
        let namespace = tool.name;
        let install =
            ["upgrade", "--install", "web", &chart, "--version", "1.0.0", "-n", namespace, "--create-namespace"];
        let answer = helm(tool, &folder, &registry, &[&install[..], &[&kubeconfig]].concat());
        assert!(answer.succeeded, "{}: {}", tool.name, answer.stderr);
        let there = plane.kubectl(&["get", "configmap", "a", "-n", namespace, "--output=name"], "");
        assert_eq!(there.stdout, "configmap/a\n", "{}", there.stderr);
    }
}

#[test]
fn what_is_there_is_replaced_only_by_force() {
    let Some(registry) = server::distribution(Wishes::default()) else { return };
    let folder = folder(&registry);
    let first = publish(&folder, &registry, &["web-1.0.0.tgz"]);
    let said = publish(&folder, &registry, &["other/web-1.0.0.tgz"]);
    let digest = |content: &str| Digest::of(&archive("web", "1.0.0", content));
    let expect = format!(
        "error: while publishing web 1.0.0: `oci://{}/charts/web:1.0.0` is there with other content\n  there: {}\n  here:  {}\n  \
         `values.yaml` differs\nhint: make a new version (`helm ha generate --version`), or replace the one that is there with \
         `--force`\n",
        registry.host(),
        digest("first"),
        digest("second"),
    );
    assert_eq!((said.code, said.stderr.as_str()), (Some(74), expect.as_str()));
    let same = publish(&folder, &registry, &["web-1.0.0.tgz"]);
    assert_eq!(manifest(&same), manifest(&first), "nothing has changed");
    let forced = publish(&folder, &registry, &["other/web-1.0.0.tgz", "--force"]);
    assert!(forced.stderr.contains(": replaced, sha256:"), "{forced}");
    assert_ne!(manifest(&forced), manifest(&first));
}

/// What Helm itself pushes is the same but for the time of the push, and counts as the same.
#[test]
fn it_is_what_helm_push_makes() {
    let (Some(registry), Some((helms, _)), Some(crane), Some(gpg)) =
        (server::distribution(Wishes::default()), oracle::helms(), oracle::oracle("crane"), Gpg::start())
    else {
        return;
    };
    let folder = folder(&registry);
    let chart = "apiVersion: v2\nname: rich\nversion: 1.0.0\nappVersion: 1.10\ndescription: \"Rich, and <odd> & more.\"\n\
                 home: https://example.com\nsources: [https://example.com/a, https://example.com/b]\n\
                 kubeVersion: \">=1.34.0-0\"\nkeywords: [a]\nmaintainers: [{ name: Anna, email: anna@example.com }, { name: Bert }]\n\
                 annotations: { z.example.com/b: \"1\", a.example.com/a: x, org.opencontainers.image.version: ignored }\n\
                 dependencies: [{ name: sub, version: 1.0.0, repository: \"\", condition: sub.enabled }]\ntype: application\n";
    let mut tree = helm_ha::helm::ChartTree::new("rich");
    tree.insert("Chart.yaml", chart);
    tree.insert("charts/sub/Chart.yaml", "apiVersion: v2\nname: sub\nversion: 1.0.0\n");
    folder.write("rich-1.0.0.tgz", helm_ha::helm::pack(&tree, 0).unwrap());
    gpg.make_key("Rich <rich@example.com>", "rsa2048", "");
    folder.write("secret", gpg.export(true, "Rich", "", false));
    folder.write("public", gpg.export(false, "Rich", "", false));
    let signed = folder.run(&["publish", "rich-1.0.0.tgz", "signed", "--sign", "--keyring", "secret"], &[], b"");
    assert_eq!(signed.code, Some(0), "{signed}");
    std::fs::rename(folder.path("signed/rich-1.0.0.tgz.prov"), folder.path("rich-1.0.0.tgz.prov")).unwrap();
    let read = |path: &str| -> Value {
        let answer = crane.run(&["manifest", "--insecure", &format!("{}/{path}:1.0.0", registry.host())], "");
        serde_json::from_str(&answer.stdout).unwrap_or_else(|error| panic!("{error}: {}", answer.stderr))
    };
    let ours = publish(&folder, &registry, &["rich-1.0.0.tgz"]);
    assert!(ours.stderr.contains(": published with its provenance, sha256:"), "{ours}");
    let ours = read("charts/rich");
    for tool in &helms {
        let destination = format!("oci://{}/{}", registry.host(), tool.name);
        let answer = helm(tool, &folder, &registry, &["push", "rich-1.0.0.tgz", &destination]);
        assert!(answer.succeeded, "{}", answer.stderr);
        let mut theirs = read(&format!("{}/rich", tool.name));
        let created =
            theirs["annotations"].as_object_mut().unwrap().remove("org.opencontainers.image.created").unwrap();
        assert_eq!(theirs, ours, "{}", tool.name);

        // What it takes from there is signed.
        let ours = format!("oci://{}/charts/rich", registry.host());
        let pull = ["pull", &ours, "--version", "1.0.0", "--verify", "--keyring", "public", "-d", tool.name];
        std::fs::create_dir(folder.path(tool.name)).unwrap();
        let answer = helm(tool, &folder, &registry, &pull);
        assert!(
            answer.succeeded && answer.stdout.contains("Rich <rich@example.com>"),
            "{}{}",
            answer.stdout,
            answer.stderr
        );

        // With that time even the bytes agree.
        let said = folder.run(&["publish", "rich-1.0.0.tgz", &destination], &[], b"");
        assert!(said.stderr.contains(": is there already with its provenance"), "{said}");
        let time = helm_time(created.as_str().unwrap()).to_string();
        let destination = format!("{destination}-again");
        let said = folder.run(&["publish", "rich-1.0.0.tgz", &destination], &[("SOURCE_DATE_EPOCH", &time)], b"");
        assert_eq!(said.code, Some(0), "{said}");
        let bytes = |path: &str| {
            crane.run(&["manifest", "--insecure", &format!("{}/{path}:1.0.0", registry.host())], "").stdout
        };
        assert_eq!(bytes(&format!("{}-again/rich", tool.name)), bytes(&format!("{}/rich", tool.name)));
    }
}

/// Seconds since 1970 of `2026-01-02T03:04:05Z` or the same time with another offset, by `date`.
fn helm_time(text: &str) -> u64 {
    let answer = oracle::system("date").unwrap().run(&["-u", "-d", text, "+%s"], "");
    answer.stdout.trim().parse().unwrap()
}

#[test]
fn two_machines_publish_the_same_manifest() {
    let (Some(one), Some(other)) = (server::distribution(Wishes::default()), server::in_memory()) else { return };
    let folder = folder(&one);
    let environments: [&[(&str, &str)]; 2] = [
        &[("HOME", "/root"), ("LC_ALL", "C"), ("TZ", "UTC")],
        &[("HOME", "/nowhere"), ("LC_ALL", "tr_TR.UTF-8"), ("TZ", "Asia/Tokyo")],
    ];
    let digests = [&one, &other].into_iter().zip(environments).map(|(registry, environment)| {
        let said =
            folder.run(&["publish", "web-1.0.0.tgz", &format!("oci://{}/charts", registry.host())], environment, b"");
        assert_eq!(said.code, Some(0), "{said}");
        manifest(&said)
    });
    let digests: Vec<Digest> = digests.collect();
    assert_eq!(digests[0], digests[1]);

    // And the chart in it is the file of a repository.
    let said = folder.run(&["publish", "web-1.0.0.tgz", "repo", "--output", "json"], &[], b"");
    let json: Value = serde_json::from_str(&said.stdout).unwrap();
    let client = images::client(&one);
    let fetched = client.repository(&one.host(), "charts/web").manifest("1.0.0").unwrap().unwrap();
    let Named::Manifest(manifest) = fetched.named else { panic!("an index") };
    assert_eq!(json["digest"], manifest.layers[0].digest.to_string());
    assert_eq!(Digest::of(&folder.files("repo")["web-1.0.0.tgz"]), manifest.layers[0].digest);
}

#[test]
fn logins_come_from_files_and_programs() {
    let Some(registry) = server::distribution(Wishes { login: true, ..Wishes::default() }) else { return };
    let folder = folder(&registry);
    let destination = format!("oci://{}/charts", registry.host());
    let host = registry.host();
    let run = |environment: &[(&str, &str)]| folder.run(&["publish", "web-1.0.0.tgz", &destination], environment, b"");
    let said = run(&[]);
    let reason =
        format!("the registry wants a login, and none is known for `{host}`: run `helm registry login {host}`\n");
    assert!(said.code == Some(69) && said.stderr.ends_with(&reason), "{said}");

    folder.write("wrong.json", "{\"auths\":{\"HOST\":{\"auth\":\"YTpi\"}}}".replace("HOST", &host));
    let wrong = folder.path("wrong.json").display().to_string();
    let said = run(&[("HELM_REGISTRY_CONFIG", &wrong)]);
    assert!(said.code == Some(69) && said.stderr.contains(&format!("the login for `{host}` is refused")), "{said}");

    let program = format!(
        "#!/bin/sh\nread server\n[ \"$1 $server\" = \"get {host}\" ] && echo '{{\"Username\":\"{}\",\"Secret\":\"{}\"}}'\n",
        server::USER,
        server::PASSWORD
    );
    folder.write("bin/docker-credential-test", program);
    executable(&folder.path("bin/docker-credential-test"));
    folder.write("docker/config.json", "{\"credHelpers\":{\"HOST\":\"test\"}}".replace("HOST", &host));
    let path = format!("{}:/usr/bin:/bin", folder.path("bin").display());
    let docker = folder.path("docker").display().to_string();
    let said = run(&[("DOCKER_CONFIG", &docker), ("PATH", &path)]);
    assert_eq!(said.code, Some(0), "{said}");
    let said = run(&[("DOCKER_CONFIG", &docker), ("PATH", "/nowhere")]);
    let reason =
        format!("the login for `{host}` is kept by the program `docker-credential-test`, which cannot be asked");
    assert!(said.code == Some(69) && said.stderr.contains(&reason), "{said}");
}

/// With the file that `helm registry login` writes, and with nothing else.
#[test]
fn the_login_of_either_helm_is_enough() {
    let wishes = Wishes { login: true, tls: true, ..Wishes::default() };
    let (Some(registry), Some((helms, _))) = (server::distribution(wishes), oracle::helms()) else { return };
    for tool in &helms {
        let folder = folder(&registry);
        folder.write("logins.json", "");
        assert_eq!(publish(&folder, &registry, &["web-1.0.0.tgz"]).code, Some(69));
        std::fs::remove_file(folder.path("logins.json")).unwrap();
        let mut command = tool.command(&folder.path(""));
        command.args(["registry", "login", &registry.host(), "-u", server::USER, "--password-stdin", "--ca-file"]);
        command.arg(registry.authority()).env("HELM_REGISTRY_CONFIG", folder.path("logins.json"));
        let answer = oracle::answer(&mut command, server::PASSWORD);
        assert!(answer.succeeded, "{}: {}", tool.name, answer.stderr);
        let said = publish(&folder, &registry, &["web-1.0.0.tgz"]);
        assert_eq!(said.code, Some(0), "{}: {said}", tool.name);
    }
}

fn executable(path: &Path) {
    use std::os::unix::fs::PermissionsExt;

    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
}

/// The server's own certificate serves as the client's as well.
#[test]
fn registries_may_ask_who_we_are() {
    let Some(registry) = server::distribution(Wishes { tls: true, identity: true, ..Wishes::default() }) else {
        return;
    };
    let folder = folder(&registry);
    let (certificate, key) = (registry.file("server.pem"), registry.file("server.key"));
    let said = publish(&folder, &registry, &["web-1.0.0.tgz"]);
    assert!(said.code == Some(69) && said.stderr.starts_with("error: while "), "{said}");
    let said = publish(&folder, &registry, &["web-1.0.0.tgz", "--cert-file", &certificate, "--key-file", &key]);
    assert_eq!(said.code, Some(0), "{said}");
    let other = registry.file("ca.key");
    let said = publish(&folder, &registry, &["web-1.0.0.tgz", "--cert-file", &certificate, "--key-file", &other]);
    let reason = "error: certificate or key of the client cannot be used: keys may not be consistent: KeyMismatch\n";
    assert_eq!((said.code, said.stderr.as_str()), (Some(74), reason));
    let said = publish(&folder, &registry, &["web-1.0.0.tgz", "--cert-file", &certificate]);
    assert_eq!(said.code, Some(64), "{said}");
}

#[test]
fn strangers_are_not_believed() {
    let Some(registry) = server::distribution(Wishes { tls: true, ..Wishes::default() }) else { return };
    let folder = folder(&registry);
    let destination = format!("oci://{}/charts", registry.host());
    let run = |more: &[&str]| folder.run(&[&["publish", "web-1.0.0.tgz", &destination], more].concat(), &[], b"");
    let said = run(&[]);
    assert!(said.code == Some(69) && said.stderr.contains("`--ca-file` names who has"), "{said}");
    let said = run(&["--plain-http"]);
    assert!(said.code == Some(69) && said.stderr.contains("status 400"), "{said}");
    assert_eq!(run(&["--insecure-skip-tls-verify"]).code, Some(0));
    let said = run(&["--ca-file", "nowhere.pem"]);
    assert_eq!(
        (said.code, said.stderr.as_str()),
        (Some(74), "error: while reading `nowhere.pem`: no such file or directory\n")
    );
    folder.write("empty.pem", "nothing\n");
    let said = run(&["--ca-file", "empty.pem"]);
    let reason = "error: while reading `empty.pem`: expected certificates (PEM), found none\n";
    assert_eq!((said.code, said.stderr.as_str()), (Some(74), reason));
}
