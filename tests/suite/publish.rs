//! A chart repository: what Helm takes from it, what it keeps, and what is left of it when anything goes wrong.

mod consumers;
mod damage;
mod index;
mod many;
pub mod web;

use std::fs;
use std::path::Path;

use helm_ha::helm::ChartTree;
use helm_ha::helm::pack;

use crate::program::Folder;
use crate::program::Said;

/// A small chart, packed as ours are. The content differs with `content`.
pub fn archive(name: &str, version: &str, content: &str) -> Vec<u8> {
    let mut tree = ChartTree::new(name);
    tree.insert("Chart.yaml", format!("apiVersion: v2\nname: {name}\nversion: {version}\ndescription: A test.\n"));
    tree.insert("values.yaml", format!("content: {content}\n"));
    tree.insert("templates/a.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {a: \"1\"}\n");
    pack(&tree, 0).unwrap()
}

/// Writes a small chart and publishes it into `repo`.
pub fn publish(folder: &Folder, name: &str, version: &str, content: &str, more: &[&str]) -> Said {
    let file = format!("{name}-{version}.tgz");
    folder.write(&file, archive(name, version, content));
    folder.run(&[&["publish", &file, "repo"], more].concat(), &[], b"")
}

pub fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
