//! What publishes: the arguments of `publish` and `index`, and those that sign.

use std::path::PathBuf;

use clap::Args;

use crate::cli::Output;
use crate::cli::Registries;

const BASE_URL: &str = "Where the folder is served; unsaid: the index names archives relative to itself";

/// Put a chart archive into a folder that a web server serves as a chart repository, or into a registry
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  helm ha publish homelab-1.0.0.tgz /srv/charts\n  \
                        helm ha publish homelab-1.0.0.tgz public --url https://example.github.io/charts\n  \
                        helm ha publish homelab-1.0.0.tgz oci://registry.example.com/charts")]
pub struct Publish {
    /// The chart archive; the `.prov` beside it goes with it
    pub archive: PathBuf,
    /// The folder, where `index.yaml` is made or gets one more version; or `oci://HOST/PATH`
    #[arg(value_name = "DESTINATION")]
    pub destination: PathBuf,
    #[arg(long, value_name = "URL", help = BASE_URL)]
    pub url: Option<String>,
    #[command(flatten)]
    pub signing: Signing,
    /// Replace a version that is there with other content
    #[arg(long)]
    pub force: bool,
    #[command(flatten)]
    pub registries: Registries,
    /// How to print what was done
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    pub output: Output,
}

/// Make the index of a chart repository say what is in its folder
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  helm ha index /srv/charts\n  helm ha index /srv/charts --check")]
pub struct Index {
    /// The folder with the archives
    pub folder: PathBuf,
    #[arg(long, value_name = "URL", help = BASE_URL)]
    pub url: Option<String>,
    /// Write nothing; exit with 2 when the index is not what it should be
    #[arg(long)]
    pub check: bool,
    /// How to print what was done
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    pub output: Output,
}

/// What makes a `.prov`, with the names of Helm's flags.
#[derive(Debug, Args)]
pub struct Signing {
    /// Sign with an OpenPGP key: the signature of an archive is `ARCHIVE.prov`, that of a bundle is inside
    #[arg(long, requires = "keyring")]
    pub sign: bool,
    /// The name of the key or a part of it; unsaid: the only one
    #[arg(long, value_name = "NAME", requires = "sign")]
    pub key: Option<String>,
    /// The file with the secret key: `gpg --export-secret-keys NAME`, binary or armoured
    #[arg(long, value_name = "FILE", requires = "sign")]
    pub keyring: Option<PathBuf>,
    /// The file whose first line is the passphrase, `-` is standard input; unsaid: the terminal is asked
    #[arg(long, value_name = "FILE", requires = "sign")]
    pub passphrase_file: Option<PathBuf>,
}
