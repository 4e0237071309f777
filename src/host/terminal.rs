//! Standard output for data, standard error for people: text in, nothing out.

use std::io;
use std::io::Write;

use anstream::AutoStream;
use anstream::ColorChoice;
use terminal_size::Width;

use crate::host::Host;
use crate::host::progress::Bar;
use crate::machine::Progress;
use crate::machine::Terminal;

impl Terminal for Host {
    fn data(&self, text: &str) -> io::Result<()> {
        print(&mut io::stdout().lock(), text)
    }

    fn say(&self, text: &str) -> io::Result<()> {
        print(&mut anstream::stderr().lock(), text)
    }

    fn ask(&self, question: &str) -> io::Result<String> {
        rpassword::prompt_password(question)
    }

    fn colours(&self) -> bool {
        AutoStream::choice(&io::stderr()) != ColorChoice::Never
    }

    fn width(&self) -> Option<usize> {
        terminal_size::terminal_size_of(io::stderr()).map(|(Width(columns), _)| usize::from(columns))
    }

    fn progress(&self, title: &str, total: u64) -> Box<dyn Progress> {
        Box::new(Bar::new(title, total))
    }
}

/// Rust turns the signal that would end other programs in a pipe into an error; it is not one.
fn print(stream: &mut impl Write, text: &str) -> io::Result<()> {
    match stream.write_all(text.as_bytes()).and_then(|()| stream.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        outcome => outcome,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Closed(io::ErrorKind);

    impl Write for Closed {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(self.0.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_reader_that_went_away_is_no_error() {
        assert!(print(&mut Closed(io::ErrorKind::BrokenPipe), "a").is_ok());
        assert!(print(&mut Closed(io::ErrorKind::StorageFull), "a").is_err());
    }
}
