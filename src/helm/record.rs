//! A chart tree and what it renders to in, the size of the release record that Helm will keep in a Secret out.
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

/// Bytes of a release that are compressed as Helm compresses them, however far the limit is.
const EXACTLY: usize = 512 * 1024;

/// The kinds in the order in which Helm writes them, what is not here in the end (Helm `pkg/release/v1/util/kind_sorter.go`).
const KINDS: [&str; 22] = [
    "Namespace",
    "NetworkPolicy",
    "PodDisruptionBudget",
    "ServiceAccount",
    "Secret",
    "ConfigMap",
    "StorageClass",
    "PersistentVolume",
    "PersistentVolumeClaim",
    "ClusterRole",
    "ClusterRoleBinding",
    "Role",
    "RoleBinding",
    "Service",
    "DaemonSet",
    "Pod",
    "Deployment",
    "StatefulSet",
    "Job",
    "CronJob",
    "MutatingWebhookConfiguration",
    "ValidatingWebhookConfiguration",
];

/// One rendered object.
#[derive(Clone, Debug)]
pub struct Manifest {
    pub kind: String,
    /// The template in the chart's folder.
    pub path: String,
    /// The object as YAML.
    pub text: String,
}

/// Bytes that the Secret of a release of this chart holds: within 2 % near the limit and for charts of a home, and at most
/// that many where a chart is large and the limit is far, which only a fast encoder estimates.
pub fn record_size(tree: &ChartTree, namespace: &str, manifests: &[Manifest]) -> usize {
    let json = release(tree, namespace, manifests);
    if json.len() <= EXACTLY {
        return secret_size(&json, Compression::best());
    }
    let estimate = secret_size(&json, Compression::fast());
    if estimate < RECORD_LIMIT / 2 { estimate } else { secret_size(&json, Compression::best()) }
}

fn secret_size(json: &[u8], level: Compression) -> usize {
    let mut encoder = GzEncoder::new(Vec::with_capacity(json.len() / 8), level);
    // Writing to memory cannot fail.
    let written = encoder.write_all(json).and_then(|()| encoder.finish()).map_or(json.len(), |bytes| bytes.len());
    written.div_ceil(3) * 4
}

/// The release as Go's JSON encoder writes it, as far as its size depends on the chart.
fn release(tree: &ChartTree, namespace: &str, manifests: &[Manifest]) -> Vec<u8> {
    const TIME: &str = "2026-01-02T03:04:05.123456789Z";
    let name = &tree.name;
    let mut out = Vec::with_capacity(manifests.iter().map(|manifest| manifest.text.len() * 9 / 8).sum());
    let info =
        format!("\"first_deployed\":\"{TIME}\",\"last_deployed\":\"{TIME}\",\"deleted\":\"\",\"status\":\"deployed\"");
    out.extend_from_slice(format!("{{\"name\":\"{name}\",\"info\":{{{info},\"notes\":\"").as_bytes());
    push_text(&mut out, tree.get("templates/NOTES.txt").unwrap_or_default());
    out.extend_from_slice(b"\"},\"chart\":{\"metadata\":\"");
    push_text(&mut out, tree.get("Chart.yaml").unwrap_or_default());
    out.extend_from_slice(b"\",\"lock\":null,\"values\":\"");
    // Helm keeps what it has read: no comments.
    let values = tree.get("values.yaml").unwrap_or_default().split_inclusive(|byte| *byte == b'\n');
    for line in values.filter(|line| !line.trim_ascii_start().starts_with(b"#")) {
        push_text(&mut out, line);
    }
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
    let place = |kind: &str| KINDS.iter().position(|known| *known == kind).unwrap_or(KINDS.len());
    let mut sorted: Vec<&Manifest> = manifests.iter().collect();
    sorted.sort_by_cached_key(|manifest| (place(&manifest.kind), manifest.kind.as_str(), manifest.path.as_str()));
    for manifest in sorted {
        out.extend_from_slice(format!("---\\n# Source: {name}/{}\\n", manifest.path).as_bytes());
        push_text(&mut out, manifest.text.as_bytes());
    }
    out.extend_from_slice(format!("\",\"version\":1,\"namespace\":\"{namespace}\"}}").as_bytes());
    out
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
            record_size(&tree, "homelab", &[])
        };
        for path in ["charts/photos/crds/a.yaml", "charts/photos/values.yaml", "charts/photos/templates/a.yaml"] {
            assert!(with(path) < 1_000, "{path}: {}", with(path));
        }
        for path in ["README.md", "templates/a.yaml", "values.yaml", "values.schema.json"] {
            assert!((80_000..170_000).contains(&with(path)), "{path}: {}", with(path));
        }
        let text = noise(7, 90_000);
        let manifest = Manifest { kind: "Job".into(), path: "charts/photos/templates/a.yaml".into(), text };
        let size = record_size(&ChartTree::new("homelab"), "homelab", &[manifest]);
        assert!((80_000..170_000).contains(&size), "{size}");
    }
}
