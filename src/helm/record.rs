//! A chart tree in, the size of the release record that Helm will keep in a Secret out.
//!
//! Helm stores `base64(gzip -9(JSON))` of the release on every install and upgrade: the rendered manifest of all charts,
//! and of the **root** chart its metadata, templates, files, schema and the values of the whole tree
//! (Helm `pkg/release/v1/release.go`, `pkg/storage/driver/util.go`). Kubernetes takes at most 1 MiB of data.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;

use crate::helm::ChartTree;

/// Bytes of data in a Secret that Kubernetes accepts (`MaxSecretSize`).
pub const RECORD_LIMIT: usize = 1024 * 1024;

/// Bytes that the Secret of a release of this chart holds at most.
///
/// The templates and the values of each chart stand for the manifest that is rendered from them. They are compressed with
/// an encoder that is not Helm's, so a margin of 2 % is added. What is far below the limit is only
/// estimated, from above, with a fast encoder.
pub fn record_size(tree: &ChartTree, namespace: &str) -> usize {
    let json = release(tree, namespace);
    let estimate = secret_size(&json, Compression::fast());
    if estimate < RECORD_LIMIT / 2 { estimate } else { secret_size(&json, Compression::best()) }
}

fn secret_size(json: &[u8], level: Compression) -> usize {
    let mut encoder = GzEncoder::new(Vec::new(), level);
    // Writing to memory cannot fail.
    let written = encoder.write_all(json).and_then(|()| encoder.finish()).map_or(json.len(), |bytes| bytes.len());
    (written + written / 50).div_ceil(3) * 4
}

/// The release as Go's JSON encoder writes it, as far as its size depends on the chart.
fn release(tree: &ChartTree, namespace: &str) -> Vec<u8> {
    const TIME: &str = "2026-01-02T03:04:05.123456789Z";
    let name = &tree.name;
    let mut out = Vec::with_capacity(tree.files().map(|(_, bytes)| bytes.len() + bytes.len() / 8).sum());
    let info =
        format!("\"first_deployed\":\"{TIME}\",\"last_deployed\":\"{TIME}\",\"deleted\":\"\",\"status\":\"deployed\"");
    out.extend_from_slice(format!("{{\"name\":\"{name}\",\"info\":{{{info},\"notes\":\"").as_bytes());
    push_text(&mut out, tree.get("templates/NOTES.txt").unwrap_or_default());
    out.extend_from_slice(b"\"},\"chart\":{\"metadata\":\"");
    push_text(&mut out, tree.get("Chart.yaml").unwrap_or_default());
    out.extend_from_slice(b"\",\"lock\":null,\"values\":\"");
    push_text(&mut out, tree.get("values.yaml").unwrap_or_default());
    out.extend_from_slice(b"\",\"schema\":\"");
    push_base64(&mut out, tree.get("values.schema.json").unwrap_or_default());
    out.extend_from_slice(b"\",\"files\":[");
    let own = tree.files().filter(|(path, _)| !path.starts_with("charts/"));
    for (path, bytes) in own.filter(|(path, _)| !matches!(*path, "Chart.yaml" | "values.yaml" | "values.schema.json")) {
        out.extend_from_slice(format!("{{\"name\":\"{path}\",\"modtime\":\"{TIME}\",\"data\":\"").as_bytes());
        push_base64(&mut out, bytes);
        out.extend_from_slice(b"\"},");
    }
    out.extend_from_slice(b"]},\"manifest\":\"");
    for (path, bytes) in tree.files().filter(|(path, _)| is_manifest(path)) {
        out.extend_from_slice(format!("---\\n# Source: {name}/{path}\\n").as_bytes());
        push_text(&mut out, bytes);
    }
    out.extend_from_slice(format!("\",\"version\":1,\"namespace\":\"{namespace}\"}}").as_bytes());
    out
}

/// Whether the file is part of what stands for the manifest.
fn is_manifest(path: &str) -> bool {
    let template = path.starts_with("templates/") || path.contains("/templates/");
    path.ends_with(".yaml") && template || path.ends_with("/values.yaml")
}

/// The inside of a JSON string, with the characters escaped that Go escapes for HTML.
fn push_text(out: &mut Vec<u8>, bytes: &[u8]) {
    for byte in bytes {
        match byte {
            b'\n' => out.extend_from_slice(b"\\n"),
            b'"' | b'\\' => out.extend_from_slice(&[b'\\', *byte]),
            b'<' | b'>' | b'&' => out.extend_from_slice(format!("\\u{byte:04x}").as_bytes()),
            _ => out.push(*byte),
        }
    }
}

fn push_base64(out: &mut Vec<u8>, bytes: &[u8]) {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for chunk in bytes.chunks(3) {
        let bits = chunk.iter().fold(0u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for place in 0..4 {
            let digit = (bits >> (18 - 6 * place) & 63) as usize;
            out.push(if place > chunk.len() { b'=' } else { DIGITS.get(digit).copied().unwrap_or(b'=') });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(input: &str, expect: &str) {
        let mut out = Vec::new();
        push_base64(&mut out, input.as_bytes());
        assert_eq!(String::from_utf8(out).unwrap(), expect, "{input}");
    }

    #[test]
    fn base64_is_that_of_rfc_4648() {
        check("", "");
        check("f", "Zg==");
        check("fo", "Zm8=");
        check("foo", "Zm9v");
        check("foobar", "Zm9vYmFy");
    }

    #[test]
    fn only_root_files_and_manifests_are_recorded() {
        // Digits of a fixed generator: compressible only by a quarter, so that sizes can be told apart.
        let noise = |seed: u32, length: usize| {
            let mut state = seed;
            let step = |_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                char::from(b'0' + (state >> 24) as u8 % 64)
            };
            (0..length).map(step).collect::<String>()
        };
        let with = |path: &str| {
            let mut tree = ChartTree::new("homelab");
            tree.insert("Chart.yaml", "name: homelab\n");
            tree.insert(path, noise(7, 90_000));
            record_size(&tree, "homelab")
        };
        let empty = with("charts/photos/crds/a.yaml");
        assert!(empty < 1_000, "{empty}");
        for path in [
            "README.md",
            "values.yaml",
            "values.schema.json",
            "charts/photos/templates/a.yaml",
            "charts/photos/values.yaml",
        ] {
            assert!((80_000..170_000).contains(&with(path)), "{path}: {}", with(path));
        }
        assert!(with("templates/a.yaml") > with("README.md") + 60_000);
    }
}
