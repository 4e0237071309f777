//! The folders `charts-src/` and `schemas/` in, the Rust table of their files that `src/assets.rs` includes out.

#![allow(clippy::disallowed_methods, reason = "a build script reads files")]

use std::env;
use std::fs;
use std::io;
use std::path::Path;

fn main() -> io::Result<()> {
    let mut files = Vec::new();
    for folder in ["charts-src", "schemas"] {
        println!("cargo::rerun-if-changed={folder}");
        walk(folder, &mut files)?;
    }
    files.sort();
    let entries = files.iter().map(|file| {
        format!("    ({file:?}, include_str!(concat!(env!(\"CARGO_MANIFEST_DIR\"), {:?}))),\n", format!("/{file}"))
    });
    let table = format!("static FILES: &[(&str, &str)] = &[\n{}];\n", entries.collect::<String>());
    let out = env::var_os("OUT_DIR").ok_or_else(|| io::Error::other("cargo names no OUT_DIR"))?;
    fs::write(Path::new(&out).join("assets.rs"), table)
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
