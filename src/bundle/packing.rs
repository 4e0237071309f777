//! The bytes of a bundle, plain or packed with zstd: what is written in, the file out; and back, with every byte checked.
//!
//! A packed bundle is one frame and behind it a frame that every reader skips, with the SHA-256 of the first one: not every
//! bit of a zstd frame changes what it unpacks to, and a changed bit must be found all the same.

use std::io;
use std::io::BufReader;
use std::io::Chain;
use std::io::Cursor;
use std::io::Read;
use std::io::Take;
use std::io::Write;
use std::num::NonZero;

use zstd::Decoder;
use zstd::Encoder;

use crate::bundle::error::BundleError;
use crate::bundle::error::damaged;
use crate::bundle::error::unsound;
use crate::oci::Digest;
use crate::oci::Hasher;

/// How the file is packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Packing {
    Plain,
    Zstd,
}

/// Layers are compressed already: more effort gains nothing.
const LEVEL: i32 = 3;
/// The largest window that K3s unpacks (32 MiB, K3s `pkg/untar`, `MaxDecoderMemory`).
const WINDOW_LOG: u32 = 25;
/// The first bytes of a zstd frame, and of one that is skipped (RFC 8878, 3.1).
const MAGIC: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];
const SKIPPED: [u8; 4] = [0x5b, 0x2a, 0x4d, 0x18];
/// Magic, length, 64 digits.
const TRAILER: usize = 72;
/// No layer shrinks as much by being packed once more; whatever does is made to fill disks.
const LARGEST_RATIO: u64 = 256;
/// Whatever the ratio.
const SMALL: u64 = 64 << 20;

/// Packs what is written to it.
pub enum Packer<W: Write> {
    Plain(W),
    Zstd(Box<Encoder<'static, Hashed<W>>>),
}

impl<W: Write> Packer<W> {
    pub fn new(output: W, packing: Packing) -> io::Result<Self> {
        if packing == Packing::Plain {
            return Ok(Self::Plain(output));
        }
        let mut encoder = Encoder::new(Hashed::new(output), LEVEL)?;
        encoder.include_checksum(true)?;
        // With one thread or many of them the bytes are the same, without any they are others (zstd.h, `nbWorkers`).
        let threads = std::thread::available_parallelism().map_or(1, NonZero::get);
        encoder.multithread(u32::try_from(threads).unwrap_or(1))?;
        Ok(Self::Zstd(Box::new(encoder)))
    }

    /// What it was written to, complete.
    pub fn finish(self) -> io::Result<W> {
        match self {
            Self::Plain(output) => Ok(output),
            Self::Zstd(encoder) => {
                let Hashed { inner: mut output, hasher, .. } = encoder.finish()?;
                output.write_all(&trailer(&hasher.finish()))?;
                Ok(output)
            }
        }
    }
}

impl<W: Write> Write for Packer<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Plain(output) => output.write(bytes),
            Self::Zstd(encoder) => encoder.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(output) => output.flush(),
            Self::Zstd(encoder) => encoder.flush(),
        }
    }
}

fn trailer(digest: &Digest) -> Vec<u8> {
    let digits = digest.hex();
    [&SKIPPED[..], &(digits.len() as u32).to_le_bytes(), digits.as_bytes()].concat()
}

/// Counts and hashes what passes.
pub struct Hashed<T> {
    inner: T,
    hasher: Hasher,
    count: u64,
}

impl<T> Hashed<T> {
    pub fn new(inner: T) -> Self {
        Self { inner, hasher: Hasher::default(), count: 0 }
    }

    /// The digest of what passed, and how many bytes.
    pub fn finish(self) -> (Digest, u64) {
        (self.hasher.finish(), self.count)
    }

    fn passed(&mut self, bytes: &[u8]) {
        self.hasher.update(bytes);
        self.count += bytes.len() as u64;
    }
}

impl<R: Read> Read for Hashed<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.passed(buffer.get(..read).unwrap_or_default());
        Ok(read)
    }
}

impl<W: Write> Write for Hashed<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(bytes)?;
        self.passed(bytes.get(..written).unwrap_or_default());
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

type Raw = Chain<Cursor<Vec<u8>>, Box<dyn Read + Send>>;

