//! Prints the values of a cluster of N services: `cargo bench --bench write -- N > values.yaml`.

#![allow(clippy::disallowed_methods, clippy::print_stdout, reason = "a program for `benches/run`, not a stage")]

mod cluster;

fn main() {
    let services = std::env::args().filter_map(|argument| argument.parse().ok()).next().unwrap_or(10);
    print!("{}", cluster::values(services));
}
