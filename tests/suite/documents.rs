//! The files of `docs/` that people copy: workflows that are YAML, scripts that are Bash, and the one that publishes, run.

use std::env;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;

use walkdir::WalkDir;

use crate::oracle::Answer;
use crate::oracle::answer;
use crate::oracle::helms;
use crate::oracle::system;
use crate::program::Folder;
use crate::program::PROGRAM;
use crate::provenance::gpg::Gpg;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

fn files(folder: &str, ending: &str) -> Vec<PathBuf> {
    let entries = WalkDir::new(Path::new(ROOT).join(folder)).sort_by_file_name().into_iter().map(Result::unwrap);
    let paths: Vec<PathBuf> = entries.map(walkdir::DirEntry::into_path).filter(|path| path.is_file()).collect();
    paths.into_iter().filter(|path| ending.is_empty() || path.extension().is_some_and(|it| it == ending)).collect()
}

/// What Bash says about a text without running it.
fn check_syntax(name: &str, script: &str) {
    let said = answer(Command::new("bash").args(["-n", "-s"]), script);
    assert!(said.succeeded && said.stderr.is_empty(), "{name}: {}", said.stderr);
}

#[test]
fn every_script_is_bash_and_every_workflow_yaml() {
    let Some((_, yaml)) = helms() else { return };
    let scripts = files("docs", "sh").into_iter().chain(files(".ci", ""));
    for script in scripts {
        check_syntax(&script.display().to_string(), &fs::read_to_string(&script).unwrap());
    }
    let mut steps = 0;
    for file in files("docs", "yaml") {
        let name = file.display().to_string();
        for document in yaml.documents(&fs::read_to_string(&file).unwrap()) {
            let Some(jobs) = document["jobs"].as_object() else { continue };
            assert!(document["on"]["push"]["tags"].is_array(), "{name}: `on` is text, not a truth value");
            for step in jobs.values().flat_map(|job| job["steps"].as_array().unwrap()) {
                assert!(step["uses"].is_string() != step["run"].is_string(), "{name}: {step}");
                check_syntax(&name, step["run"].as_str().unwrap_or_default());
                steps += 1;
            }
        }
    }
    assert!(steps >= 9, "{steps} steps");
}

/// Links of the pages lead to files that are there.
#[test]
fn links_lead_somewhere() {
    for page in files("docs", "md").into_iter().chain([Path::new(ROOT).join("README.md")]) {
        let text = fs::read_to_string(&page).unwrap();
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()).filter(|it| !it.contains("://"))
        {
            let target = page.parent().unwrap().join(link.split('#').next().unwrap());
            assert!(target.exists(), "{}: {link}", page.display());
        }
    }
}

/// The script as it is, in a repository with a tag, with the plugin in each Helm: twice, and on two machines, the same bytes.
#[test]
fn the_script_publishes_the_same_bytes_everywhere() {
    let (Some((helms, _)), Some(gpg), Some(_)) = (helms(), Gpg::start(), system("git")) else { return };
    gpg.make_key("Charts <charts@example.com>", "nistp256", "open sesame");
    let keys = Folder::new(&[("passphrase", "open sesame\n")]);
    keys.write("secret", gpg.export(true, "Charts", "open sesame", true));
    keys.write("public", gpg.export(false, "Charts", "", false));
    let mut published = Vec::new();
    for (helm, place, umask) in [(&helms[0], "checkout", "022"), (&helms[1], "another/place", "077")] {
        let folder = Folder::new(&[]);
        let values = folder.path("examples/minimal.yaml");
        folder.write(&format!("{place}/minimal.yaml"), fs::read(values).unwrap());
        fs::create_dir(folder.path("bin")).unwrap();
        symlink(helm.path(), folder.path("bin/helm")).unwrap();
        install_plugin(&folder);
        let run = |line: &str| bash(&folder, place, umask, &keys, line);
        let lock = "helm ha generate minimal.yaml --version v1.2.3 -d ../first && rm -r ../first";
        let commit = "git init -q . && git add . && git commit -q -m first && git tag v1.2.3";
        for line in [lock, commit] {
            let said = run(line);
            assert!(said.succeeded, "{line}: {}{}", said.stdout, said.stderr);
        }
        let script = Path::new(ROOT).join("docs/publish/publish.sh");
        let line = format!("{} minimal.yaml ../public", script.display());
        for _ in 0..2 {
            let said = run(&line);
            assert!(said.succeeded, "{}: {}{}", helm.name, said.stdout, said.stderr);
        }
        let folder_of = Path::new(place).parent().unwrap().join("public");
        published.push(folder.files(folder_of.to_str().unwrap()));
        // A change that nobody committed to the lock is refused.
        let grown = "sed -i 's/^volumes:.*/&/; s/notes:/notes-2:/' minimal.yaml";
        assert!(run(grown).succeeded);
        let said = run(&line);
        assert!(!said.succeeded, "{}", said.stderr);
    }
    let names: Vec<&String> = published[0].keys().collect();
    assert_eq!(names, ["index.yaml", "minimal-1.2.3.tgz", "minimal-1.2.3.tgz.prov"]);
    assert!(published[0] == published[1], "two machines publish different bytes");
}

