//! The text of a values file in; the same with a few mistakes of a person or a broken disk.

use crate::generated::tape::Tape;

/// Values that a person would not expect to be taken.
const ODD: [&str; 22] = [
    "null",
    "~",
    "",
    "-1",
    "0",
    "99999999999999999999",
    "1e999",
    ".nan",
    "true",
    "[]",
    "{}",
    "\"\"",
    "a",
    "- a",
    "{a: b}",
    "[[]]",
    "*a",
    "&a b",
    "!!binary a",
    "\"\\0\"",
    "/",
    "192.168.56.240",
];

/// The file with up to three mistakes in it.
pub fn mutate(tape: &mut Tape, text: &str) -> String {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    for _ in 0..1 + tape.below(3) {
        if !lines.is_empty() {
            once(tape, &mut lines);
        }
    }
    let mut text = lines.join("\n") + "\n";
    if tape.chance(3) {
        let mut end = tape.below(text.len() + 1);
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        text.truncate(end);
    }
    text
}

fn once(tape: &mut Tape, lines: &mut Vec<String>) {
    let at = tape.below(lines.len());
    let other = tape.below(lines.len());
    match tape.below(9) {
        0 => _ = lines.remove(at),
        1 => {
            let line = lines.remove(at);
            lines.insert(other.min(lines.len()), line);
        }
        2 => {
            let line = lines[at].clone();
            lines.insert(other, line);
        }
        3 => swap_values(lines, at, other),
        4 => {
            let odd = *tape.one(&ODD);
            let end = lines[at].find(": ").map_or(lines[at].len(), |colon| colon + 2);
            lines[at].replace_range(end.., odd);
        }
        5 => rename(tape, &mut lines[at]),
        6 => {
            let indent = lines[at].len() - lines[at].trim_start().len();
            let line = format!("{}{}", " ".repeat(tape.below(indent + 5)), lines[at].trim_start());
            lines[at] = line;
        }
        7 => one_character(tape, &mut lines[at]),
        // One word of another line in this one.
        _ => {
            let words: Vec<String> = lines[other].split_whitespace().map(str::to_owned).collect();
            let own: Vec<String> = lines[at].split_whitespace().map(str::to_owned).collect();
            if let (false, false) = (words.is_empty(), own.is_empty()) {
                let (word, own) = (tape.one(&words).clone(), tape.one(&own).clone());
                lines[at] = lines[at].replacen(&own, &word, 1);
            }
        }
    }
}

fn swap_values(lines: &mut [String], at: usize, other: usize) {
    let value = |line: &String| line.split_once(": ").map(|(_, value)| value.to_owned());
    if let (Some(one), Some(two)) = (value(&lines[at]), value(&lines[other])) {
        let keep = |line: &str, value: &str| format!("{}: {value}", line.split_once(": ").map_or("", |(key, _)| key));
        lines[at] = keep(&lines[at], &two);
        lines[other] = keep(&lines[other], &one);
    }
}

/// A letter of the key, doubled or taken out.
fn rename(tape: &mut Tape, line: &mut String) {
    let start = line.len() - line.trim_start().len();
    let end = line.find(':').unwrap_or(line.len()).max(start);
    let places: Vec<usize> = line.char_indices().map(|(at, _)| at).filter(|at| (start..end).contains(at)).collect();
    if !places.is_empty() {
        let at = *tape.one(&places);
        if tape.chance(50) {
            line.remove(at);
        } else {
            line.insert(at, 'x');
        }
    }
}

fn one_character(tape: &mut Tape, line: &mut String) {
    let places: Vec<usize> = line.char_indices().map(|(at, _)| at).chain([line.len()]).collect();
    let at = *tape.one(&places);
    line.insert(
        at,
        *tape.one(&['\t', ' ', ':', '#', '"', '\'', '{', '}', '[', ']', ',', '-', '*', '&', '\u{85}', '€', '\u{1}']),
    );
}
