//! Speaks to registries over the distribution API: images and other artifacts in, out, and what went wrong.
//!
//! What is absent on purpose: a login never comes from the command line and never goes to another server than the one
//! that asked for it, or that one's token server; nothing is believed whose digest is not the expected one.

mod backoff;
mod cache;
mod challenge;
mod client;
mod credentials;
mod error;
mod image_source;
mod mirrors;
mod pull;
mod repository;
mod token;
mod url;

pub use backoff::Backoff;
pub use cache::Cache;
pub use cache::Pruned;
pub use client::Client;
pub use client::Encryption;
pub use client::Open;
pub use client::Options;
pub use error::Reason;
pub use error::RegistryError;
pub use image_source::ImageSource;
pub use mirrors::Mirrors;
pub use pull::PullError;
pub use pull::Puller;
pub use pull::Resolved;
pub use pull::Wanted;
pub use repository::Fetched;
pub use repository::Part;
pub use repository::Repository;

#[cfg(test)]
mod tests;
