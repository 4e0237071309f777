//! One layer as it lies in a registry in; what it does to the package databases of an image out.

use std::io;
use std::io::Read;

use flate2::read::MultiGzDecoder;
use tar::Archive;
use tar::EntryType;

use crate::bundle::packing::Hashed;
use crate::oci::Descriptor;
use crate::oci::Digest;

/// Bytes of one database: ten times that of a whole desktop.
const DATABASE_LIMIT: u64 = 64 << 20;
/// Bytes of an unpacked layer.
const LAYER_LIMIT: u64 = 64 << 30;
/// The largest window of a layer packed with zstd (128 MiB), as containerd has it.
const WINDOW_LOG: u32 = 27;

/// What a layer does to the files that are looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Layer {
    /// Files and folders of lower layers that it takes away (`.wh.NAME`).
    pub removed: Vec<String>,
    /// Folders of lower layers that it empties (`.wh..wh..opq`).
    pub emptied: Vec<String>,
    pub files: Vec<(String, Content)>,
    /// Why not all of it could be looked at.
    pub unread: Option<String>,
}

/// What a layer has under a path that is looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    Bytes(Vec<u8>),
    /// It cannot be read, and why.
    Unread(&'static str),
}

/// Whether a path can hold packages, or say which system it is.
fn is_wanted(path: &str) -> bool {
    const FILES: &[&str] = &[
        super::dpkg::STATUS,
        "lib/apk/db/installed",
        "usr/lib/apk/db/installed",
        "etc/os-release",
        "usr/lib/os-release",
    ];
    FILES.contains(&path)
        || super::dpkg::is_status_file(path)
        || super::inventory::UNREADABLE.iter().any(|(start, _)| path.starts_with(start))
}

/// Looks through a layer. The digest is that of all bytes that `source` gave; an error is that of reading them.
pub fn scan(descriptor: &Descriptor, source: impl Read) -> io::Result<(Layer, Digest, u64)> {
    let mut hashed = Hashed::new(source);
    let mut layer = Layer::default();
    let kind = descriptor.media_type.as_str();
    // Both are read through the reader that hashes, which keeps an error of reading apart from a broken archive.
    let mut failing = Failing { inner: &mut hashed, error: None };
    let outcome = match kind {
        _ if !kind.contains("tar") => Err(io::Error::other(format!("its media type is `{kind}`"))),
        _ if kind.contains("encrypted") => Err(io::Error::other("it is encrypted")),
        _ if kind.ends_with("gzip") => read(MultiGzDecoder::new(&mut failing), &mut layer),
        _ if kind.ends_with("zstd") => zstd::Decoder::new(&mut failing).and_then(|mut decoder| {
            decoder.window_log_max(WINDOW_LOG)?;
            read(decoder, &mut layer)
        }),
        _ => read(&mut failing, &mut layer),
    };
    if let Some(error) = failing.error {
        return Err(error);
    }
    layer.unread = outcome.err().map(|error| error.to_string());
    io::copy(&mut hashed, &mut io::sink())?;
    let (digest, size) = hashed.finish();
    Ok((layer, digest, size))
}

/// Keeps the first error of reading.
struct Failing<'a, R> {
    inner: &'a mut R,
    error: Option<io::Error>,
}

impl<R: Read> Read for Failing<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.inner.read(buffer).map_err(|error| {
            let again = io::Error::new(error.kind(), error.to_string());
            self.error.get_or_insert(error);
            again
        })
    }
}

fn read(source: impl Read, layer: &mut Layer) -> io::Result<()> {
    let mut limited = source.take(LAYER_LIMIT);
    let mut archive = Archive::new(&mut limited);
    for entry in archive.entries()? {
        let mut entry = entry?;
        let path = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        let path = plain(&path);
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", &path));
        if name == ".wh..wh..opq" {
            layer.emptied.push(folder.to_owned());
        } else if let Some(gone) = name.strip_prefix(".wh.") {
            let gone = if folder.is_empty() { gone.to_owned() } else { format!("{folder}/{gone}") };
            layer.removed.push(gone);
        } else if is_wanted(&path) {
            let content = match entry.header().entry_type() {
                EntryType::Directory => continue,
                EntryType::Regular | EntryType::Continuous if entry.size() <= DATABASE_LIMIT => {
                    let mut bytes = Vec::new();
                    entry.read_to_end(&mut bytes)?;
                    Content::Bytes(bytes)
                }
                EntryType::Regular | EntryType::Continuous => Content::Unread("it is too large"),
                _ => Content::Unread("it is a link"),
            };
            layer.files.retain(|(there, _)| *there != path);
            layer.files.push((path, content));
        }
    }
    match limited.limit() {
        0 => Err(io::Error::other(format!("it unpacks to more than {LAYER_LIMIT} bytes"))),
        _ => Ok(()),
    }
}