/// Unpacks a file as it is read.
pub enum Unpacker {
    Plain(Raw),
    Zstd { decoder: Box<Decoder<'static, BufReader<Hashed<Take<Raw>>>>>, unpacked: u64 },
}

impl Unpacker {
    /// A file of this size; its first bytes say how it is packed.
    pub fn new(mut file: Box<dyn Read + Send>, size: u64) -> io::Result<Self> {
        let mut start = Vec::new();
        file.by_ref().take(MAGIC.len() as u64).read_to_end(&mut start)?;
        let is_packed = start == MAGIC;
        let raw = Cursor::new(start).chain(file);
        if !is_packed {
            return Ok(Self::Plain(raw));
        }
        let frame = raw.take(size.saturating_sub(TRAILER as u64));
        let mut decoder = Decoder::with_buffer(BufReader::with_capacity(1 << 17, Hashed::new(frame)))?.single_frame();
        decoder.window_log_max(WINDOW_LOG)?;
        Ok(Self::Zstd { decoder: Box::new(decoder), unpacked: 0 })
    }

    pub fn packing(&self) -> Packing {
        match self {
            Self::Plain(_) => Packing::Plain,
            Self::Zstd { .. } => Packing::Zstd,
        }
    }

    /// Whether the file ends here, with nothing behind it that does not belong there.
    pub fn finish(mut self) -> Result<(), BundleError> {
        if self.read(&mut [0]).map_err(damaged)? != 0 {
            return unsound("there is more behind the end of the archive");
        }
        let Self::Zstd { decoder, .. } = self else { return Ok(()) };
        let mut buffer = decoder.finish();
        if buffer.read(&mut [0]).map_err(damaged)? != 0 {
            return unsound("there is more behind the end of the compressed data");
        }
        let Hashed { inner: frame, hasher, .. } = buffer.into_inner();
        let mut rest = Vec::new();
        frame.into_inner().take(TRAILER as u64 + 1).read_to_end(&mut rest)?;
        if rest != trailer(&hasher.finish()) {
            return unsound("the compressed data is not what was written: its own checksum differs");
        }
        Ok(())
    }
}

impl Read for Unpacker {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(raw) => raw.read(buffer),
            Self::Zstd { decoder, unpacked } => {
                let damaged = |error: io::Error| {
                    let reason = format!("the compressed data is damaged: {error}");
                    io::Error::new(io::ErrorKind::InvalidData, reason)
                };
                let read = decoder.read(buffer).map_err(damaged)?;
                *unpacked += read as u64;
                let packed = decoder.get_ref().get_ref().count;
                if *unpacked > SMALL + LARGEST_RATIO * packed {
                    let reason = format!("{packed} compressed bytes unpack to more than {unpacked}: no bundle does");
                    return Err(io::Error::new(io::ErrorKind::InvalidData, reason));
                }
                Ok(read)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packed(text: &[u8], packing: Packing) -> Vec<u8> {
        let mut packer = Packer::new(Vec::new(), packing).unwrap();
        packer.write_all(text).unwrap();
        packer.finish().unwrap()
    }

    fn unpacked(bytes: &[u8]) -> Result<Vec<u8>, BundleError> {
        let mut unpacker = Unpacker::new(Box::new(Cursor::new(bytes.to_vec())), bytes.len() as u64)?;
        let mut text = Vec::new();
        unpacker.read_to_end(&mut text)?;
        unpacker.finish().map(|()| text)
    }

    #[test]
    fn what_was_packed_comes_back() {
        let text: Vec<u8> = (0..300_000u32).flat_map(u32::to_le_bytes).collect();
        for packing in [Packing::Plain, Packing::Zstd] {
            assert_eq!(unpacked(&packed(&text, packing)).unwrap(), text);
        }
    }

    /// Of some of these bits zstd itself takes no notice.
    #[test]
    fn a_changed_bit_of_packed_data_is_found_wherever_it_is() {
        let bytes = packed(b"a text that is a text that is a text, and then some: 0123456789", Packing::Zstd);
        for at in 0..bytes.len() * 8 {
            let mut changed = bytes.clone();
            changed[at / 8] ^= 1 << (at % 8);
            if changed[..4] == MAGIC {
                assert!(unpacked(&changed).is_err(), "bit {at}");
            }
        }
        for length in 4..bytes.len() {
            assert!(unpacked(&bytes[..length]).is_err(), "{length}");
        }
        assert!(unpacked(&[&bytes[..], b"x"].concat()).is_err());
        assert!(unpacked(&[&bytes[..], &bytes[..]].concat()).is_err());
    }

    #[test]
    fn a_bomb_does_not_go_off() {
        let bytes = packed(&vec![0; SMALL as usize * 2], Packing::Zstd);
        let error = unpacked(&bytes).unwrap_err().to_string();
        assert!(error.contains("unpack to more than"), "{error}");
    }
}
