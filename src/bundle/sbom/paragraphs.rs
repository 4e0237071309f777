//! A text of paragraphs with lines `NAME:VALUE`, as Debian and Alpine write their packages; paragraphs and fields out.

/// The paragraphs, which empty lines part.
pub fn paragraphs(text: &str) -> impl Iterator<Item = &str> {
    text.split("\n\n").map(str::trim).filter(|paragraph| !paragraph.is_empty())
}

/// The value of the first line with this name.
pub fn field<'a>(paragraph: &'a str, name: &str) -> Option<&'a str> {
    let mut lines = paragraph.lines().filter_map(|line| line.split_once(':'));
    lines.find(|(found, _)| *found == name).map(|(_, value)| value.trim())
}
