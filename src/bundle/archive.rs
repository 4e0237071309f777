//! Files in, one after another; the bytes of the archive out.

use std::io;
use std::io::Read;
use std::io::Write;

use crate::bundle::packing::Packer;
use crate::bundle::packing::Packing;
use crate::bundle::tar;

/// Writes an archive.
pub struct ArchiveWriter<W: Write> {
    output: Packer<W>,
    buffer: Vec<u8>,
}

impl<W: Write> ArchiveWriter<W> {
    pub fn new(output: W, packing: Packing) -> io::Result<Self> {
        Ok(Self { output: Packer::new(output, packing)?, buffer: vec![0; 1 << 18] })
    }

    /// A file of which all bytes are at hand.
    pub fn bytes(&mut self, path: &str, bytes: &[u8]) -> io::Result<()> {
        self.stream(path, bytes.len() as u64, &mut { bytes })
    }

    /// A file that is read while it is written; the error says when it has another size.
    pub fn stream(&mut self, path: &str, size: u64, source: &mut dyn Read) -> io::Result<()> {
        let invalid = |reason: &str| io::Error::new(io::ErrorKind::InvalidData, format!("`{path}` {reason}"));
        let header = tar::header(path, size).ok_or_else(|| invalid("does not fit into the header of an archive"))?;
        self.output.write_all(&header)?;
        let mut left = size;
        loop {
            let read = source.read(&mut self.buffer)?;
            if read as u64 > left {
                return Err(invalid(&format!("has more than the {size} bytes that it should have")));
            }
            if read == 0 {
                break;
            }
            left -= read as u64;
            self.output.write_all(self.buffer.get(..read).unwrap_or_default())?;
        }
        if left > 0 {
            return Err(invalid(&format!("has {} bytes, it should have {size}", size - left)));
        }
        self.empty(tar::padding(size))
    }

    /// What it was written to, complete.
    pub fn finish(mut self) -> io::Result<W> {
        self.empty(tar::END)?;
        self.output.finish()
    }

    fn empty(&mut self, length: u64) -> io::Result<()> {
        io::copy(&mut io::repeat(0).take(length), &mut self.output).map(|_| ())
    }
}
