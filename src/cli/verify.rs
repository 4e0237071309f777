//! The verb that checks what another one has made.

use std::path::PathBuf;

use clap::Args;

use crate::cli::FINDINGS;
use crate::cli::Inputs;
use crate::cli::LOCK;
use crate::cli::LOCKED;
use crate::cli::Output;
use crate::cli::SINCE;
use crate::cli::version;

/// Check that a chart archive or a bundle is sound and, with values files, that its chart is what they say
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  helm ha verify homelab-1.0.0.tgz\n  helm ha verify homelab-1.0.0.tgz homelab.yaml\n  \
                        helm ha verify homelab-1.0.0.tgz --keyring keyring.gpg\n  helm ha verify homelab.bundle"
)]
pub struct Verify {
    /// The chart archive, or the bundle
    pub archive: PathBuf,
    #[arg(long, value_name = "OLD", help = SINCE)]
    pub since: Option<PathBuf>,
    #[command(flatten)]
    pub inputs: Inputs,
    /// The file with the public keys of those who may sign: the bundle, or `ARCHIVE.prov`, must be signed by one of them
    #[arg(long, value_name = "FILE")]
    pub keyring: Option<PathBuf>,
    /// The version of the chart when `generate` was given one
    #[arg(long, value_name = "VERSION", value_parser = version)]
    pub version: Option<semver::Version>,
    #[arg(long, value_name = "FILE", help = LOCK)]
    pub lock: Option<PathBuf>,
    #[arg(long, help = LOCKED)]
    pub locked: bool,
    #[arg(long, value_name = "FORMAT", default_value = "human", help = FINDINGS)]
    pub output: Output,
}
