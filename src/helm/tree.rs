//! A chart as a sorted map from path to bytes: what is packed, and what unpacking gives back.

use std::collections::BTreeMap;

/// The files of one chart, subcharts included (`charts/NAME/...`, or nested archives `charts/NAME.tgz`).
///
/// Paths are relative to the chart's folder and use `/`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChartTree {
    /// The chart's name, which is the folder of every path in the archive.
    pub name: String,
    files: BTreeMap<String, Vec<u8>>,
}

impl ChartTree {
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), files: BTreeMap::new() }
    }

    /// Puts a file there; gives back the bytes that stood there before.
    pub fn insert(&mut self, path: impl Into<String>, bytes: impl Into<Vec<u8>>) -> Option<Vec<u8>> {
        self.files.insert(path.into(), bytes.into())
    }

    pub fn get(&self, path: &str) -> Option<&[u8]> {
        self.files.get(path).map(Vec::as_slice)
    }

    /// The files, sorted by path (by bytes).
    pub fn files(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.files.iter().map(|(path, bytes)| (path.as_str(), bytes.as_slice()))
    }

    /// The files below a folder, such as `charts/photos/`, sorted by path.
    pub fn below<'a>(&'a self, folder: &str) -> impl Iterator<Item = (&'a str, &'a [u8])> {
        self.files
            .range(folder.to_owned()..)
            .take_while(move |(path, _)| path.starts_with(folder))
            .map(|(path, bytes)| (path.as_str(), bytes.as_slice()))
    }

    pub fn len(&self) -> usize {
        self.files.len()
    }

    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(folder: &str, expect: &[&str]) {
        let mut tree = ChartTree::new("homelab");
        for path in ["charts/b/Chart.yaml", "charts/b-c/Chart.yaml", "charts/b/values.yaml", "Chart.yaml"] {
            tree.insert(path, "x");
        }
        assert_eq!(tree.below(folder).map(|(path, _)| path).collect::<Vec<_>>(), expect, "{folder}");
    }

    #[test]
    fn files_below_a_folder() {
        check("charts/b/", &["charts/b/Chart.yaml", "charts/b/values.yaml"]);
        check("charts/b-", &["charts/b-c/Chart.yaml"]);
        check("crds/", &[]);
        check("", &["Chart.yaml", "charts/b-c/Chart.yaml", "charts/b/Chart.yaml", "charts/b/values.yaml"]);
    }
}
