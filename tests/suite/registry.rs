//! Real registries on loopback, with and without logins and TLS: what is locked, pulled and published there.

mod bad;
mod counted;
mod cuts;
mod images;
mod interrupted;
mod kill;
mod lock;
mod publish;
mod pull;
pub mod server;
mod web;
