//! `index.json`: the images of a bundle in, the index that containerd and K3s import out.

use std::collections::BTreeMap;

use crate::bundle::contents::Image;
use crate::oci::Descriptor;
use crate::oci::Index;
use crate::oci::go_json;
use crate::oci::media_type;

/// The whole name that containerd gives an image on import (containerd `core/images`, `AnnotationImageName`).
const CONTAINERD_NAME: &str = "io.containerd.image.name";
/// The tag (OCI image specification, `annotations.md`).
const TAG: &str = "org.opencontainers.image.ref.name";

/// The bytes. Each image stands here with the digest that its name means at its registry, so that a chart which names it by
/// tag and digest finds it, even where the bundle has some of its platforms only.
pub fn index<'a>(images: impl IntoIterator<Item = &'a Image>) -> Vec<u8> {
    let descriptor = |image: &'a Image| {
        let name = image.tagged();
        let tag = name.rsplit_once(':').map_or("", |(_, tag)| tag);
        Descriptor {
            media_type: image.media_type.clone(),
            digest: image.digest,
            size: image.size,
            urls: Vec::new(),
            annotations: BTreeMap::from([
                (CONTAINERD_NAME.to_owned(), name.to_owned()),
                (TAG.to_owned(), tag.to_owned()),
            ]),
            platform: None,
            artifact_type: None,
        }
    };
    go_json(&Index {
        schema_version: 2,
        media_type: Some(media_type::INDEX.to_owned()),
        manifests: images.into_iter().map(descriptor).collect(),
        annotations: BTreeMap::new(),
    })
}
