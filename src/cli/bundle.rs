//! The verbs of bundles for sites without Internet.

use std::path::PathBuf;

use clap::Args;

use crate::cli::Output;

/// Print what is inside a bundle, without unpacking it
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  helm ha inspect homelab.bundle\n  \
                        helm ha inspect homelab.bundle --output json | jq -r '.images[].name'")]
pub struct Inspect {
    /// The bundle
    pub bundle: PathBuf,
    /// How to print what is inside
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    pub output: Output,
}
