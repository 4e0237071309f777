//! A chart tree in, the bytes of a `.tgz` out, always the same; and back, within Helm's own limits.
//!
//! Every entry is a plain file below the folder `NAME/`: mode 0644, owner 0, one time. `Chart.yaml` comes first, the
//! rest is sorted. No folder entries: Helm wants none.

use std::io::Read;
use std::io::Write;

use flate2::Compression;
use flate2::GzBuilder;
use flate2::read::MultiGzDecoder;
use tar::EntryType;
use tar::Header;

use crate::helm::ChartTree;

/// Bytes of one file that Helm still reads (Helm `pkg/chart/loader/archive`, `MaxDecompressedFileSize`).
pub const FILE_LIMIT: u64 = 5 * 1024 * 1024;
/// Bytes of the decompressed archive that Helm still reads (`MaxDecompressedChartSize`).
pub const TREE_LIMIT: u64 = 100 * 1024 * 1024;

/// The largest time that eleven octal digits hold.
const LAST_SECOND: u64 = 0o777_7777_7777;
const BLOCK: usize = 512;

/// Why bytes are no chart archive, or a tree cannot become one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ArchiveError {
    #[error("expected a gzip-compressed tar archive, found something else: {0}")]
    Format(String),
    #[error("the archive holds more than {TREE_LIMIT} bytes, which is Helm's limit")]
    TreeTooLarge,
    #[error("`{path}` has {size} bytes, Helm reads at most {FILE_LIMIT}")]
    FileTooLarge { path: String, size: u64 },
    #[error("`{0}` does not fit into a tar header: at most 100 bytes for a file and 155 for its folder")]
    PathTooLong(String),
    #[error("`{0}` is no path of a chart: expected `NAME/FILE` without `..`, `\\` and empty parts")]
    UnsafePath(String),
    #[error("`{0}` is no plain file: charts hold no links or devices")]
    NotAFile(String),
    #[error("`{path}` is outside the chart's folder `{folder}`")]
    OutsideFolder { path: String, folder: String },
    #[error("`{0}` is there twice")]
    Duplicate(String),
    #[error("`Chart.yaml` is missing")]
    NoChart,
}

/// The bytes of the archive. `seconds` is the time of every file since 1970.
pub fn pack(tree: &ChartTree, seconds: u64) -> Result<Vec<u8>, ArchiveError> {
    let first = tree.get("Chart.yaml").ok_or(ArchiveError::NoChart)?;
    let rest = tree.files().filter(|(path, _)| *path != "Chart.yaml");
    let mut blocks = Vec::with_capacity(tree.files().map(|(_, bytes)| bytes.len() + 2 * BLOCK).sum());
    for (path, bytes) in std::iter::once(("Chart.yaml", first)).chain(rest) {
        let size = bytes.len() as u64;
        if size > FILE_LIMIT {
            return Err(ArchiveError::FileTooLarge { path: path.to_owned(), size });
        }
        blocks.extend_from_slice(header(&format!("{}/{path}", tree.name), size, seconds)?.as_bytes());
        blocks.extend_from_slice(bytes);
        blocks.resize(blocks.len().next_multiple_of(BLOCK), 0);
    }
    blocks.resize(blocks.len() + 2 * BLOCK, 0);
    if blocks.len() as u64 > TREE_LIMIT {
        return Err(ArchiveError::TreeTooLarge);
    }
    // At once: many small writes take the encoder twice as long.
    compress(&blocks)
}

fn compress(blocks: &[u8]) -> Result<Vec<u8>, ArchiveError> {
    let output = Vec::with_capacity(blocks.len() / 8);
    let mut writer = GzBuilder::new().mtime(0).operating_system(255).write(output, Compression::new(6));
    writer.write_all(blocks).and_then(|()| writer.finish()).map_err(format_error)
}

fn header(path: &str, size: u64, seconds: u64) -> Result<Header, ArchiveError> {
    let mut header = Header::new_ustar();
    header.set_path(path).map_err(|_| ArchiveError::PathTooLong(path.to_owned()))?;
    header.set_entry_type(EntryType::Regular);
    header.set_mode(0o644);
    header.set_uid(0);
    header.set_gid(0);
    header.set_mtime(seconds.min(LAST_SECOND));
    header.set_size(size);
    header.set_cksum();
    Ok(header)
}

/// The tree of an archive. Stricter than Helm: one folder, no links, no path twice.
pub fn unpack(archive: &[u8]) -> Result<ChartTree, ArchiveError> {
    let mut bytes = Vec::new();
    MultiGzDecoder::new(archive).take(TREE_LIMIT + 1).read_to_end(&mut bytes).map_err(format_error)?;
    if bytes.len() as u64 > TREE_LIMIT {
        return Err(ArchiveError::TreeTooLarge);
    }
    let mut tree: Option<ChartTree> = None;
    for entry in tar::Archive::new(bytes.as_slice()).entries().map_err(format_error)? {
        let mut entry = entry.map_err(format_error)?;
        let path = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        match entry.header().entry_type() {
            EntryType::Regular | EntryType::Continuous => {}
            EntryType::Directory | EntryType::XGlobalHeader => continue,
            _ => return Err(ArchiveError::NotAFile(path)),
        }
        let (folder, file) = split(&path).ok_or_else(|| ArchiveError::UnsafePath(path.clone()))?;
        let tree = tree.get_or_insert_with(|| ChartTree::new(folder));
        if tree.name != folder {
            return Err(ArchiveError::OutsideFolder { path, folder: tree.name.clone() });
        }
        let size = entry.size();
        if size > FILE_LIMIT {
            return Err(ArchiveError::FileTooLarge { path, size });
        }
        let mut content = Vec::new();
        entry.read_to_end(&mut content).map_err(format_error)?;
        if tree.insert(file, content).is_some() {
            return Err(ArchiveError::Duplicate(path));
        }
    }
    tree.filter(|tree| tree.get("Chart.yaml").is_some()).ok_or(ArchiveError::NoChart)
}

