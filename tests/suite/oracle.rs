//! The programs and texts that judge what we make, in `$HELM_HA_ORACLES`, built by `tests/run`.

use std::env;
use std::ffi::OsStr;
use std::io::Write;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;
use std::process::Stdio;

use serde_json::Value;

/// One program that is there.
#[derive(Clone, Debug)]
pub struct Oracle {
    pub name: &'static str,
    path: PathBuf,
}

/// What a program said.
#[derive(Clone, Debug)]
pub struct Answer {
    pub succeeded: bool,
    /// The exit code; `None` when a signal ended it.
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

/// The program, or `None` with a loud line that the test is left out; a panic when `HELM_HA_REQUIRE_ORACLES=1`.
pub fn oracle(name: &'static str) -> Option<Oracle> {
    Some(Oracle { name, path: file(&format!("bin/{name}"))? })
}

/// The path of a file that `tests/oracles/build` makes, or `None` as for a program.
pub fn file(relative: &str) -> Option<PathBuf> {
    let path = env::var_os("HELM_HA_ORACLES").map(|folder| PathBuf::from(folder).join(relative));
    let path = path.filter(|path| path.is_file());
    if path.is_none() {
        left_out(&format!("`{relative}` in $HELM_HA_ORACLES (`tests/run` builds it)"));
    }
    path
}

/// A program of the system, by its name, or `None` as above.
pub fn system(name: &'static str) -> Option<Oracle> {
    let folders = env::var_os("PATH").unwrap_or_default();
    let path = env::split_paths(&folders).map(|folder| folder.join(name)).find(|path| path.is_file());
    if path.is_none() {
        left_out(&format!("`{name}` in $PATH"));
    }
    Some(Oracle { name, path: path? })
}

/// Says that the test is left out, loudly; a panic when `HELM_HA_REQUIRE_ORACLES=1`.
pub fn left_out(needed: &str) {
    let test = std::thread::current().name().unwrap_or("a test").to_owned();
    assert!(env::var_os("HELM_HA_REQUIRE_ORACLES").is_none_or(|value| value != "1"), "{test} needs {needed}");
    // Past the test program's capture, which hides what a passing test prints.
    std::io::stderr().write_all(format!("LEFT OUT: {test} needs {needed}\n").as_bytes()).unwrap();
}

/// Both Helms and the YAML reader that reads what they print; `None` when one is missing.
pub fn helms() -> Option<([Oracle; 2], Oracle)> {
    let (helm3, helm4, yaml2json) = (oracle("helm3"), oracle("helm4"), oracle("yaml2json"));
    Some(([helm3?, helm4?], yaml2json?))
}

impl Oracle {
    /// Runs it with a home of its own, so that no plugin or setting of the person takes part.
    pub fn run(&self, arguments: &[impl AsRef<OsStr>], input: &str) -> Answer {
        let home = tempfile::tempdir().unwrap();
        answer(self.command(home.path()).args(arguments), input)
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The program in this home and nothing else of the environment.
    pub fn command(&self, home: &Path) -> Command {
        let mut command = Command::new(&self.path);
        command.env_clear().env("HOME", home);
        command
    }

    /// The documents of a YAML stream, as the program `yaml2json` reads them.
    pub fn documents(&self, yaml: &str) -> Vec<Value> {
        let answer = self.run(&[] as &[&str], yaml);
        assert!(answer.succeeded, "{}: {}\n{yaml}", self.name, answer.stderr);
        let documents: Vec<Value> = serde_json::from_str(&answer.stdout).unwrap();
        documents.into_iter().filter(|document| !document.is_null()).collect()
    }
}

/// Runs a program to its end.
pub fn answer(command: &mut Command, input: &str) -> Answer {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_owned();
    // A program that stops early closes its end: that is no fault of the test.
    let writer = std::thread::spawn(move || stdin.write_all(input.as_bytes()).is_ok());
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Answer {
        succeeded: output.status.success(),
        code: output.status.code(),
        stdout: text(output.stdout),
        stderr: text(output.stderr),
    }
}
