//! The folders `charts-src/` and `schemas/` in, the Rust tables of what they hold that `src/assets.rs` includes out.
//!
//! Texts are embedded as they are. The Kubernetes objects of an add-on (`charts-src/ADDON/objects/*.yaml`) and what they
//! expose (`exposed.yaml`) become JSON, which is read a hundred times faster when the program runs. CRDs never change: every
//! set of add-ons has its chart `crds` packed here, because packing it takes longer than all the rest.

#![allow(clippy::disallowed_methods, reason = "a build script reads files")]

use std::env;
use std::fmt::Write;
use std::fs;
use std::io;
use std::path::Path;
use std::path::PathBuf;

use serde_json::Value;

use crate::helm::ChartTree;
use crate::helm::pack;

/// The program's own formats.
#[allow(dead_code, reason = "the program uses the rest")]
#[path = "src/helm"]
mod helm {
    mod archive;
    mod tree;

    pub use archive::pack;
    pub use tree::ChartTree;
}

/// The folders below `charts-src/crds/`, one for each add-on.
const CRDS: [&str; 3] = ["rook", "metallb", "cert-manager"];
/// The time of every file in them: the oldest that zip archives know.
const SECONDS: u64 = 315_532_800;

fn main() -> io::Result<()> {
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or_else(|| io::Error::other("cargo names no OUT_DIR"))?);
    let mut files = Vec::new();
    for folder in ["charts-src", "schemas"] {
        println!("cargo::rerun-if-changed={folder}");
        walk(folder, &mut files)?;
    }
    files.sort();
    let mut table = String::from("static FILES: &[(&str, &str)] = &[\n");
    let mut entry = |name: &str, root: &str, path: &str| {
        writeln!(table, "    ({name:?}, include_str!(concat!(env!({root:?}), {:?}))),", format!("/{path}"))
            .map_err(io::Error::other)
    };
    let addons = addons(&files)?;
    let is_text = |file: &&String| {
        !file.contains("/objects/") && !file.ends_with("/exposed.yaml") && !file.starts_with("charts-src/crds/")
    };
    for file in files.iter().filter(is_text) {
        entry(file, "CARGO_MANIFEST_DIR", file)?;
    }
    for (name, values) in addons {
        let made = name.replace('/', "-");
        fs::write(out.join(&made), Value::Array(values).to_string())?;
        entry(&name, "OUT_DIR", &made)?;
    }
    table += "];\nstatic CRDS: &[(&[&str], &[u8])] = &[\n";
    for set in 1..1 << CRDS.len() {
        let is_in = |(at, _): &(usize, &&str)| set >> at & 1 == 1;
        let addons: Vec<&str> = CRDS.iter().enumerate().filter(is_in).map(|(_, addon)| *addon).collect();
        fs::write(out.join(format!("crds-{set}.tgz")), crds(&files, &addons)?)?;
        let path = format!("include_bytes!(concat!(env!(\"OUT_DIR\"), \"/crds-{set}.tgz\"))");
        writeln!(table, "    (&{addons:?}, {path}),").map_err(io::Error::other)?;
    }
    fs::write(out.join("assets.rs"), table + "];\n")
}

/// The chart with the CRDs of these add-ons, packed.
fn crds(files: &[String], addons: &[&str]) -> io::Result<Vec<u8>> {
    let mut tree = ChartTree::new("crds");
    let version = env::var("CARGO_PKG_VERSION").map_err(io::Error::other)?;
    let words = format!("Custom resource definitions of {}.", addons.join(", "));
    tree.insert(
        "Chart.yaml",
        format!("apiVersion: v2\nname: crds\nversion: {version}\ntype: application\ndescription: {words}\n"),
    );
    for file in files {
        let of = file.strip_prefix("charts-src/crds/").and_then(|file| file.split_once('/'));
        if let Some((_, name)) = of.filter(|(addon, _)| addons.contains(addon)) {
            tree.insert(format!("crds/{name}"), fs::read(file)?);
        }
    }
    pack(&tree, SECONDS).map_err(io::Error::other)
}

/// The path of the JSON and the values in it, for the objects of each add-on and for what it exposes.
fn addons(files: &[String]) -> io::Result<Vec<(String, Vec<Value>)>> {
    let mut made: Vec<(String, Vec<Value>)> = Vec::new();
    for file in files.iter().filter(|file| file.ends_with(".yaml")) {
        let name = match (file.rsplit_once("/objects/"), file.strip_suffix("/exposed.yaml")) {
            (Some((folder, _)), _) => format!("{folder}/objects.json"),
            (None, Some(folder)) => format!("{folder}/exposed.json"),
            (None, None) => continue,
        };
        let read: Vec<Value> = serde_yaml::from_multiple(&fs::read_to_string(file)?)
            .map_err(|error| io::Error::other(format!("{file}: {error}")))?;
        // What a file exposes is one list; objects are one document each.
        let values = read.into_iter().flat_map(|value| match value {
            Value::Array(values) => values,
            value => vec![value],
        });
        match made.last_mut().filter(|(last, _)| *last == name) {
            Some((_, all)) => all.extend(values),
            None => made.push((name, values.collect())),
        }
    }
    Ok(made)
}

/// Hidden files are an editor's, not ours.
fn walk(folder: &str, files: &mut Vec<String>) -> io::Result<()> {
    if !Path::new(folder).exists() {
        return Ok(());
    }
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name =
            entry.file_name().into_string().map_err(|name| io::Error::other(format!("{name:?} is not UTF-8")))?;
        let path = format!("{folder}/{name}");
        match entry.file_type()?.is_dir() {
            _ if name.starts_with('.') => {}
            true => walk(&path, files)?,
            false => files.push(path),
        }
    }
    Ok(())
}