/// The path without `./`, `/` in front and doubled slashes.
fn plain(path: &str) -> String {
    let parts: Vec<&str> = path.split('/').filter(|part| !matches!(*part, "" | ".")).collect();
    parts.join("/")
}

#[cfg(test)]
pub mod tests {
    use std::io::Write;

    use super::*;

    /// A layer of these files; a text `-> PATH` is a symbolic link.
    pub fn archive(files: &[(&str, &str)]) -> Vec<u8> {
        let mut builder = tar::Builder::new(Vec::new());
        for (path, text) in files {
            let mut header = tar::Header::new_gnu();
            // Past the checks of `set_path`, which refuses what other programs write.
            header.as_mut_bytes()[..path.len()].copy_from_slice(path.as_bytes());
            let target = text.strip_prefix("-> ");
            let content = if target.is_some() { "" } else { text };
            header.set_entry_type(if target.is_some() { EntryType::Symlink } else { EntryType::Regular });
            header.set_size(content.len() as u64);
            header.set_cksum();
            builder.append(&header, content.as_bytes()).unwrap();
        }
        builder.into_inner().unwrap()
    }

    fn check(kind: &str, bytes: &[u8], expect: &Layer) {
        let descriptor = Descriptor::of(&format!("application/vnd.oci.image.layer.v1.{kind}"), bytes);
        let (layer, digest, size) = scan(&descriptor, bytes).unwrap();
        assert_eq!((&layer, digest, size), (expect, descriptor.digest, bytes.len() as u64), "{kind}");
    }

    #[test]
    fn a_layer_is_read_however_it_is_packed() {
        let bytes = archive(&[
            ("./etc/os-release", "ID=debian\n"),
            ("var/lib/dpkg/.wh.status", ""),
            ("lib/apk/.wh..wh..opq", ""),
            (".wh.srv", ""),
            ("bin/sh", "#!"),
            ("/lib/apk/db/installed", "-> ../x"),
        ]);
        let expect = Layer {
            removed: vec!["var/lib/dpkg/status".to_owned(), "srv".to_owned()],
            emptied: vec!["lib/apk".to_owned()],
            files: vec![
                ("etc/os-release".to_owned(), Content::Bytes(b"ID=debian\n".to_vec())),
                ("lib/apk/db/installed".to_owned(), Content::Unread("it is a link")),
            ],
            unread: None,
        };
        check("tar", &bytes, &expect);
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gzip.write_all(&bytes).unwrap();
        check("tar+gzip", &gzip.finish().unwrap(), &expect);
        check("tar+zstd", &zstd::encode_all(&bytes[..], 1).unwrap(), &expect);
    }

    #[test]
    fn what_cannot_be_read_says_so_and_is_hashed_all_the_same() {
        let unread = |reason: &str| Layer { unread: Some(reason.to_owned()), ..Layer::default() };
        check("tar+gzip", b"no gzip at all", &unread("invalid gzip header"));
        check("sif", b"", &unread("its media type is `application/vnd.oci.image.layer.v1.sif`"));
        check("tar+gzip+encrypted", b"?", &unread("it is encrypted"));
    }

    #[test]
    fn an_error_of_reading_is_one() {
        struct Broken;
        impl Read for Broken {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                Err(io::Error::other("the disk is gone"))
            }
        }
        let descriptor = Descriptor::of("application/vnd.oci.image.layer.v1.tar+gzip", b"");
        assert_eq!(scan(&descriptor, Broken).unwrap_err().to_string(), "the disk is gone");
    }
}
