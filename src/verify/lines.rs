//! A text in, its lines one after the other out, each with its indentation and number.

/// What was found instead of what the grammar allows.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {reason}")]
pub struct ReadError {
    /// Counted from 1.
    pub line: usize,
    pub reason: String,
}

/// The lines of a text. Every line ends in a line end, also the last.
pub struct Lines<'t> {
    rest: &'t str,
    /// Of the line that was taken last.
    number: usize,
    /// The line that is read next; `None` at the end.
    pub next: Option<Line<'t>>,
    /// Whether comments and empty lines may stand between.
    comments: bool,
}

/// A line without its indentation.
#[derive(Clone, Copy)]
pub struct Line<'t> {
    pub indent: usize,
    pub text: &'t str,
}

impl Line<'_> {
    /// Whether it is the element of a list.
    pub fn is_item(&self) -> bool {
        self.text.starts_with("- ")
    }
}

impl<'t> Lines<'t> {
    /// The lines, with the first in `next`.
    pub fn of(text: &'t str, comments: bool) -> Result<Self, ReadError> {
        let mut lines = Self { rest: text, number: 0, next: None, comments };
        lines.advance()?;
        Ok(lines)
    }

    /// An error in the line that was taken last.
    pub fn error<T>(&self, reason: impl Into<String>) -> Result<T, ReadError> {
        Err(ReadError { line: self.number, reason: reason.into() })
    }

    /// Goes to the next line that holds something.
    pub fn advance(&mut self) -> Result<(), ReadError> {
        while let Some(line) = self.take()? {
            let text = line.trim_start_matches(' ');
            let skipped = text.is_empty() || text.starts_with('#');
            if !skipped {
                self.next = Some(Line { indent: line.len() - text.len(), text });
                return Ok(());
            }
            if !self.comments {
                return self.error("expected no empty line and no comment in a template");
            }
        }
        self.next = None;
        Ok(())
    }

    /// Goes to the next line, and gives it when it stands in this column.
    pub fn next_in(&mut self, indent: usize) -> Result<Option<&'t str>, ReadError> {
        self.advance()?;
        Ok(self.next.filter(|line| line.indent == indent).map(|line| line.text))
    }

    /// The lines that stand in `column` or are empty, and goes to the one behind them.
    pub fn block(&mut self, column: usize) -> Result<Vec<&'t str>, ReadError> {
        let mut block = Vec::new();
        loop {
            let (rest, number) = (self.rest, self.number);
            match self.take()? {
                None => break,
                Some("") => block.push(""),
                Some(line) => match line.split_at_checked(column) {
                    Some((spaces, text)) if !text.is_empty() && spaces.bytes().all(|byte| byte == b' ') => {
                        block.push(text)
                    }
                    _ => {
                        (self.rest, self.number) = (rest, number);
                        break;
                    }
                },
            }
        }
        self.advance()?;
        Ok(block)
    }

    /// The next line as it stands there, without its end.
    fn take(&mut self) -> Result<Option<&'t str>, ReadError> {
        if self.rest.is_empty() {
            return Ok(None);
        }
        self.number += 1;
        match self.rest.split_once('\n') {
            Some((line, rest)) => {
                self.rest = rest;
                Ok(Some(line))
            }
            None => self.error("expected a line end behind the last line"),
        }
    }
}
