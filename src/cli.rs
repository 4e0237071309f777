//! The command line as types: arguments in, one verb out, or the text to print instead.
//!
//! Flags that Helm takes out of a plugin's arguments (`-n`, `--namespace`, `--debug`, `--kubeconfig`, ...) never
//! reach us and are never ours; a test holds that.

mod cache;
mod bundle;
mod inputs;
mod repository;
mod registries;
mod verify;

pub use bundle::Bundle;
pub use bundle::Destination;
pub use bundle::Inspect;
pub use bundle::Load;
pub use cache::Cache;
pub use cache::CacheAction;
pub use cache::Prune;
pub use inputs::Input;
pub use inputs::Inputs;
pub use registries::Mirrors;
pub use registries::Registries;
pub use repository::Index;
pub use repository::Publish;
pub use repository::Signing;
pub use verify::Verify;

use std::ffi::OsString;
use std::path::PathBuf;

use clap::ArgGroup;
use clap::Args;
use clap::CommandFactory;
use clap::FromArgMatches;
use clap::Parser;
use clap::Subcommand;
use clap::ValueEnum;
use clap::error::ErrorKind;

/// Turn one typed values file into one umbrella chart that Helm installs in one command
#[derive(Debug, Parser)]
#[command(
    name = "helm ha",
    bin_name = "helm ha",
    version,
    no_binary_name = true,
    arg_required_else_help = true,
    after_help = "Example:\n  helm ha init homelab.yaml       start\n  helm ha lint homelab.yaml       check\n  \
                  helm ha generate homelab.yaml   write homelab-1.0.0.tgz"
)]
struct Cli {
    #[command(subcommand)]
    verb: Verb,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Verb {
    Init(Init),
    Lint(Lint),
    Generate(Generate),
    Plan(Plan),
    Explain(Explain),
    Schema(Schema),
    Secrets(Secrets),
    Dns(Dns),
    Crds(Crds),
    Teardown(Teardown),
    Lock(Lock),
    Images(Images),
    Cache(Cache),
    Move(Move),
    Verify(Verify),
    Publish(Publish),
    Index(Index),
    Bundle(Bundle),
    Inspect(Inspect),
    Load(Load),
    Version(Version),
}

/// Write a commented values file to start from
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  helm ha init homelab.yaml")]
pub struct Init {
    /// The values file to write; one that is there is left alone
    #[arg(default_value = "homelab.yaml")]
    pub file: PathBuf,
}

/// Check values files and show everything that is wrong or could be better
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  helm ha lint homelab.yaml\n  helm ha lint -f base.yaml -f staging.yaml --output json"
)]
pub struct Lint {
    #[command(flatten)]
    pub values: Values,
    #[arg(long, value_name = "FORMAT", default_value = "human", help = FINDINGS)]
    pub output: Output,
}

/// Write the umbrella chart archive
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  helm ha generate homelab.yaml\n  \
                        helm ha generate base.yaml staging.yaml -d charts --version 1.4.0\n  \
                        helm ha generate homelab.yaml --check")]
pub struct Generate {
    #[command(flatten)]
    pub values: Values,
    /// The folder to write into
    #[arg(short, long, value_name = "DIR", default_value = ".")]
    pub destination: PathBuf,
    /// Write a folder instead of an archive
    #[arg(long, conflicts_with = "sign")]
    pub unpacked: bool,
    /// Set the version of the chart (SemVer, also as a git tag `v1.2.3`) instead of the one in the values file
    #[arg(long, value_name = "VERSION", value_parser = version)]
    pub version: Option<semver::Version>,
    /// Set the app version of the chart
    #[arg(long, value_name = "VERSION")]
    pub app_version: Option<String>,
    /// Write nothing; exit with 2 when what is there differs from what would be written
    #[arg(long, conflicts_with = "sign")]
    pub check: bool,
    #[command(flatten)]
    pub signing: Signing,
    /// Also write `NAME-flux.yaml`, with which Flux installs the chart from this repository (`oci://` or `https://`)
    #[arg(long, value_name = "URL", conflicts_with = "unpacked")]
    pub flux: Option<String>,
    /// Let nothing new into the lock, as in CI
    #[arg(long)]
    pub frozen: bool,
    /// Take the add-on versions of this version of helm ha
    #[arg(long)]
    pub upgrade_addons: bool,
    #[arg(long, help = LOCKED)]
    pub locked: bool,
    #[arg(long, value_name = "FORMAT", default_value = "human", help = FINDINGS)]
    pub output: Output,
}

/// Print every decision: addresses, certificates, routes, volumes, workloads
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  helm ha plan homelab.yaml\n  helm ha plan homelab.yaml --output json | jq .volumes"
)]
pub struct Plan {
    #[command(flatten)]
    pub values: Values,
    /// How to print the plan
    #[arg(long, value_name = "FORMAT", default_value = "yaml")]
    pub output: Data,
}

/// Explain the code of a finding, a field of the values file, or how values files merge
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  helm ha explain services.mounts\n  helm ha explain unknown-key\n  helm ha explain merge"
)]
pub struct Explain {
    /// A code, a path of the values file, or `merge`; without it, the top level of the values file
    #[arg(value_name = "CODE|PATH|merge")]
    pub topic: Option<String>,
}

/// Print the JSON schema of the values file
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  helm ha schema > cluster.schema.json")]
pub struct Schema {
    /// The schema of a file that is laid over another one: nothing is required and `null` deletes
    #[arg(long)]
    pub overlay: bool,
}

/// List the Secrets that must exist, with the line that makes each
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  helm ha secrets homelab.yaml")]
pub struct Secrets {
    #[command(flatten)]
    pub values: Values,
    /// How to print the list
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    pub output: Output,
}

