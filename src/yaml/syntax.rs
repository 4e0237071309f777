//! The parser's error in, a finding in our words with a hint out.

use serde_yaml::granit_parser::ErrorKind;
use serde_yaml::granit_parser::ScanError;

use crate::diagnostic::Diagnostic;
use crate::diagnostic::Place;
use crate::diagnostic::nearest;
use crate::source::SourceId;
use crate::source::Span;

/// The finding for the error that ended the reading of a text.
pub fn finding(error: &ScanError, text: &str, source: SourceId) -> Diagnostic {
    let at = error.marker().byte_offset().unwrap_or_default();
    if let Some(alias) = star_before(text, at) {
        return unknown_alias(text.get(alias.clone()).unwrap_or_default(), place(source, alias.start, alias.end), &[]);
    }
    let (message, hint) = describe(error.kind(), text.get(line_start(text, at)..at).unwrap_or_default());
    let (start, end) = match error.kind() {
        kind if is_tab(kind) => indenting_tab(text, at).map_or(character(text, at), |tab| (tab, tab + 1)),
        _ => character(text, at),
    };
    let code = if *error.kind() == ErrorKind::RecursionLimitExceeded { "yaml-too-large" } else { "yaml-syntax" };
    Diagnostic::error(code, place(source, start, end), message).hint(hint)
}

/// The finding for `*name` where nothing above is marked `&name`: most often text such as `*.example.com`.
pub fn unknown_alias(written: &str, place: Place, known: &[String]) -> Diagnostic {
    let name = shown(written.trim_start_matches('*'));
    let quote = match name.trim_end_matches(':') {
        "" => "put text that begins with `*` in quotes".to_owned(),
        name => format!("put text that begins with `*` in quotes: `\"*{}\"`", shown(name)),
    };
    match nearest(&name, known.iter().map(String::as_str)) {
        Some(anchor) => Diagnostic::error("yaml-alias", place, format!("nothing above is marked `&{name}`"))
            .hint(format!("did you mean `*{anchor}`? Otherwise {quote}")),
        None => Diagnostic::error("yaml-alias", place, "text cannot begin with an unquoted `*`, which names an anchor")
            .hint(quote),
    }
}

