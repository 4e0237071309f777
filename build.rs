//! The folders `charts-src/` and `schemas/` in, the Rust tables of what they hold that `src/assets.rs` includes out.
//!
//! Texts are embedded as they are. The Kubernetes objects of an add-on (`charts-src/ADDON/objects/*.yaml`) and what they
//! expose (`exposed.yaml`) become JSON, which is read a hundred times faster when the program runs.

#![allow(clippy::disallowed_methods, reason = "a build script reads files")]

use std::env;
use std::fmt::Write;
use std::fs;
use std::io;
use std::path::Path;
use std::path::PathBuf;

use serde_json::Value;

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
    let is_text = |file: &&String| !file.contains("/objects/") && !file.ends_with("/exposed.yaml");
    for file in files.iter().filter(is_text) {
        entry(file, "CARGO_MANIFEST_DIR", file)?;
    }
    for (name, values) in addons {
        let made = name.replace('/', "-");
        fs::write(out.join(&made), Value::Array(values).to_string())?;
        entry(&name, "OUT_DIR", &made)?;
    }
    fs::write(out.join("assets.rs"), table + "];\n")
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
