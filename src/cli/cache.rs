//! The verb `cache`.

use std::path::PathBuf;

use clap::Args;
use clap::Subcommand;

/// Look after the cache of images, `helm-ha` in Helm's own cache
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  helm ha cache prune")]
pub struct Cache {
    #[command(subcommand)]
    pub action: CacheAction,
}

/// What to do with the cache.
#[derive(Debug, Subcommand)]
pub enum CacheAction {
    Prune(Prune),
}

/// Take away what no bundle has used for long
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  helm ha cache prune\n  helm ha cache prune --days 0")]
pub struct Prune {
    /// For how many days nobody has used it; 0 is everything
    #[arg(long, value_name = "NUMBER", default_value = "30")]
    pub days: u32,
    /// The folder of the cache
    #[arg(long, value_name = "DIR")]
    pub cache: Option<PathBuf>,
}