/// The chart's folder and the file in it, when every part of the path is an ordinary name.
fn split(path: &str) -> Option<(&str, &str)> {
    let ordinary = |part: &str| !matches!(part, "" | "." | "..");
    let safe = path.split('/').all(ordinary) && !path.contains(['\\', ':', '\u{fffd}', '\0']);
    path.split_once('/').filter(|_| safe)
}

fn format_error(error: std::io::Error) -> ArchiveError {
    ArchiveError::Format(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree() -> ChartTree {
        let mut tree = ChartTree::new("homelab");
        tree.insert("Chart.yaml", "name: homelab\n");
        tree.insert("README.md", "");
        tree.insert("charts/photos/templates/deployment.yaml", "x".repeat(513));
        tree
    }

    fn check(entries: &[(&str, EntryType)], expect: &str) {
        let mut blocks = Vec::new();
        for (path, kind) in entries {
            let mut header = Header::new_ustar();
            // Written past the checks of `set_path`, which refuses what this test needs.
            header.as_mut_bytes()[..path.len()].copy_from_slice(path.as_bytes());
            header.set_entry_type(*kind);
            header.set_size(0);
            header.set_cksum();
            blocks.extend_from_slice(header.as_bytes());
        }
        blocks.resize(blocks.len() + 2 * BLOCK, 0);
        let found = unpack(&compress(&blocks).unwrap()).map(|tree| tree.name);
        assert_eq!(found.unwrap_or_else(|error| error.to_string()), expect);
    }

    #[test]
    fn a_tree_comes_back() {
        assert_eq!(unpack(&pack(&tree(), 0).unwrap()), Ok(tree()));
    }

    #[test]
    fn the_bytes_never_change() {
        let bytes = pack(&tree(), 315_532_800).unwrap();
        assert_eq!(&bytes[..10], &[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]);
        let digest = <sha2::Sha256 as sha2::Digest>::digest(&bytes);
        assert_eq!(hex::encode(digest), "f45a44b7d0b8e0324359dde0de48a8d89a1f20c412bfc1063f55be88e0aea087");
        assert_ne!(bytes, pack(&tree(), 315_532_801).unwrap());
    }

    #[test]
    fn chart_yaml_comes_first() {
        let mut bytes = Vec::new();
        MultiGzDecoder::new(pack(&tree(), 0).unwrap().as_slice()).read_to_end(&mut bytes).unwrap();
        let mut archive = tar::Archive::new(bytes.as_slice());
        let paths = archive.entries().unwrap().map(|entry| entry.unwrap().path().unwrap().display().to_string());
        let expect = ["homelab/Chart.yaml", "homelab/README.md", "homelab/charts/photos/templates/deployment.yaml"];
        assert_eq!(paths.collect::<Vec<_>>(), expect);
    }

    #[test]
    fn what_cannot_be_packed_says_why() {
        let check = |path: &str, size: usize, expect: &str| {
            let mut tree = tree();
            tree.insert(path, vec![0; size]);
            assert_eq!(pack(&tree, 0).unwrap_err().to_string(), expect);
        };
        let limit = FILE_LIMIT as usize;
        check("a", limit + 1, "`a` has 5242881 bytes, Helm reads at most 5242880");
        let long = "a".repeat(101);
        check(&long, 0, &ArchiveError::PathTooLong(format!("homelab/{long}")).to_string());
        assert_eq!(pack(&ChartTree::new("x"), 0), Err(ArchiveError::NoChart));
    }

    #[test]
    fn foreign_archives_are_read_strictly() {
        use EntryType::*;
        check(&[("a/Chart.yaml", Regular)], "a");
        check(&[("a", Directory), ("a/Chart.yaml", Regular)], "a");
        check(&[("a/b.yaml", Regular)], "`Chart.yaml` is missing");
        check(&[("a/Chart.yaml", Regular), ("b/x", Regular)], "`b/x` is outside the chart's folder `a`");
        check(&[("a/Chart.yaml", Regular), ("a/Chart.yaml", Regular)], "`a/Chart.yaml` is there twice");
        for kind in [Symlink, Link, Fifo, Char, Block] {
            check(&[("a/x", kind)], "`a/x` is no plain file: charts hold no links or devices");
        }
        for path in ["Chart.yaml", "/a/x", "a/../x", "../x", "a//x", "a/./x", "./a/x", "a\\x", "c:/x"] {
            check(&[(path, Regular)], &ArchiveError::UnsafePath(path.to_owned()).to_string());
        }
    }

    #[test]
    fn bytes_that_are_no_archive_are_an_error() {
        for bytes in [&b""[..], b"PK\x03\x04", &[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]] {
            assert!(matches!(unpack(bytes), Err(ArchiveError::Format(_) | ArchiveError::NoChart)), "{bytes:?}");
        }
        let whole = pack(&tree(), 0).unwrap();
        for length in 0..whole.len() {
            assert!(unpack(&whole[..length]).is_err(), "{length}");
        }
    }
}
