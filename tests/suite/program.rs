//! Files, arguments and an environment in; what the real program says, with which exit code, and what it has written out.

use std::collections::BTreeMap;
use std::env;
use std::fmt;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;
use std::process::Stdio;

use walkdir::WalkDir;

pub const PROGRAM: &str = env!("CARGO_BIN_EXE_helm-ha");
const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// A folder in which the program runs.
pub struct Folder(tempfile::TempDir);

/// What the program said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// `None` when a signal ended it.
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Folder {
    /// Holds the examples in `examples/`, and these files.
    pub fn new(files: &[(&str, &str)]) -> Self {
        let folder = Self(tempfile::tempdir().unwrap());
        let examples = Path::new(ROOT).join("examples");
        // Whoever has generated from an example has its lock there.
        let is_committed = |path: &Path| path.extension().is_none_or(|end| end != "lock");
        let all = WalkDir::new(&examples).into_iter().map(Result::unwrap).filter(|it| it.file_type().is_file());
        for entry in all.filter(|entry| is_committed(entry.path())) {
            let path = Path::new("examples").join(entry.path().strip_prefix(&examples).unwrap());
            folder.write(path.to_str().unwrap(), fs::read(entry.path()).unwrap());
        }
        files.iter().for_each(|(name, text)| folder.write(name, text));
        folder
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    /// Every file below a folder, by its path there.
    pub fn files(&self, below: &str) -> BTreeMap<String, Vec<u8>> {
        let folder = self.path(below);
        let entries = WalkDir::new(&folder).into_iter().map(Result::unwrap).filter(|it| it.file_type().is_file());
        let name = |path: &Path| path.strip_prefix(&folder).unwrap().to_str().unwrap().to_owned();
        entries.map(|entry| (name(entry.path()), fs::read(entry.path()).unwrap())).collect()
    }

    /// Runs the program with nothing but this environment.
    pub fn run(&self, arguments: &[&str], environment: &[(&str, &str)], input: &[u8]) -> Said {
        self.run_command(Command::new(PROGRAM).args(arguments), environment, input)
    }

    /// Runs it behind a line of a shell that sets limits: `umask 077`.
    pub fn run_behind(&self, line: &str, arguments: &[&str]) -> Said {
        let script = format!("{line}; exec \"$0\" \"$@\"");
        self.run_command(Command::new("/bin/sh").args(["-c", &script, PROGRAM]).args(arguments), &[], b"")
    }

    fn run_command(&self, command: &mut Command, environment: &[(&str, &str)], input: &[u8]) -> Said {
        let mut child = command
            .env_clear()
            .envs(environment.iter().copied())
            .current_dir(self.0.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdin = child.stdin.take().unwrap();
        let input = input.to_vec();
        // The program may not want all of it.
        let writer = std::thread::spawn(move || stdin.write_all(&input).is_ok());
        let output = child.wait_with_output().unwrap();
        writer.join().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Said { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
    }
}

impl fmt::Display for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.code {
            Some(code) => writeln!(f, "exit code {code}")?,
            None => writeln!(f, "ended by a signal")?,
        }
        for (name, text) in [("stdout", &self.stdout), ("stderr", &self.stderr)] {
            if !text.is_empty() {
                let end = if text.ends_with('\n') { "" } else { "\n(no line end)\n" };
                write!(f, "--- {name}\n{text}{end}")?;
            }
        }
        Ok(())
    }
}

/// Compares with a committed file beside the tests; `UPDATE=1` writes it anew.
pub fn snapshot(name: &str, text: &str) {
    let path = Path::new(ROOT).join("tests/suite").join(name);
    if env::var_os("UPDATE").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
    }
    let committed = fs::read_to_string(&path).unwrap_or_default();
    if committed != text {
        let lines = committed.lines().zip(text.lines()).take_while(|(one, other)| one == other).count();
        let line = |text: &str| text.lines().nth(lines).unwrap_or("(the end)").to_owned();
        panic!(
            "tests/suite/{name}, line {}:\nexpected {}\nfound    {}\n`UPDATE=1 cargo test --test suite` writes it anew; all of it:\n{text}",
            lines + 1,
            line(&committed),
            line(text)
        );
    }
}