/// Another person with an empty home, in another place, with another locale: the same bytes, index and signature.
#[test]
fn another_user_publishes_the_same_bytes() {
    let (Some(gpg), Some(setpriv)) = (Gpg::start(), system("setpriv")) else { return };
    gpg.make_key("Charts <charts@example.com>", "rsa2048", "");
    let key = gpg.export(true, "Charts", "", false);
    let publish = |folder: &Folder, command: &mut Command| {
        fs::copy(PROGRAM, folder.path("helm-ha")).unwrap();
        folder.write("key", &key);
        fs::create_dir(folder.path("home")).unwrap();
        let everybody = fs::Permissions::from_mode(0o777);
        for entry in WalkDir::new(folder.path("")).into_iter().map(Result::unwrap) {
            fs::set_permissions(entry.path(), everybody.clone()).unwrap();
        }
        let script =
            "./helm-ha generate examples/homelab.yaml && ./helm-ha publish homelab-1.0.0.tgz repo --sign --keyring key";
        command.args(["sh", "-ec", script]).current_dir(folder.path("")).env("SOURCE_DATE_EPOCH", "1700000000");
        let said = answer(command, "");
        assert!(said.succeeded, "{}{}", said.stdout, said.stderr);
        folder.files("repo")
    };
    let (one, other) = (Folder::new(&[]), Folder::new(&[]));
    let mine = publish(&one, &mut Command::new("env"));
    let mut nobody = Command::new(setpriv.path());
    nobody.env_clear().env("PATH", env::var_os("PATH").unwrap()).env("HOME", other.path("home"));
    nobody.env("LC_ALL", "tr_TR.UTF-8").env("TZ", "Asia/Kolkata").env("USER", "nobody");
    // Only root may become somebody else; for anybody else the other surroundings have to do.
    if fs::metadata("/proc/self").unwrap().uid() == 0 {
        nobody.args(["--reuid=65534", "--regid=65534", "--clear-groups", "--"]);
    } else {
        nobody.arg("--");
    }
    let theirs = publish(&other, &mut nobody);
    assert_eq!(mine.keys().collect::<Vec<_>>(), ["homelab-1.0.0.tgz", "homelab-1.0.0.tgz.prov", "index.yaml"]);
    assert!(mine == theirs, "two people publish different bytes");
}

/// As a checkout is a plugin, with the program of the tests.
fn install_plugin(folder: &Folder) {
    let plugin = folder.path("home/.local/share/helm/plugins/ha");
    fs::create_dir_all(&plugin).unwrap();
    let text = fs::read_to_string(Path::new(ROOT).join("plugin.yaml")).unwrap();
    fs::write(plugin.join("plugin.yaml"), text.replace("$HELM_PLUGIN_DIR/target/release/helm-ha", PROGRAM)).unwrap();
}

fn bash(folder: &Folder, place: &str, umask: &str, keys: &Folder, line: &str) -> Answer {
    let path = format!("{}:{}", folder.path("bin").display(), env::var("PATH").unwrap());
    let name = [("AUTHOR", "2020-01-02T03:04:05Z"), ("COMMITTER", "2020-01-02T03:04:05Z")];
    let mut command = Command::new("bash");
    command.args(["-c", &format!("umask {umask}; {line}")]).current_dir(folder.path(place)).env_clear();
    command.env("PATH", path).env("HOME", folder.path("home"));
    for (role, date) in name {
        command.env(format!("GIT_{role}_NAME"), "a").env(format!("GIT_{role}_EMAIL"), "a@example.com");
        command.env(format!("GIT_{role}_DATE"), date);
    }
    command.env("SIGNING_KEY", keys.path("secret")).env("PUBLIC_KEY", keys.path("public"));
    command.env("PASSPHRASE_FILE", keys.path("passphrase"));
    answer(&mut command, "")
}

#[test]
fn a_step_that_is_no_bash_is_found() {
    let refused = std::panic::catch_unwind(|| check_syntax("a", "if true; then"));
    assert!(refused.is_err());
}
