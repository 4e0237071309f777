//! The one integration test program: what real tools say about what this crate makes.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "tests say what they measured and left out")]
#![allow(clippy::disallowed_methods, clippy::disallowed_types, reason = "tests read files and run programs")]

mod api_server;
mod bundle;
mod bytes;
mod change;
mod cluster;
mod command;
mod completion;
mod crds;
mod documents;
mod generated;
mod gitops;
mod grammar;
mod lock;
mod made;
mod moves;
mod nginx;
mod openapi;
mod oracle;
mod own_network;
mod patches;
mod plugin;
mod program;
mod provenance;
mod publish;
mod registry;
mod release;
mod renders;
mod requests;
mod rules;
mod sample;
mod schemas;
mod tidy;
mod upstream;
