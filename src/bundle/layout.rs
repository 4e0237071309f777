//! Where everything is: in the bundle, and on a node of K3s.
//!
//! ```text
//! bundle.json        what is inside, in the order of the file; everything after it is known from here
//! SHA256SUMS         a line for every other file, as `sha256sum -c` reads it
//! SHA256SUMS.asc     its signature, when there is one
//! oci-layout         the three parts of an OCI image layout, which containerd and K3s import
//! index.json
//! charts/NAME-VERSION.tgz
//! k3s-images.txt     the images that K3s itself runs, when its version is known
//! sbom.spdx.json
//! blobs/sha256/HEX   indexes, manifests and configurations of images, then layers
//! ```

use crate::oci::Digest;

pub const CONTENTS: &str = "bundle.json";
pub const SUMS: &str = "SHA256SUMS";
pub const SIGNATURE: &str = "SHA256SUMS.asc";
pub const OCI_LAYOUT: &str = "oci-layout";
pub const INDEX: &str = "index.json";
pub const K3S_IMAGES: &str = "k3s-images.txt";
pub const SBOM: &str = "sbom.spdx.json";

/// The content of `oci-layout` (OCI image specification, `image-layout.md`).
pub const OCI_LAYOUT_TEXT: &[u8] = b"{\"imageLayoutVersion\":\"1.0.0\"}";

/// The folder on a node of K3s from which it imports archives of images, below the root of the node.
pub const K3S_IMAGES_FOLDER: &str = "var/lib/rancher/k3s/agent/images";
/// The folder on a server of K3s whose charts it serves.
pub const K3S_CHARTS_FOLDER: &str = "var/lib/rancher/k3s/server/static/charts";

/// A blob, in the bundle as in a cache.
pub fn blob(digest: &Digest) -> String {
    format!("blobs/sha256/{}", digest.hex())
}

/// The chart archive.
pub fn chart(name: &str, version: &str) -> String {
    format!("charts/{}", chart_file(name, version))
}

/// The name of the chart archive, as `generate` gives it.
pub fn chart_file(name: &str, version: &str) -> String {
    format!("{name}-{version}.tgz")
}

/// The archive of images on a node. One name for all versions: what is newer takes the place of what was there.
pub fn k3s_images_file(name: &str) -> String {
    format!("helm-ha-{name}.tar")
}