/// The beginning of a text, for a message.
pub fn shown(text: &str) -> String {
    match text.char_indices().nth(60) {
        Some((end, _)) => format!("{}...", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

fn place(source: SourceId, start: usize, end: usize) -> Place {
    Place::Span(Span { source, start, end })
}

fn line_start(text: &str, at: usize) -> usize {
    text.get(..at).unwrap_or(text).rfind('\n').map_or(0, |newline| newline + 1)
}

/// The character at a byte, or the last one of the text.
fn character(text: &str, at: usize) -> (usize, usize) {
    match text.get(at..).and_then(|rest| rest.chars().next()) {
        Some(next) => (at, at + next.len_utf8()),
        None => (text.len(), text.len()),
    }
}

/// The word with a leading `*` that a line begins with, or that begins where the parser stopped.
fn star_before(text: &str, at: usize) -> Option<std::ops::Range<usize>> {
    let line = line_start(text, at);
    let indent = text.get(line..)?.find(|c| !matches!(c, ' ' | '-' | '?'))?;
    let start =
        [line + indent, at].into_iter().find(|start| text.get(*start..).is_some_and(|rest| rest.starts_with('*')))?;
    let length = text.get(start..)?.find(|c: char| c.is_whitespace() || ",]}".contains(c));
    Some(start..length.map_or(text.len(), |length| start + length))
}

fn is_tab(kind: &ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::TabNotAllowed
            | ErrorKind::TabInBlockIndentation
            | ErrorKind::TabInIndentation
            | ErrorKind::TabAtBlockScalarStart
            | ErrorKind::TabInPlainScalar
    )
}

/// The first tab, from the line of a byte on, that stands before the text of its line.
fn indenting_tab(text: &str, at: usize) -> Option<usize> {
    let mut start = line_start(text, at);
    for line in text.get(start..)?.split_inclusive('\n') {
        let indent = line.len() - line.trim_start_matches([' ', '\t']).len();
        if let Some(tab) = line.get(..indent)?.find('\t') {
            return Some(start + tab);
        }
        start += line.len();
    }
    None
}

/// The message and the hint for an error, with the line before it.
fn describe(kind: &ErrorKind, before: &str) -> (String, String) {
    let (message, hint) = match kind {
        kind if is_tab(kind) => ("a tab cannot indent a line", "use spaces"),
        ErrorKind::UnclosedFlowCollection { open } => {
            let close = if *open == '[' { ']' } else { '}' };
            return (
                format!("`{open}` is never closed"),
                format!("add the `{close}`, or put text with brackets in quotes"),
            );
        }
        ErrorKind::MismatchedFlowCollectionEnd { open, close } => {
            return (format!("`{open}` cannot be closed by `{close}`"), "use the bracket that fits".to_owned());
        }
        ErrorKind::UnexpectedCharacter { character } if character.is_control() => {
            let number = u32::from(*character);
            let hint = format!("remove it, or write it as `\\x{number:02x}` in double quotes");
            return (format!("the control character U+{number:04X} cannot stand in a text"), hint);
        }
        ErrorKind::UnexpectedCharacter { character } => {
            return (
                format!("text cannot begin with an unquoted `{character}`"),
                "put the whole text in quotes".to_owned(),
            );
        }
        ErrorKind::RecursionLimitExceeded => ("maps and lists are nested too deeply", "use at most 64 levels"),
        ErrorKind::UnexpectedEofFlowSequence
        | ErrorKind::UnexpectedEofFlowMapping
        | ErrorKind::UnexpectedEofImplicitFlowMapping
        | ErrorKind::UnexpectedEofBlockSequence
        | ErrorKind::UnexpectedEofBlockMapping
        | ErrorKind::UnexpectedEof => ("the text ends in the middle of a value", "complete it"),
        ErrorKind::DirectiveDisallowed => {
            ("a line that begins with `%` is not supported", "remove the line, or put its text in quotes")
        }
        ErrorKind::ExpectedDocumentStart | ErrorKind::InvalidDocumentEnd => (
            "expected nothing more behind the value, found more text",
            "write one map with keys that begin in the same column",
        ),
        ErrorKind::ExpectedBlockMappingKey | ErrorKind::InvalidIndentation => (
            "expected a key in the column of the keys above it, found something else",
            "indent the keys of one map alike, and put text that goes on over several lines in quotes or behind `|`",
        ),
        ErrorKind::ExpectedBlockSequenceEntry => (
            "expected `- ` in the column of the items above it, found something else",
            "indent what belongs to an item deeper than its `-`",
        ),
        ErrorKind::ExpectedFlowMappingSeparator => {
            ("expected `,` or `}`, found something else", "put text with `,`, `:` or brackets in quotes")
        }
        ErrorKind::ExpectedFlowSequenceSeparator => {
            ("expected `,` or `]`, found something else", "put text with `,`, `:` or brackets in quotes")
        }
        ErrorKind::MisplacedFlowCollectionEnd => {
            ("this bracket closes nothing", "remove it, or put text with brackets in quotes")
        }
        ErrorKind::SimpleKeyExpected | ErrorKind::InvalidSimpleKey => (
            "expected `key: value`, found text without a `: `",
            "write `: ` behind the key, or indent the line if it continues the text above; a key has at most 1024 characters",
        ),
        ErrorKind::MappingKeyNotAllowed => {
            ("a key cannot begin here", "put text that begins with `? ` in quotes, or give the key a line of its own")
        }
        ErrorKind::MappingValueNotAllowed
        | ErrorKind::InvalidColonPlacement
        | ErrorKind::FlowMappingValueAdjacentCollection
        | ErrorKind::InvalidMappingValueWhitespace
            if before.contains(": ") =>
        {
            ("a second `: ` on one line", "put a value that contains `: ` in quotes")
        }
        ErrorKind::MappingValueNotAllowed
        | ErrorKind::InvalidColonPlacement
        | ErrorKind::FlowMappingValueAdjacentCollection
        | ErrorKind::InvalidMappingValueWhitespace => (
            "this key stands in the middle of the text that begins above it",
            "put all keys of a map in one column, each with `: ` behind it, and text of several lines in quotes or behind `|`",
        ),
        ErrorKind::BlockEntryInFlowCollection
        | ErrorKind::BlockSequenceEntryNotAllowed
        | ErrorKind::InvalidBlockEntryWhitespace
        | ErrorKind::PlainScalarStartsWithDashFlowIndicator => (
            "a list item cannot begin here",
            "begin each `- ` on a line of its own, or put text that begins with `-` in quotes",
        ),
        ErrorKind::UnclosedQuotedScalar => ("the quote is never closed", "add the closing quote"),
        ErrorKind::DocumentIndicatorInQuotedScalar | ErrorKind::InvalidQuotedScalarIndent => {
            ("a line of quoted text is not indented", "indent it deeper than its key")
        }
        ErrorKind::InvalidTrailingSingleQuotedScalar => (
            "text behind the closing quote",
            "put the whole value in quotes; inside single quotes `'` is written twice",
        ),
        ErrorKind::InvalidTrailingDoubleQuotedScalar => (
            "text behind the closing quote",
            "put the whole value in quotes; inside double quotes `\"` is written `\\\"`",
        ),
        ErrorKind::UnknownQuotedScalarEscape
        | ErrorKind::InvalidQuotedScalarHexEscape
        | ErrorKind::InvalidLowSurrogateHexEscape
        | ErrorKind::InvalidLowSurrogate
        | ErrorKind::MissingLowSurrogate
        | ErrorKind::UnpairedLowSurrogate
        | ErrorKind::InvalidUnicodeEscape => {
            ("an unknown escape in this double-quoted text", "write a backslash as `\\\\`, or use single quotes")
        }
        ErrorKind::ZeroBlockScalarIndent | ErrorKind::InvalidBlockScalarHeader => (
            "expected the end of the line behind `|` or `>`, found something else",
            "begin the text on the next line, deeper than its key",
        ),
        ErrorKind::InvalidBlockScalarIndent => {
            ("a blank line above the text is indented deeper than the text", "remove the spaces of the blank line")
        }
        ErrorKind::MissingAnchorOrAliasName => {
            ("expected a name behind `&`", "put text that begins with `&` in quotes")
        }
        ErrorKind::CommentInterceptedScalar => {
            ("a comment in the middle of a text", "put the text in quotes, or remove the comment")
        }
        ErrorKind::CommentNotSeparated | ErrorKind::ExpectedWhitespace => {
            ("expected a space here", "add it, or put the text in quotes")
        }
        ErrorKind::BomInsideDocument => ("a byte order mark (U+FEFF) inside the text", "remove it"),
        kind => {
            return (
                format!("this is not YAML: {kind}"),
                "put text that begins with a special character in quotes".to_owned(),
            );
        }
    };
    (message.to_owned(), hint.to_owned())
}
