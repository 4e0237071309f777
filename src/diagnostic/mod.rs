//! What is wrong, as data: code, severity, message, place, labels, hint. Rendering is `report`'s.

mod path;

pub use path::FieldPath;
pub use path::Segment;

use serde::Serialize;

use crate::source::Span;

/// How bad it is. Only an error keeps anything from being written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    Error,
    Warning,
    Advice,
}

/// The stable kebab-case name of a rule or of a finding of the reader, as `helm ha explain CODE` takes it.
pub type Code = &'static str;

/// Where a finding points. Rules name fields; only the reader and the schema know bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// The value at a field of the merged values.
    Field(FieldPath),
    /// The key of a field of the merged values.
    Key(FieldPath),
    /// Bytes of one file.
    Span(Span),
    /// The whole input, such as a chart that grew too large.
    Whole,
}

/// Another place that matters, with what it has to do with the finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    pub place: Place,
    pub message: String,
}

/// One finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    pub code: Code,
    pub severity: Severity,
    pub message: String,
    pub place: Place,
    pub labels: Vec<Label>,
    pub hint: Option<String>,
}

impl Diagnostic {
    pub fn error(code: Code, place: Place, message: impl Into<String>) -> Self {
        Self::new(code, Severity::Error, place, message)
    }

    pub fn warning(code: Code, place: Place, message: impl Into<String>) -> Self {
        Self::new(code, Severity::Warning, place, message)
    }

    pub fn advice(code: Code, place: Place, message: impl Into<String>) -> Self {
        Self::new(code, Severity::Advice, place, message)
    }

    fn new(code: Code, severity: Severity, place: Place, message: impl Into<String>) -> Self {
        Self { code, severity, message: message.into(), place, labels: Vec::new(), hint: None }
    }

    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    #[must_use]
    pub fn label(mut self, place: Place, message: impl Into<String>) -> Self {
        self.labels.push(Label { place, message: message.into() });
        self
    }
}

/// The name among `known` that a person most likely meant by `written`; `None` when nothing is near.
pub fn nearest<'a>(written: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let limit = (written.chars().count() / 3).max(1);
    known
        .into_iter()
        .map(|name| (strsim::damerau_levenshtein(&written.to_lowercase(), &name.to_lowercase()), name))
        .filter(|(distance, _)| *distance <= limit)
        .min()
        .map(|(_, name)| name)
}

/// `hint` for an unknown name: the nearest known one, else all of them when they are few.
pub fn suggestion<'a>(written: &str, known: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let known: Vec<&str> = known.into_iter().collect();
    match nearest(written, known.iter().copied()) {
        Some(name) => Some(format!("did you mean `{name}`?")),
        None if known.is_empty() || known.len() > 12 => None,
        None => {
            Some(format!("known here: {}", known.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn near_names_are_found() {
        let check =
            |written, expect: Option<&str>| assert_eq!(nearest(written, ["port", "protocol", "mounts"]), expect);
        check("prot", Some("port"));
        check("mount", Some("mounts"));
        check("Ports", Some("port"));
        check("something", None);
    }
}