/// List the DNS records that must exist
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  helm ha dns homelab.yaml")]
pub struct Dns {
    #[command(flatten)]
    pub values: Values,
    /// How to print the list
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    pub output: Output,
}

/// Print the steps that take the cluster down, as a script to read and run
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  helm ha teardown homelab.yaml\n  helm ha teardown homelab.yaml --destroy-data homelab"
)]
pub struct Teardown {
    #[command(flatten)]
    pub values: Values,
    /// Also the steps that destroy all data of the cluster with this name
    #[arg(long, value_name = "NAME")]
    pub destroy_data: Option<String>,
}

/// Print the CRDs of a chart archive, which Helm installs once and never upgrades
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  helm ha crds homelab-1.1.0.tgz | kubectl apply --server-side --force-conflicts \
                  --field-manager=helm -f -")]
pub struct Crds {
    /// The chart archive
    pub archive: PathBuf,
}

/// Show what must not change by accident, or take an entry of it out
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  helm ha lock homelab.yaml\n  helm ha lock homelab.yaml --check\n  \
                        helm ha lock homelab.yaml --images\n  helm ha lock homelab.yaml --forget volumes.media")]
pub struct Lock {
    #[command(flatten)]
    pub values: Values,
    /// Write nothing; exit with 2 when `generate`, or `lock --images`, would change the lock
    #[arg(long, conflicts_with = "forget")]
    pub check: bool,
    /// Ask the registries what every image is now, and lock that
    #[arg(long, conflicts_with = "forget")]
    pub images: bool,
    /// Take an entry out, such as `volumes.media`, and say what is left of it in the cluster
    #[arg(long, value_name = "ENTRY")]
    pub forget: Option<String>,
    #[command(flatten)]
    pub mirrors: Mirrors,
    #[command(flatten)]
    pub registries: Registries,
    #[arg(long, value_name = "FORMAT", default_value = "human", help = FINDINGS)]
    pub output: Output,
}

/// List every image that the chart runs or mounts
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  helm ha images homelab.yaml\n  helm ha images homelab.yaml --why\n  \
                        helm ha images homelab.yaml --output json | jq -r '.[].image'")]
pub struct Images {
    #[command(flatten)]
    pub values: Values,
    /// Show the objects and fields that name each image, and the value that changes it
    #[arg(long)]
    pub why: bool,
    /// How to print the list
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    pub output: Output,
}

/// Print the steps that move the files of a volume to another storage class, and write what they need
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  helm ha move media --to longhorn homelab.yaml\n  \
                        helm ha move git/cache --to nfs.nas homelab.yaml -d moves")]
pub struct Move {
    /// One of `volumes`, or a private volume: `SERVICE` or `SERVICE/NAME`
    pub volume: String,
    #[command(flatten)]
    pub values: Values,
    /// The storage class that the files go to
    #[arg(long, value_name = "CLASS")]
    pub to: String,
    /// The folder to write into
    #[arg(short, long, value_name = "DIR", default_value = ".")]
    pub destination: PathBuf,
}

/// Print the versions of the tool and of what it generates
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  helm ha version --output json")]
pub struct Version {
    /// How to print the versions
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    pub output: Output,
}

/// What every verb that reads values files takes.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("input").args(["file", "values"]).required(true).multiple(true))]
pub struct Values {
    #[command(flatten)]
    pub inputs: Inputs,
    #[arg(long, value_name = "FILE", help = LOCK)]
    pub lock: Option<PathBuf>,
    /// Let warnings, too, keep anything from being written
    #[arg(long, value_name = "SEVERITY")]
    pub deny: Option<Deny>,
}

/// How findings and lists are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Output {
    Human,
    Json,
}

/// How a whole document is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Data {
    Yaml,
    Json,
}

/// Which findings keep anything from being written, besides errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Deny {
    Warnings,
}

const LOCK: &str = "The lock; unsaid: beside the last values file, with the ending `.lock`";
const LOCKED: &str = "Name every image by the digest that `helm ha lock --images` has locked";
const SINCE: &str = "The older bundle that has what this one leaves out";
const FINDINGS: &str = "How to print findings and results";

/// A version as it is written, or as tags of git name it: `v1.2.3` is 1.2.3.
fn version(text: &str) -> Result<semver::Version, semver::Error> {
    semver::Version::parse(text.strip_prefix('v').unwrap_or(text))
}

/// A text to print instead of running a verb.
#[derive(Debug, PartialEq, Eq)]
pub enum Stop {
    /// It was asked for: standard output, exit code 0.
    Answer(String),
    /// The arguments are wrong: standard error, exit code 64 (`EX_USAGE` of sysexits.h).
    Misuse(String),
}

impl Stop {
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Answer(_) => 0,
            Self::Misuse(_) => 64,
        }
    }
}

/// The verb that the arguments (without the program's name) ask for. `width` is the terminal's, for help texts.
pub fn parse(arguments: impl IntoIterator<Item = OsString>, width: Option<usize>) -> Result<Verb, Stop> {
    let matches = command().term_width(width.unwrap_or(100)).try_get_matches_from(arguments);
    matches.and_then(|matches| Cli::from_arg_matches(&matches)).map(|cli| cli.verb).map_err(|error| {
        let text = error.render().to_string();
        match error.kind() {
            // Bare `helm ha` is a question, as bare `helm` is.
            ErrorKind::DisplayHelp
            | ErrorKind::DisplayVersion
            | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => Stop::Answer(text),
            _ => Stop::Misuse(text),
        }
    })
}

/// All verbs, arguments and help texts, for completion and reference.
pub fn command() -> clap::Command {
    Cli::command()
}

#[cfg(test)]
mod tests;
