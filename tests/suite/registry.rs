//! Real registries on loopback, with and without logins and TLS: what is locked, pulled and published there.

mod images;
mod lock;
mod pull;
pub mod server;
