//! The images that K3s itself runs: from K3s' own list of a release, or what is known of its version without it.

use crate::bundle::contents::K3s;
use crate::oci::ImageReference;
use crate::plan::k3s_images;
use crate::plan::k3s_images::K3sImages;

/// What is known of this version. K3s publishes the exact list with each release (`k3s-images.txt`), which says more.
pub fn known(version: &str) -> K3s {
    let K3sImages { images, unknown } = k3s_images::known(version);
    K3s { version: version.to_owned(), images, unknown }
}

/// K3s' own list of a release: an image a line. The error is the line that is none.
pub fn listed(version: &str, text: &str) -> Result<K3s, String> {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let parsed = lines.map(|line| line.parse::<ImageReference>().map_err(|error| format!("`{line}`: {error}")));
    let mut images = parsed.map(|image| image.map(|image| image.to_string())).collect::<Result<Vec<_>, _>>()?;
    images.sort();
    images.dedup();
    match images.is_empty() {
        true => Err("there is no image in it".to_owned()),
        false => Ok(K3s { version: version.to_owned(), images, unknown: Vec::new() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_of_a_release_is_complete() {
        let found = listed("v1.36.2+k3s1", "docker.io/rancher/b:2\nrancher/a:1\n\ndocker.io/rancher/b:2\n").unwrap();
        assert_eq!(found.images, ["docker.io/rancher/a:1", "docker.io/rancher/b:2"]);
        assert!(found.unknown.is_empty());
        assert!(listed("v1", "<html>").is_err() && listed("v1", "\n").is_err());
    }
}
