//! What the documentation promises, seen happening on real nodes: `tests/cluster/`, with the figures in `docs/proof.md`.

mod client;
mod figures;
mod machines;
mod site;
mod ways_in;
