//! `helm ha inspect`: what a bundle says is inside, from its first bytes.

use std::fmt::Write;
use std::path::Path;

use serde_json::json;

use crate::bundle::Bundle;
use crate::bundle::BundleError;
use crate::bundle::Contents;
use crate::bundle::Head;
use crate::bundle::Packing;
use crate::cli::Inspect;
use crate::cli::Output;
use crate::commands::failure::Failure;
use crate::machine::Machine;

pub fn run(arguments: &Inspect, machine: &dyn Machine) -> Result<u8, Failure> {
    let bundle = Bundle::open(&arguments.bundle, machine).map_err(|error| failure(&arguments.bundle, error))?;
    let text = match arguments.output {
        Output::Human => human(&bundle.head),
        Output::Json => json(&bundle.head)?,
    };
    machine.data(&text)?;
    Ok(0)
}

/// What could not be done with a bundle, with its path.
pub fn failure(path: &Path, error: BundleError) -> Failure {
    match error {
        BundleError::InputOutput(error) => Failure::InputOutput(error),
        BundleError::Impossible(reason) => Failure::Usage(reason),
        BundleError::Unsound(reason) => Failure::InputOutput(std::io::Error::new(
            std::io::ErrorKind::InvalidData,
            format!("`{}` is no sound bundle: {reason}", path.display()),
        )),
    }
}

fn human(head: &Head) -> String {
    let contents = &head.contents;
    let mut text = format!("{}\n", summary(head));
    for image in &contents.images {
        _ = writeln!(text, "{} {}", image.name, image.digest);
    }
    if let Some(since) = contents.since {
        _ = writeln!(
            text,
            "{} blobs of {} are in the bundle that it was made after (SHA256SUMS: {since})",
            contents.elsewhere.len(),
            size(contents.elsewhere.iter().map(|blob| blob.size).sum()),
        );
    }
    if let Some(k3s) = &contents.k3s {
        _ = writeln!(text, "K3s {}: {} of its own images are inside", k3s.version, k3s.images.len());
        k3s.unknown.iter().for_each(|image| _ = writeln!(text, "  not inside: {image}"));
    }
    text
}

fn json(head: &Head) -> Result<String, Failure> {
    let mut value = serde_json::to_value(&head.contents).map_err(|error| Failure::Bug(error.to_string()))?;
    if let Some(fields) = value.as_object_mut() {
        fields.insert("compressed".to_owned(), json!(head.packing == Packing::Zstd));
        fields.insert("signed".to_owned(), json!(head.signature.is_some()));
    }
    Ok(format!("{value:#}\n"))
}

/// One line: chart, platforms, how many images and bytes.
pub fn summary(head: &Head) -> String {
    let Contents { chart, platforms, images, blobs, .. } = &head.contents;
    let platforms: Vec<String> = platforms.iter().map(ToString::to_string).collect();
    format!(
        "{}-{}: {} images for {}, {} blobs of {}, {}",
        chart.name,
        chart.version,
        images.len(),
        platforms.join(", "),
        blobs.len(),
        size(blobs.iter().map(|blob| blob.size).sum()),
        if head.signature.is_some() { "signed" } else { "not signed" },
    )
}

/// Bytes in the unit that people read.
pub fn size(bytes: u64) -> String {
    match bytes {
        0..1_000_000 => format!("{}.{} KB", bytes / 1000, bytes % 1000 / 100),
        1_000_000..1_000_000_000 => format!("{}.{} MB", bytes / 1_000_000, bytes % 1_000_000 / 100_000),
        _ => format!("{}.{} GB", bytes / 1_000_000_000, bytes % 1_000_000_000 / 100_000_000),
    }
}
