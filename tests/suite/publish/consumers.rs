//! Both Helms add, search, pull and install what was published, from a real web server.

use std::fs;

use serde_json::Value;

use super::archive;
use super::publish;
use super::web;
use crate::api_server::control_plane;
use crate::oracle::Oracle;
use crate::oracle::answer;
use crate::oracle::oracle;
use crate::program::Folder;

/// A Helm whose repositories live as long as this value.
struct Shell {
    helm: Oracle,
    home: tempfile::TempDir,
}

impl Shell {
    fn all() -> impl Iterator<Item = Self> {
        ["helm3", "helm4"].into_iter().filter_map(oracle).map(|helm| Self { helm, home: tempfile::tempdir().unwrap() })
    }

    /// Runs Helm, which must succeed; gives its standard output.
    fn run(&self, arguments: &[&str]) -> String {
        let answer = answer(self.helm.command(self.home.path()).current_dir(self.home.path()).args(arguments), "");
        assert!(answer.succeeded, "{} {arguments:?}: {}{}", self.helm.name, answer.stdout, answer.stderr);
        answer.stdout
    }
}

#[test]
fn both_helms_take_charts_from_a_web_server() {
    let folder = Folder::new(&[]);
    for version in ["1.9.0", "1.10.0", "1.10.0-rc.1"] {
        let generate = ["generate", "examples/minimal.yaml", "--version", version];
        assert_eq!(folder.run(&generate, &[], b"").code, Some(0));
        let said = folder.run(&["publish", &format!("minimal-{version}.tgz"), "repo"], &[], b"");
        assert_eq!(said.code, Some(0), "{said}");
    }
    assert_eq!(publish(&folder, "other", "0.1.0+build.7", "a", &[]).code, Some(0));
    let Some(web) = web::serve(&folder.path("repo")) else { return };
    for shell in Shell::all() {
        shell.run(&["repo", "add", "home", &web.url()]);
        shell.run(&["repo", "update"]);
        let found = shell.run(&["search", "repo", "home/", "--versions", "--devel", "-o", "json"]);
        let found: Vec<Value> = serde_json::from_str(&found).unwrap();
        let found: Vec<_> =
            found.iter().map(|it| format!("{} {}", it["name"], it["version"]).replace('"', "")).collect();
        let expect =
            ["home/minimal 1.10.0", "home/minimal 1.10.0-rc.1", "home/minimal 1.9.0", "home/other 0.1.0+build.7"];
        assert_eq!(found, expect, "{}", shell.helm.name);
        for (chart, version, file) in [
            ("home/minimal", "", "minimal-1.10.0.tgz"),
            ("home/minimal", "1.9.0", "minimal-1.9.0.tgz"),
            ("home/other", "0.1.0+build.7", "other-0.1.0+build.7.tgz"),
        ] {
            shell.run(&["pull", chart, "--version", version]);
            let pulled = fs::read(shell.home.path().join(file)).unwrap();
            assert!(pulled == fs::read(folder.path(file)).unwrap(), "{} {file}", shell.helm.name);
        }
        let rendered = shell.run(&["template", "minimal", "home/minimal", "-n", "minimal"]);
        assert!(rendered.contains("kind: Deployment"), "{}", shell.helm.name);
    }
}

/// Where the index names archives by the address of a server.
#[test]
fn a_base_url_is_followed() {
    let folder = Folder::new(&[("repo/.keep", "")]);
    let Some(web) = web::serve(&folder.path("")) else { return };
    let base = format!("{}/repo", web.url());
    assert_eq!(publish(&folder, "other", "1.0.0", "a", &["--url", &base]).code, Some(0));
    assert_eq!(publish(&folder, "other", "2.0.0", "a", &["--url", &format!("{base}/")]).code, Some(0));
    fs::create_dir(folder.path("elsewhere")).unwrap();
    fs::rename(folder.path("repo/index.yaml"), folder.path("elsewhere/index.yaml")).unwrap();
    for shell in Shell::all() {
        shell.run(&["repo", "add", "home", &format!("{}/elsewhere", web.url())]);
        for version in ["1.0.0", "2.0.0"] {
            shell.run(&["pull", "home/other", "--version", version]);
            let pulled = fs::read(shell.home.path().join(format!("other-{version}.tgz"))).unwrap();
            assert!(pulled == archive("other", version, "a"), "{}", shell.helm.name);
        }
    }
}

#[test]
fn both_helms_install_from_a_web_server() {
    let folder = Folder::new(&[]);
    assert_eq!(folder.run(&["generate", "examples/minimal.yaml"], &[], b"").code, Some(0));
    assert_eq!(folder.run(&["publish", "minimal-1.0.0.tgz", "repo"], &[], b"").code, Some(0));
    let Some(web) = web::serve(&folder.path("repo")) else { return };
    for shell in Shell::all() {
        let Some(plane) = control_plane::start() else { return };
        let install = [
            "upgrade",
            "--install",
            "minimal",
            "minimal",
            "--repo",
            &web.url(),
            "-n",
            "minimal",
            "--create-namespace",
            &plane.kubeconfig(),
        ];
        shell.run(&install);
        let deployments = plane.get_all("deployments");
        assert!(deployments.iter().any(|it| it["metadata"]["name"] == "notes"), "{deployments:#?}");
    }
}
