//! Findings in, text for people or JSON for scripts out; the only stage that knows lines and columns.

mod human;
mod json;
mod text;

pub use human::Style;
pub use text::visible;

use serde::Serialize;

use crate::diagnostic::Diagnostic;
use crate::diagnostic::Place;
use crate::diagnostic::Severity;
use crate::source::Sources;
use crate::source::Span;

/// Whether advice is shown finding by finding, as `lint` does, or only counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Advice {
    Listed,
    Counted,
}

/// How many findings of each severity there are, shown or not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Summary {
    pub errors: usize,
    pub warnings: usize,
    pub advice: usize,
}

/// Findings in the order of the files, line, column, severity. What an anchor brings to several places is one finding.
pub struct Report<'a> {
    sources: &'a Sources,
    advice: Advice,
    summary: Summary,
    shown: Vec<Located<'a>>,
}

/// A finding with the places that were found for it and its labels; `None` where nothing is written.
struct Located<'a> {
    finding: &'a Diagnostic,
    span: Option<Span>,
    labels: Vec<Option<Span>>,
}

impl<'a> Report<'a> {
    /// `locate` finds what is written at a [`Place::Field`] or [`Place::Key`].
    pub fn new(
        sources: &'a Sources,
        findings: &'a [Diagnostic],
        locate: &dyn Fn(&Place) -> Option<Span>,
        advice: Advice,
    ) -> Self {
        let span_of = |place: &Place| match place {
            Place::Span(span) => Some(*span),
            Place::Field(_) | Place::Key(_) => locate(place),
            Place::Whole => None,
        };
        let mut shown: Vec<Located> = findings
            .iter()
            .map(|finding| Located {
                finding,
                span: span_of(&finding.place).and_then(|span| text::within(sources, span)),
                labels: (finding.labels.iter())
                    .map(|label| span_of(&label.place).and_then(|span| text::within(sources, span)))
                    .collect(),
            })
            .collect();
        shown.sort_by(|one, other| one.rank().cmp(&other.rank()));
        shown.dedup_by(|one, other| one.span.is_some() && one.span == other.span && one.says_as(other));
        let count = |severity| shown.iter().filter(|located| located.finding.severity == severity).count();
        let summary = Summary {
            errors: count(Severity::Error),
            warnings: count(Severity::Warning),
            advice: count(Severity::Advice),
        };
        shown.retain(|located| advice == Advice::Listed || located.finding.severity != Severity::Advice);
        Self { sources, advice, summary, shown }
    }

    pub fn summary(&self) -> Summary {
        self.summary
    }
}

impl Located<'_> {
    /// What is written nowhere comes last.
    fn rank(&self) -> impl Ord + '_ {
        let place = self.span.map(|span| (span.source, span.start));
        (place.is_none(), place, self.finding.severity, self.finding.code, &self.finding.message)
    }

    fn says_as(&self, other: &Self) -> bool {
        (self.finding.code, &self.finding.message) == (other.finding.code, &other.finding.message)
    }
}

#[cfg(test)]
mod tests;
