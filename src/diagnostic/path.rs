//! The path of a field in the values, as rules name it and people read it: `services.web.mounts./data.volume`.

use std::fmt;

/// One step into a map or a list.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Segment {
    Key(String),
    Index(usize),
}

/// A field of the values; empty for the whole.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct FieldPath(Vec<Segment>);

impl FieldPath {
    /// The path of nested keys.
    pub fn of<const N: usize>(keys: [&str; N]) -> Self {
        Self(keys.iter().map(|key| Segment::Key((*key).to_owned())).collect())
    }

    #[must_use]
    pub fn key(&self, key: &str) -> Self {
        self.with(Segment::Key(key.to_owned()))
    }

    #[must_use]
    pub fn index(&self, index: usize) -> Self {
        self.with(Segment::Index(index))
    }

    #[must_use]
    pub fn with(&self, segment: Segment) -> Self {
        let mut segments = self.0.clone();
        segments.push(segment);
        Self(segments)
    }

    pub fn push(&mut self, segment: Segment) {
        self.0.push(segment);
    }

    pub fn pop(&mut self) -> Option<Segment> {
        self.0.pop()
    }

    pub fn segments(&self) -> &[Segment] {
        &self.0
    }

    /// The first `count` steps.
    #[must_use]
    pub fn prefix(&self, count: usize) -> Self {
        Self(self.0.iter().take(count).cloned().collect())
    }

    pub fn starts_with(&self, other: &Self) -> bool {
        self.0.starts_with(&other.0)
    }

    /// The path of an RFC 6901 JSON pointer; all-digit steps are taken as indices where `is_list` says so.
    pub fn from_pointer(pointer: &str, mut is_list: impl FnMut(&Self) -> bool) -> Self {
        let mut path = Self::default();
        for step in pointer.split('/').skip(1) {
            let key = step.replace("~1", "/").replace("~0", "~");
            let segment = match key.parse() {
                Ok(index) if is_list(&path) => Segment::Index(index),
                _ => Segment::Key(key),
            };
            path.push(segment);
        }
        path
    }
}

impl fmt::Display for FieldPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, segment) in self.0.iter().enumerate() {
            match segment {
                Segment::Index(index) => write!(f, "[{index}]")?,
                Segment::Key(key) if position == 0 => f.write_str(key)?,
                Segment::Key(key) if key.contains('.') => write!(f, "[\"{key}\"]")?,
                Segment::Key(key) => write!(f, ".{key}")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_read_like_fields() {
        let path = FieldPath::of(["services", "web", "mounts", "/data.d"]).key("subPath").index(2);
        assert_eq!(path.to_string(), "services.web.mounts[\"/data.d\"].subPath[2]");
        assert_eq!(FieldPath::from_pointer("/a/b~1c/0", |path| path.segments().len() == 2).to_string(), "a.b/c[0]");
    }
}
