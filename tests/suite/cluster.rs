//! What the documentation promises, seen happening on real nodes: `tests/cluster/`, with the figures in `docs/proof.md`.

mod acme;
mod certificates;
mod changes;
mod client;
mod failover;
mod figures;
mod load;
pub mod machines;
mod power;
pub mod site;
mod ways_in;

use crate::program::Folder;

/// Whether all of it is asked for (`tests/run --long`): the rest takes minutes, and wants a machine that does nothing else.
fn is_long() -> bool {
    std::env::var_os("HELM_HA_LONG").is_some()
}

/// An image that is missing on the nodes shows as a pod that never starts: this says it first.
#[test]
fn every_image_that_the_values_name_is_made() {
    let folder = Folder::new(&[("cluster.yaml", &machines::text("cluster.yaml"))]);
    let said = folder.run(&["images", "cluster.yaml"], &[], b"");
    assert_eq!(said.code, Some(0), "{said}");
    let made = include_str!("../oracles/images");
    // The mover's is named by its digest, which nothing made here has.
    let named = said.stdout.lines().filter(|image| !image.contains("@sha256:"));
    for image in named {
        assert!(
            made.lines().any(|line| line.split(' ').next() == Some(image)),
            "{image} is not in tests/oracles/images"
        );
    }
}
