//! `SHA256SUMS`: a line for every other file of the bundle, as `sha256sum -c` reads it.

use std::collections::BTreeMap;

use crate::bundle::contents::Contents;
use crate::bundle::layout;
use crate::oci::Digest;

/// The text, sorted by path. `digests`: those of the files that are no blobs, `bundle.json` among them.
pub fn text(contents: &Contents, digests: &BTreeMap<String, Digest>) -> Vec<u8> {
    let blobs = contents.blobs.iter().map(|blob| (layout::blob(&blob.digest), blob.digest));
    let all: BTreeMap<String, Digest> =
        digests.iter().map(|(path, digest)| (path.clone(), *digest)).chain(blobs).collect();
    let lines = all.iter().map(|(path, digest)| format!("{}  {path}\n", digest.hex()));
    lines.collect::<String>().into_bytes()
}

/// How long the text is.
pub fn size(contents: &Contents) -> u64 {
    let line = |path: usize| 64 + 2 + path as u64 + 1;
    let files = contents.files.iter().map(|file| line(file.path.len()));
    let blobs = contents.blobs.iter().map(|blob| line(layout::blob(&blob.digest).len()));
    line(layout::CONTENTS.len()) + files.sum::<u64>() + blobs.sum::<u64>()
}
