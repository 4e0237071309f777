//! Tar as it is written here, in one way only: a path and a size in, the 512 bytes of the header out.
//!
//! A reader makes the header that must come next itself and compares; what stands in a file is never asked for a path.

use tar::EntryType;
use tar::Header;

/// Bytes of a header, and what content is filled up to.
pub const BLOCK: u64 = 512;
/// 2000-01-01, the time of every file.
const TIME: u64 = 946_684_800;
/// Two empty blocks end an archive.
pub const END: u64 = 2 * BLOCK;

/// The header of a plain file: mode 0644, owner 0, one time. `None` when the path does not fit into it.
pub fn header(path: &str, size: u64) -> Option<[u8; 512]> {
    let mut header = Header::new_ustar();
    header.set_path(path).ok()?;
    header.set_entry_type(EntryType::Regular);
    header.set_mode(0o644);
    header.set_uid(0);
    header.set_gid(0);
    header.set_mtime(TIME);
    header.set_size(size);
    header.set_cksum();
    Some(*header.as_bytes())
}

/// Empty bytes behind content of this size.
pub fn padding(size: u64) -> u64 {
    size.next_multiple_of(BLOCK) - size
}

/// Header, content and padding.
pub fn entry_size(size: u64) -> u64 {
    BLOCK + size.next_multiple_of(BLOCK)
}

/// What a header says, for messages: path, kind and size.
pub fn describe(header: &[u8; 512]) -> String {
    let header = Header::from_byte_slice(header);
    if header.as_ustar().is_none() && header.as_gnu().is_none() {
        return "something else than an archive".to_owned();
    }
    let path = String::from_utf8_lossy(&header.path_bytes()).escape_debug().to_string();
    let kind = match header.entry_type() {
        EntryType::Regular => "a file",
        EntryType::Symlink | EntryType::Link => "a link",
        EntryType::Directory => "a folder",
        _ => "something else than a file",
    };
    match header.entry_size() {
        Ok(size) => format!("`{path}`, {kind} of {size} bytes"),
        Err(_) => format!("`{path}`, {kind} of no readable size"),
    }
}

/// The size that a header says, if it can be read.
pub fn size(header: &[u8; 512]) -> Option<u64> {
    Header::from_byte_slice(header).entry_size().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_what_other_programs_read() {
        let bytes = header("blobs/sha256/a", 8 << 33).unwrap();
        assert_eq!(describe(&bytes), "`blobs/sha256/a`, a file of 68719476736 bytes");
        assert_eq!(size(&bytes), Some(8 << 33));
        assert_eq!(describe(&[0; 512]), "something else than an archive");
        assert!(header(&"a".repeat(300), 0).is_none());
        assert_eq!((padding(0), padding(1), padding(512), entry_size(513)), (0, 511, 0, 1536));
    }
}
