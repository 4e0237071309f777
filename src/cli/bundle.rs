//! The verbs of bundles for sites without Internet.

use std::path::PathBuf;

use clap::Args;
use clap::ValueEnum;

use crate::cli::LOCKED;
use crate::cli::Mirrors;
use crate::cli::Output;
use crate::cli::Registries;
use crate::cli::Signing;
use crate::cli::Values;

/// Make one file with the chart and every image that it needs, for a site without Internet
#[derive(Debug, Args)]
#[command(
    override_usage = "helm ha bundle [OPTIONS] -o <BUNDLE> <FILE>...\n       helm ha bundle [OPTIONS] -o <BUNDLE> \
                      --platform <PLATFORM> <ARCHIVE>",
    after_help = "Example:\n  helm ha bundle homelab.yaml -o homelab.bundle\n  \
                  helm ha bundle homelab-1.0.0.tgz -o homelab.bundle --platform linux/amd64 --zstd\n  \
                  helm ha bundle homelab.yaml -o june.bundle --since may.bundle"
)]
pub struct Bundle {
    #[command(flatten)]
    pub values: Values,
    /// The file to write
    #[arg(short = 'o', long = "bundle", value_name = "BUNDLE")]
    pub bundle: PathBuf,
    /// A platform that every image is wanted for, such as `linux/arm64`; unsaid: those of the nodes
    #[arg(long, value_name = "PLATFORM", value_delimiter = ',')]
    pub platform: Vec<String>,
    /// Compress the file with zstd, which gains little: layers are compressed already
    #[arg(long)]
    pub zstd: bool,
    /// Leave out what this older bundle has
    #[arg(long, value_name = "OLD")]
    pub since: Option<PathBuf>,
    /// The images of K3s itself: `k3s-images.txt` of its release; unsaid: those that are known of the version
    #[arg(long, value_name = "FILE")]
    pub k3s_images: Option<PathBuf>,
    #[arg(long, help = LOCKED)]
    pub locked: bool,
    /// The folder that images are pulled into; unsaid: `helm-ha` in Helm's cache
    #[arg(long, value_name = "DIR")]
    pub cache: Option<PathBuf>,
    #[command(flatten)]
    pub signing: Signing,
    #[command(flatten)]
    pub registries: Registries,
    #[command(flatten)]
    pub mirrors: Mirrors,
    /// How to print what was written
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    pub output: Output,
}

/// Check a bundle, then put it where K3s finds it, or push it to a registry
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  helm ha load homelab.bundle --to k3s\n  \
                        helm ha load homelab.bundle --to registry push.lan:5000 --pull-address registry.lan:5000")]
pub struct Load {
    /// The bundle
    pub bundle: PathBuf,
    /// With `--to registry`: HOST[:PORT], and what repositories begin with there
    #[arg(value_name = "HOST[/PREFIX]")]
    pub registry: Option<String>,
    /// Where to
    #[arg(long, value_name = "WHERE")]
    pub to: Destination,
    /// The older bundle that has what this one leaves out
    #[arg(long, value_name = "OLD")]
    pub since: Option<PathBuf>,
    /// The file with the public keys of those who may sign: the bundle must be signed by one of them
    #[arg(long, value_name = "FILE")]
    pub keyring: Option<PathBuf>,
    /// With `--to k3s`: the root of the node's file system
    #[arg(long, value_name = "DIR")]
    pub root: Option<PathBuf>,
    /// With `--to registry`: where the nodes pull from, when that is another address
    #[arg(long, value_name = "HOST[/PREFIX]")]
    pub pull_address: Option<String>,
    /// With `--to registry`: the folder that the chart is written into
    #[arg(short, long, value_name = "DIR")]
    pub destination: Option<PathBuf>,
    #[command(flatten)]
    pub registries: Registries,
    /// How to print what was done
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    pub output: Output,
}

/// Where a bundle is loaded to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Destination {
    /// The folders of K3s on a node
    K3s,
    /// A registry
    Registry,
}

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
