//! Clusters for the tests of later stages: the values as YAML text in, the `Cluster` out. No schema is checked.

use crate::model::Cluster;
use crate::model::decode;
use crate::source::Sources;
use crate::values::Document;
use crate::values::short_forms;
use crate::yaml;

/// The cluster of a text without `apiVersion`, `name`, `version` and, where it needs none, `nodes`.
pub fn cluster(text: &str) -> Cluster {
    let nodes = if text.lines().any(|line| line.starts_with("nodes:")) { "" } else { "nodes: {}\n" };
    file(&format!("apiVersion: helm-ha.dev/v1\nname: home\nversion: 1.0.0\n{nodes}{text}"))
}

/// The cluster of a whole file.
pub fn file(text: &str) -> Cluster {
    let mut sources = Sources::default();
    let id = sources.add("values.yaml", text);
    let read = yaml::read(&sources, id);
    assert!(read.findings.is_empty(), "{:?}", read.findings);
    let mut root = read.node.unwrap();
    short_forms::expand(&mut root, &sources);
    decode(&Document::merged(vec![root])).unwrap()
}
