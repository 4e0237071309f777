//! A report in, one JSON object for scripts out; lines and columns count from 1.

use std::fmt::Write;

use serde::Serialize;

use crate::diagnostic::Code;
use crate::diagnostic::Place;
use crate::diagnostic::Severity;
use crate::report::Report;
use crate::report::Summary;
use crate::source::Span;

#[derive(Serialize)]
struct Document<'a> {
    findings: Vec<Finding<'a>>,
    summary: Summary,
}

#[derive(Serialize)]
struct Finding<'a> {
    code: Code,
    severity: Severity,
    message: &'a str,
    #[serde(flatten)]
    at: At<'a>,
    hint: Option<&'a str>,
    labels: Vec<Label<'a>>,
}

#[derive(Serialize)]
struct Label<'a> {
    message: &'a str,
    #[serde(flatten)]
    at: At<'a>,
}

/// The field that is meant and where it is written; `null` where there is none.
#[derive(Serialize)]
struct At<'a> {
    path: Option<String>,
    file: Option<&'a str>,
    line: Option<usize>,
    column: Option<usize>,
}

impl Report<'_> {
    /// `{"findings": [...], "summary": {"errors", "warnings", "advice"}}`, ending with a line break.
    pub fn json(&self) -> String {
        let at = |place: &Place, span: Option<Span>| {
            let written = span.and_then(|span| self.sources.line_column(span));
            At {
                path: match place {
                    Place::Field(path) | Place::Key(path) => Some(path.to_string()),
                    Place::Span(_) | Place::Whole => None,
                },
                file: span.and_then(|span| self.sources.get(span.source)).map(|source| source.name.as_str()),
                line: written.map(|place| place.line),
                column: written.map(|place| place.column),
            }
        };
        let findings = self.shown.iter().map(|located| Finding {
            code: located.finding.code,
            severity: located.finding.severity,
            message: &located.finding.message,
            at: at(&located.finding.place, located.span),
            hint: located.finding.hint.as_deref(),
            labels: (located.finding.labels.iter().zip(&located.labels))
                .map(|(label, span)| Label { message: &label.message, at: at(&label.place, *span) })
                .collect(),
        });
        let document = Document { findings: findings.collect(), summary: self.summary };
        // Only a map with keys that are no text could fail, and there is none.
        ascii_controls(&serde_json::to_string_pretty(&document).unwrap_or_default()) + "\n"
    }
}

/// JSON escapes the control characters of ASCII; the others, which terminals obey as well, are escaped here.
fn ascii_controls(json: &str) -> String {
    let mut escaped = String::with_capacity(json.len());
    for letter in json.chars() {
        match letter {
            '\u{7f}'..='\u{9f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
                let _ = write!(escaped, "\\u{:04x}", u32::from(letter));
            }
            _ => escaped.push(letter),
        }
    }
    escaped
}
