//! Named texts and byte spans in them: where a value was written, from the reader to the report.

use serde::Serialize;

/// Which text of a [`Sources`] a span lies in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct SourceId(pub(crate) u32);

/// A half-open range of bytes in one text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Span {
    pub source: SourceId,
    pub start: usize,
    pub end: usize,
}

/// A text with the name under which the user knows it, such as `homelab.yaml` or `standard input`.
#[derive(Clone, Debug)]
pub struct Source {
    pub name: String,
    pub text: String,
}

/// Every text of one run, in the order in which they were given.
#[derive(Clone, Debug, Default)]
pub struct Sources(Vec<Source>);

/// A place for people: both count from 1; columns count characters, not bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct LineColumn {
    pub line: usize,
    pub column: usize,
}

impl Sources {
    pub fn add(&mut self, name: impl Into<String>, text: impl Into<String>) -> SourceId {
        let id = SourceId(u32::try_from(self.0.len()).unwrap_or(u32::MAX));
        self.0.push(Source { name: name.into(), text: text.into() });
        id
    }

    pub fn get(&self, id: SourceId) -> Option<&Source> {
        self.0.get(id.0 as usize)
    }

    pub fn iter(&self) -> impl Iterator<Item = (SourceId, &Source)> {
        (0..).map(SourceId).zip(&self.0)
    }

    /// The text of a span; empty when the span lies in no text of these.
    pub fn slice(&self, span: Span) -> &str {
        self.get(span.source).and_then(|source| source.text.get(span.start..span.end)).unwrap_or_default()
    }

    /// The place of the first byte of a span; the end of the text when it lies behind it.
    pub fn line_column(&self, span: Span) -> Option<LineColumn> {
        let text = &self.get(span.source)?.text;
        let before = text.get(..span.start).unwrap_or(text);
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        Some(LineColumn {
            line: before.bytes().filter(|byte| *byte == b'\n').count() + 1,
            column: before.get(line_start..).unwrap_or_default().chars().count() + 1,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_columns_count_from_one_in_characters() {
        let mut sources = Sources::default();
        let id = sources.add("a.yaml", "a: 1\nä: b\n");
        let check = |start, line, column| {
            assert_eq!(sources.line_column(Span { source: id, start, end: start }), Some(LineColumn { line, column }));
        };
        check(0, 1, 1);
        check(5, 2, 1);
        check(9, 2, 4);
        check(999, 3, 1);
    }
}
