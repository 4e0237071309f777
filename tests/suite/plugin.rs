//! Both Helms install the plugin from a checkout where the program is built, and run it as `helm ha`.

use std::fs;
use std::path::Path;
use std::path::PathBuf;

use crate::oracle;
use crate::oracle::Answer;
use crate::oracle::Oracle;
use crate::oracle::oracle;
use crate::program::Folder;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

#[test]
fn helm_3_runs_the_plugin() {
    oracle("helm3").iter().for_each(check);
}

#[test]
fn helm_4_runs_the_plugin() {
    oracle("helm4").iter().for_each(check);
}

fn check(helm: &Oracle) {
    let person = Person { helm, home: Folder::new(&[]) };
    let installed = person.helm(&["plugin", "install", &person.checkout()]);
    assert!(installed.succeeded, "{}: {}", helm.name, installed.stderr);
    assert!(person.helm(&["plugin", "list"]).stdout.contains(env!("CARGO_PKG_VERSION")), "{}", helm.name);
    person.verbs_run();
    person.exit_codes_pass_through();
    person.helm_keeps_its_own_flags();
}

/// Someone with a Helm and a home where nothing else is but the examples: a lock appears beside what is generated from.
struct Person<'a> {
    helm: &'a Oracle,
    home: Folder,
}

impl Person<'_> {
    /// What `cargo build --release` leaves in a clone, as far as Helm reads it.
    fn checkout(&self) -> String {
        let folder = self.home.path("helm-ha");
        let program = folder.join("target/release/helm-ha");
        fs::create_dir_all(program.parent().unwrap()).unwrap();
        fs::copy(env!("CARGO_BIN_EXE_helm-ha"), program).unwrap();
        for file in ["plugin.yaml", "completion.yaml"] {
            fs::copy(Path::new(ROOT).join(file), folder.join(file)).unwrap();
        }
        folder.display().to_string()
    }

    /// In the home, with no place of Helm's outside of it.
    fn helm(&self, arguments: &[&str]) -> Answer {
        let home = self.home.path("");
        let mut command = self.helm.command(&home);
        for (variable, folder) in
            [("HELM_CACHE_HOME", "cache"), ("HELM_CONFIG_HOME", "config"), ("HELM_DATA_HOME", "data")]
        {
            command.env(variable, home.join(folder));
        }
        oracle::answer(command.current_dir(&home).args(arguments), "")
    }

    fn verbs_run(&self) {
        let version = self.helm(&["ha", "version"]);
        assert!(version.stdout.starts_with(&format!("helm ha {}\n", env!("CARGO_PKG_VERSION"))), "{version:?}");
        // The plugin's own, not Helm's summary of `plugin.yaml`.
        let help = self.helm(&["ha", "--help"]);
        assert!(help.succeeded && help.stdout.contains("Usage: helm ha <COMMAND>"), "{help:?}");
        for name in ["minimal", "homelab", "everything"] {
            let generated = self.helm(&["ha", "generate", &example(name), "-d", "charts"]);
            let archive = self.home.path(&format!("charts/{name}-1.0.0.tgz"));
            assert!(generated.succeeded && archive.exists(), "{generated:?}");
            assert!(generated.stdout.is_empty(), "{generated:?}");
            let shown = self.helm(&["show", "chart", archive.to_str().unwrap()]);
            assert!(shown.stdout.contains(&format!("name: {name}\n")), "{shown:?}");
        }
        let init = self.helm(&["ha", "init", "new.yaml"]);
        assert!(init.succeeded && self.helm(&["ha", "lint", "new.yaml"]).succeeded, "{init:?}");
        let schema: serde_json::Value = serde_json::from_str(&self.helm(&["ha", "schema"]).stdout).unwrap();
        assert_eq!(schema["$schema"], "http://json-schema.org/draft-07/schema#");
    }

    /// 0 done, 1 the values are wrong, 2 a difference, 64 wrong usage, 74 no such file.
    fn exit_codes_pass_through(&self) {
        let (good, wrong) = (example("minimal"), fixture("unknown-pool"));
        for (arguments, code) in [
            (&["lint", &good] as &[&str], 0),
            (&["lint", &wrong], 1),
            (&["generate", &wrong], 1),
            (&["generate", &good, "-d", "charts", "--check"], 0),
            (&["generate", &good, "-d", "charts", "--check", "--version", "2.0.0"], 2),
            (&["lint", "--no-such-flag", &good], 64),
            (&["lint", "no-such-file.yaml"], 74),
        ] {
            let answer = self.helm(&[&["ha"], arguments].concat());
            assert_eq!(answer.code, Some(code), "{} {arguments:?}: {answer:?}", self.helm.name);
        }
        assert!(self.helm(&["ha", "lint", &wrong]).stderr.contains("error[unknown-pool]"));
    }

    /// `-n` never reaches the plugin: it sees `HELM_NAMESPACE`.
    fn helm_keeps_its_own_flags(&self) {
        let note = |namespace: &str| {
            let answer = self.helm(&["ha", "generate", &example("minimal"), "-n", namespace, "-d", "charts"]);
            assert!(answer.succeeded, "{answer:?}");
            answer.stderr.contains(&format!("Helm's namespace is `{namespace}`, the chart's is `minimal`"))
        };
        assert!(note("other") && !note("minimal") && !note("default"), "{}", self.helm.name);
    }
}

fn example(name: &str) -> String {
    format!("examples/{name}.yaml")
}

fn fixture(name: &str) -> String {
    path(&format!("tests/fixtures/bad/{name}.yaml"))
}

fn path(relative: &str) -> String {
    PathBuf::from(ROOT).join(relative).display().to_string()
}
