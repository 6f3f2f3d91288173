//! Chunks of an XDF file, read leniently: a torn tail and damage in between cost only what they hit.

use super::writer::{BOUNDARY, tag};

/// One chunk: its tag, its content and where the content starts.
#[derive(Clone, Copy, Debug)]
pub struct Chunk<'a> {
    pub tag: u16,
    pub content: &'a [u8],
    pub at: usize,
}

/// What was wrong with the chunks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Damage {
    /// Byte at which the file ends inside a chunk.
    pub torn_at: Option<usize>,
    /// Stretches that hold no chunk: from byte, to byte.
    pub skipped: Vec<(usize, usize)>,
}

/// All chunks after the magic.
pub fn chunks(bytes: &[u8]) -> (Vec<Chunk<'_>>, Damage) {
    let mut found = Vec::new();
    let mut damage = Damage::default();
    let mut at = 4;
    while at < bytes.len() {
        match next(bytes, at) {
            Next::Chunk(chunk, end) => {
                found.push(chunk);
                at = end;
            }
            Next::Torn | Next::Damaged => {
                // The boundary chunk is the only place from which reading can safely go on.
                match boundary_after(bytes, at) {
                    Some(resume) => {
                        damage.skipped.push((at, resume));
                        at = resume;
                    }
                    None => {
                        damage.torn_at = Some(at);
                        break;
                    }
                }
            }
        }
    }
    (found, damage)
}

enum Next<'a> {
    Chunk(Chunk<'a>, usize),
    Torn,
    Damaged,
}

fn next(bytes: &[u8], at: usize) -> Next<'_> {
    let mut cursor = Cursor { bytes, at };
    let Some(length) = cursor.count() else {
        return if matches!(bytes.get(at), Some(1 | 4 | 8)) { Next::Torn } else { Next::Damaged };
    };
    let Some(end) = usize::try_from(length).ok().and_then(|length| cursor.at.checked_add(length)) else {
        return Next::Damaged;
    };
    if length < 2 {
        return Next::Damaged;
    }
    if end > bytes.len() {
        return Next::Torn;
    }
    let tag = u16::from_le_bytes([bytes[cursor.at], bytes[cursor.at + 1]]);
    if !(tag::FILE_HEADER..=tag::STREAM_FOOTER).contains(&tag) {
        return Next::Damaged;
    }
    Next::Chunk(Chunk { tag, content: &bytes[cursor.at + 2..end], at: cursor.at + 2 }, end)
}

/// Where the chunk after the next boundary starts.
fn boundary_after(bytes: &[u8], at: usize) -> Option<usize> {
    let rest = bytes.get(at..)?;
    rest.windows(BOUNDARY.len())
        .position(|window| window == BOUNDARY)
        .map(|found| at + found + BOUNDARY.len())
}

/// Bounded little-endian reads.
#[derive(Clone, Copy, Debug)]
pub struct Cursor<'a> {
    pub bytes: &'a [u8],
    pub at: usize,
}

impl<'a> Cursor<'a> {
    pub fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let slice = self.bytes.get(self.at..self.at.checked_add(length)?)?;
        self.at += length;
        Some(slice)
    }

    pub fn u8(&mut self) -> Option<u8> {
        self.take(1).map(|b| b[0])
    }

    pub fn u32(&mut self) -> Option<u32> {
        self.take(4).map(|b| u32::from_le_bytes([b[0], b[1], b[2], b[3]]))
    }

    pub fn f64(&mut self) -> Option<f64> {
        self.take(8).map(|b| f64::from_le_bytes([b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7]]))
    }

    /// A count in the format's variable-length form.
    pub fn count(&mut self) -> Option<u64> {
        match self.u8()? {
            1 => self.u8().map(u64::from),
            4 => self.u32().map(u64::from),
            8 => self.take(8).map(|b| u64::from_le_bytes([b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7]])),
            _ => None,
        }
    }
}
