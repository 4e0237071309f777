//! Text that users wrote, made safe to print: spans that lie in their text, and no control characters.

use std::borrow::Cow;

use crate::source::Sources;
use crate::source::Span;

/// The part of a span that lies in its text, on the borders of characters; `None` when there is no such text.
pub(super) fn within(sources: &Sources, span: Span) -> Option<Span> {
    let text = &sources.get(span.source)?.text;
    let start = text.floor_char_boundary(span.start);
    Some(Span { source: span.source, start, end: text.floor_char_boundary(span.end).max(start) })
}

/// The text with every character that moves a cursor, changes a colour or turns the direction of writing replaced by
/// a visible one; those in `kept` stay. One character stays one character, so columns do not move.
pub fn visible<'a>(text: &'a str, kept: &[char]) -> Cow<'a, str> {
    let replaced = |letter: char| if kept.contains(&letter) { None } else { stand_in(letter) };
    if !text.chars().any(|letter| replaced(letter).is_some()) {
        return Cow::Borrowed(text);
    }
    text.chars().map(|letter| replaced(letter).unwrap_or(letter)).collect::<String>().into()
}

/// The control pictures of Unicode (U+2400 on) for ASCII; the replacement character for C1 and bidirectional controls.
fn stand_in(letter: char) -> Option<char> {
    match letter {
        '\u{0}'..='\u{1f}' => char::from_u32(0x2400 + u32::from(letter)),
        '\u{7f}' => Some('\u{2421}'),
        '\u{80}'..='\u{9f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => Some(char::REPLACEMENT_CHARACTER),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_moves_the_cursor() {
        let check = |text, expect| assert_eq!(visible(text, &['\n']), expect);
        check("plain 世界\n", "plain 世界\n");
        check("\u{1b}[31mred\r\t\u{7f}", "␛[31mred␍␉␡");
        check("\u{9b}31m \u{202e}", "\u{fffd}31m \u{fffd}");
    }
}
