//! A report in, text for a terminal out: title, place, excerpt with carets, hint, and a last line that counts.

use annotate_snippets::Annotation;
use annotate_snippets::AnnotationKind;
use annotate_snippets::Element;
use annotate_snippets::Group;
use annotate_snippets::Level;
use annotate_snippets::Origin;
use annotate_snippets::Renderer;
use annotate_snippets::Snippet;

use crate::diagnostic::Place;
use crate::diagnostic::Severity;
use crate::machine::Terminal;
use crate::report::Advice;
use crate::report::Located;
use crate::report::Report;
use crate::report::Summary;
use crate::report::text::visible;
use crate::source::Source;
use crate::source::Span;

/// How the text is shown. The default is for files and tests: no colours, 120 columns.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Style {
    pub colours: bool,
    pub width: Option<usize>,
}

impl Style {
    pub fn of(terminal: &dyn Terminal) -> Self {
        Self { colours: terminal.colours(), width: terminal.width() }
    }
}

/// A caret further than this into its line is told by its column alone: nobody reads such lines.
const LONGEST_LINE: usize = 4096;
/// Places of one file that lie nearer than this are shown in one excerpt.
const NEAR: usize = 4096;

impl Report<'_> {
    /// The findings, each followed by an empty line, and the summary; empty when there is nothing to say.
    pub fn human(&self, style: Style) -> String {
        let renderer = if style.colours { Renderer::styled() } else { Renderer::plain() };
        let renderer = renderer.term_width(style.width.unwrap_or(120).max(40));
        let mut text = String::new();
        for located in &self.shown {
            text.push_str(&renderer.render(&[self.group(located)]));
            text.push_str("\n\n");
        }
        text.push_str(&self.summary.line(self.advice));
        text
    }

    fn group<'b>(&'b self, located: &'b Located) -> Group<'b> {
        let finding = located.finding;
        let level = match finding.severity {
            Severity::Error => Level::ERROR,
            Severity::Warning => Level::WARNING,
            Severity::Advice => Level::INFO.with_name("advice"),
        };
        let title = level.primary_title(visible(&finding.message, &['\n'])).id(finding.code);
        let group = Group::with_title(title).elements(self.excerpts(located));
        match &finding.hint {
            Some(hint) => group.element(Level::HELP.message(visible(hint, &['\n']))),
            None => group,
        }
    }

    /// The finding's own place first, then its labels; what is written nowhere is told by its path.
    fn excerpts<'b>(&'b self, located: &'b Located) -> Vec<Element<'b>> {
        let (mut excerpts, mut notes): (Vec<Vec<Mark>>, Vec<String>) = (Vec::new(), Vec::new());
        match located.span {
            Some(span) => excerpts.push(vec![Mark { span, kind: AnnotationKind::Primary, label: None }]),
            None => notes.extend(path(&located.finding.place).map(|path| format!("at `{path}`"))),
        }
        for (label, span) in located.finding.labels.iter().zip(&located.labels) {
            let Some(span) = *span else {
                let at = path(&label.place).map(|path| format!(" (`{path}`)")).unwrap_or_default();
                notes.push(format!("{}{at}", label.message));
                continue;
            };
            let mark = Mark { span, kind: AnnotationKind::Context, label: Some(&label.message) };
            match excerpts.iter_mut().find(|marks| marks.iter().any(|other| mark.is_near(other))) {
                Some(marks) => marks.push(mark),
                None => excerpts.push(vec![mark]),
            }
        }
        let shown = excerpts.iter().flat_map(|marks| self.excerpt(marks));
        let notes = notes.iter().map(|note| Level::NOTE.message(visible(note, &['\n']).into_owned()).into());
        shown.chain(notes).collect()
    }

    fn excerpt<'b>(&'b self, marks: &[Mark<'b>]) -> Vec<Element<'b>> {
        let Some((first, source)) = marks.first().and_then(|mark| Some((mark, self.sources.get(mark.span.source)?)))
        else {
            return Vec::new();
        };
        let name = visible(&source.name, &[]);
        let lines: Vec<(usize, usize)> = marks.iter().map(|mark| line(source, mark.span)).collect();
        if marks.iter().zip(&lines).any(|(mark, (start, _))| mark.span.start - start > LONGEST_LINE) {
            let origin = match self.sources.line_column(first.span) {
                Some(place) => Origin::path(name).line(place.line).char_column(place.column),
                None => Origin::path(name),
            };
            let labels = marks.iter().filter_map(|mark| mark.label);
            let notes = labels.map(|label| Level::NOTE.message(visible(label, &['\n'])).into());
            return [origin.into()].into_iter().chain(notes).collect();
        }
        let start = lines.iter().map(|(start, _)| *start).min().unwrap_or(0);
        let end = lines.iter().map(|(_, end)| *end).max().unwrap_or(start);
        let end = marks.iter().map(|mark| mark.span.start).max().unwrap_or(0).saturating_add(LONGEST_LINE).min(end);
        let kept = ['\n', '\r', '\t'];
        let cut = |from: usize, to: usize| source.text.get(from..source.text.floor_char_boundary(to)).unwrap_or("");
        let shown = |to: usize| visible(cut(start, to), &kept).len();
        let annotations = marks.iter().zip(&lines).map(|(mark, (_, line_end))| -> Annotation<'b> {
            let to = mark.span.end.min(*line_end).min(end).max(mark.span.start);
            let label = mark.label.map(|label| visible(label, &['\n']));
            mark.kind.span(shown(mark.span.start)..shown(to)).label(label)
        });
        let number = self.sources.line_column(Span { start, ..first.span }).map_or(1, |place| place.line);
        let snippet = Snippet::source(visible(cut(start, end), &kept)).path(name).line_start(number);
        vec![snippet.annotations(annotations).into()]
    }
}

/// One place of an excerpt.
struct Mark<'a> {
    span: Span,
    kind: AnnotationKind,
    label: Option<&'a str>,
}

impl Mark<'_> {
    fn is_near(&self, other: &Self) -> bool {
        self.span.source == other.span.source && self.span.start.abs_diff(other.span.start) < NEAR
    }
}

/// Start and end (without the line break) of the line in which a span starts.
fn line(source: &Source, span: Span) -> (usize, usize) {
    let (before, after) = source.text.split_at_checked(span.start).unwrap_or((&source.text, ""));
    let rest = after.split('\n').next().unwrap_or(after);
    (before.rfind('\n').map_or(0, |at| at + 1), span.start + rest.trim_end_matches('\r').len())
}

fn path(place: &Place) -> Option<String> {
    match place {
        Place::Field(path) | Place::Key(path) => Some(path.to_string()),
        Place::Span(_) | Place::Whole => None,
    }
}

impl Summary {
    /// `2 errors, 1 warning` and what is there to say about advice, as one line; empty when there is nothing.
    fn line(self, shown: Advice) -> String {
        let counted = |count: usize, one: &str, many: &str| match count {
            0 => None,
            1 => Some(format!("1 {one}")),
            _ => Some(format!("{count} {many}")),
        };
        let advice = counted(self.advice, "piece of advice", "pieces of advice");
        let mut parts = vec![counted(self.errors, "error", "errors"), counted(self.warnings, "warning", "warnings")];
        match shown {
            Advice::Listed => parts.push(advice),
            Advice::Counted => parts.push(advice.map(|advice| format!("{advice} (`helm ha lint` shows it)"))),
        }
        let line = parts.into_iter().flatten().collect::<Vec<_>>().join(", ");
        if line.is_empty() { line } else { line + "\n" }
    }
}
