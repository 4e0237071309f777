//! Bundles that somebody broke or made to do harm: each is refused with the reason, before anything is written.

use std::path::Path;

use helm_ha::bundle::Bundle;
use helm_ha::bundle::Packing;
use helm_ha::machine::MemoryMachine;

use crate::bundle::site::Site;

/// With one image: every byte of its bundles is tried.
fn small() -> Site {
    let mut site = Site::small();
    site.sources.truncate(1);
    site
}

/// Whether there is time for more than is needed.
fn is_long() -> bool {
    std::env::var_os("HELM_HA_LONG").is_some()
}

/// Why these bytes are no bundle.
fn reason(bytes: &[u8]) -> Option<String> {
    let machine = MemoryMachine::default().file("bundle", bytes);
    let read = Bundle::open(Path::new("bundle"), &machine).and_then(|bundle| bundle.blobs(&mut |_, _| Ok(())));
    read.err().map(|error| error.to_string())
}

fn refused(bytes: &[u8], what: &str) -> String {
    reason(bytes).unwrap_or_else(|| panic!("{what} is not found"))
}

/// One bit of each byte; every bit where tests may take long.
#[test]
fn a_changed_bit_is_found_wherever_it_is() {
    let site = small();
    let bits = if is_long() { 8 } else { 1 };
    for packing in [Packing::Plain, Packing::Zstd] {
        let mut bytes = site.tiny(packing);
        assert_eq!(reason(&bytes), None);
        for at in 0..bytes.len() {
            for bit in (0..8).cycle().skip(at % 8).take(bits) {
                bytes[at] ^= 1 << bit;
                refused(&bytes, &format!("bit {bit} of byte {at} of {}", bytes.len()));
                bytes[at] ^= 1 << bit;
            }
        }
    }
}

#[test]
fn a_bundle_that_was_cut_off_or_grew_is_found() {
    let site = small();
    for packing in [Packing::Plain, Packing::Zstd] {
        let whole = site.tiny(packing);
        for length in (0..whole.len()).step_by(if is_long() { 1 } else { 7 }) {
            refused(&whole[..length], &format!("{length} of {} bytes", whole.len()));
        }
        for more in [&[0][..], &[0; 512], &[0; 10240], b"x"] {
            refused(&[&whole[..], more].concat(), "more behind the end");
        }
        refused(&[&whole[..], &whole[..]].concat(), "the bundle twice");
    }
}

/// Archives of other programs, with what has harmed others before.
#[test]
fn paths_links_and_sizes_of_others_are_refused() {
    let site = small();
    let whole = site.tiny(Packing::Plain);
    let entry = |path: &str, kind: tar::EntryType, size: u64| {
        let mut header = tar::Header::new_ustar();
        header.as_mut_bytes()[..path.len()].copy_from_slice(path.as_bytes());
        header.set_entry_type(kind);
        header.set_size(size);
        header.set_mode(0o644);
        header.set_mtime(946_684_800);
        header.set_uid(0);
        header.set_gid(0);
        header.set_cksum();
        header.as_bytes().to_vec()
    };
    use tar::EntryType::*;
    // In place of the first entry, of one in the middle, and of the first blob.
    let places: Vec<usize> = {
        let mut archive = tar::Archive::new(&whole[..]);
        let all: Vec<usize> = archive.entries().unwrap().map(|it| it.unwrap().raw_header_position() as usize).collect();
        vec![0, all[3], all[all.len() - 1]]
    };
    for at in places {
        for (path, kind, size) in [
            ("../../etc/cron.d/x", Regular, 0),
            ("/etc/passwd", Regular, 0),
            ("bundle.json", Symlink, 0),
            ("blobs", Symlink, 0),
            ("blobs/sha256", Link, 0),
            ("oci-layout", Char, 0),
            ("blobs/sha256/x", Regular, u64::MAX >> 2),
            ("bundle.json", Regular, 1 << 40),
        ] {
            let bytes = [&whole[..at], &entry(path, kind, size)[..], &whole[at + 512..]].concat();
            let reason = refused(&bytes, path);
            let known = ["expected", "more than the"].iter().any(|word| reason.contains(word));
            assert!(known, "{path} at byte {at}: {reason}");
        }
    }
    for (bytes, expect) in [
        (&b""[..], "it ends too early: it was cut off"),
        (b"PK\x03\x04", "it ends too early: it was cut off"),
        (&[0; 1024][..], "expected a bundle, which starts with `bundle.json`, found something else than an archive"),
    ] {
        assert_eq!(refused(bytes, "no bundle"), expect);
    }
    assert_eq!(
        refused(&entry("bundle.json", Regular, 1 << 30), "a large list"),
        "`bundle.json` has 1073741824 bytes, more than the 16777216 that are expected"
    );
}
