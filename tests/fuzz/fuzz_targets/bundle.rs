//! Any bytes as a bundle: an error, never a panic, and no more memory than the limits allow.

#![no_main]

use std::path::Path;

use helm_ha::bundle::Bundle;
use helm_ha::machine::MemoryMachine;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let machine = MemoryMachine::default().file("bundle", bytes);
    _ = Bundle::open(Path::new("bundle"), &machine).and_then(|bundle| bundle.blobs(&mut |_, _| Ok(())));
});
