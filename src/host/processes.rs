//! Other programs: name, arguments and input in, what they printed out.

use std::io;
use std::io::Write;
use std::process::Command;
use std::process::Stdio;

use crate::host::Host;
use crate::machine::Ended;
use crate::machine::Processes;

impl Processes for Host {
    fn run(&self, program: &str, arguments: &[&str], input: &[u8]) -> io::Result<Ended> {
        let mut child = Command::new(program)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| io::Error::new(error.kind(), format!("while starting `{program}`: {error}")))?;
        if let Some(mut stdin) = child.stdin.take() {
            match stdin.write_all(input) {
                // A program that wants no input closes its end.
                Err(error) if error.kind() != io::ErrorKind::BrokenPipe => return Err(error),
                _ => {}
            }
        }
        let output = child.wait_with_output()?;
        Ok(Ended { succeeded: output.status.success(), output: output.stdout })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_says_what_it_is_asked() {
        let ended = Host.run("cat", &[], b"a").unwrap();
        assert_eq!(ended, Ended { succeeded: true, output: b"a".to_vec() });
        assert!(!Host.run("false", &[], b"a").unwrap().succeeded);
        let missing = Host.run("no-such-program", &[], b"").unwrap_err();
        assert!(missing.to_string().starts_with("while starting `no-such-program`: "), "{missing}");
    }
}
