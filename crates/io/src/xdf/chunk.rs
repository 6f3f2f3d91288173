//! Chunks of an XDF file, read leniently and one at a time: a torn tail and damage in between cost only what they hit, and no
//! more of the file is in memory than one chunk.

use super::writer::{BOUNDARY, tag};
use crate::error::Error;
use crate::input::Input;

/// Bytes that are read at once where chunks are small.
const WINDOW: usize = 1 << 20;

/// One chunk: its tag, its content and where in the file the content starts.
#[derive(Clone, Copy, Debug)]
pub struct Chunk<'w> {
    pub tag: u16,
    pub content: &'w [u8],
    pub at: u64,
}

/// What was wrong with the chunks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Damage {
    /// Byte at which the file ends inside a chunk.
    pub torn_at: Option<u64>,
    /// Stretches that hold no chunk: from byte, to byte.
    pub skipped: Vec<(u64, u64)>,
}

/// Goes through the chunks after the magic.
#[derive(Debug)]
pub struct Chunks<'i, 'a> {
    input: &'i Input<'a>,
    window: Vec<u8>,
    window_at: u64,
    at: u64,
    pub damage: Damage,
}

/// What stands at a place.
enum Found {
    /// Length of its head (length field and tag), length of the content, tag.
    Chunk(u64, u64, u16),
    Torn,
    Damaged,
}

impl<'i, 'a> Chunks<'i, 'a> {
    pub fn new(input: &'i Input<'a>) -> Self {
        Self { input, window: Vec::new(), window_at: 0, at: 4, damage: Damage::default() }
    }

    /// The next chunk; `None` at the end or where nothing readable follows.
    pub fn next(&mut self) -> Result<Option<Chunk<'_>>, Error> {
        while self.at < self.input.len() {
            match self.look()? {
                Found::Chunk(head, length, tag) => {
                    let content = self.at + head;
                    self.at = content + length;
                    self.load(content, length as usize)?;
                    let from = (content - self.window_at) as usize;
                    let to = from + length as usize;
                    if to > self.window.len() {
                        // Somebody cuts the file while it is read.
                        self.damage.torn_at = Some(content - head);
                        self.at = self.input.len();
                        return Ok(None);
                    }
                    return Ok(Some(Chunk { tag, content: &self.window[from..to], at: content }));
                }
                Found::Torn | Found::Damaged => match self.boundary()? {
                    // The boundary chunk is the only place from which reading can safely go on.
                    Some(resume) => {
                        self.damage.skipped.push((self.at, resume));
                        self.at = resume;
                    }
                    None => {
                        self.damage.torn_at = Some(self.at);
                        self.at = self.input.len();
                    }
                },
            }
        }
        Ok(None)
    }

    /// Makes the window hold `length` bytes from `at` on, as far as the file goes.
    fn load(&mut self, at: u64, length: usize) -> Result<(), Error> {
        let end = self.window_at + self.window.len() as u64;
        if at < self.window_at || at + length as u64 > end.min(self.input.len()) {
            let left = usize::try_from(self.input.len() - at).unwrap_or(usize::MAX);
            self.window.resize(length.max(WINDOW).min(left), 0);
            self.window_at = at;
            let read = self.input.read_at(at, &mut self.window)?;
            self.window.truncate(read);
        }
        Ok(())
    }

    fn look(&mut self) -> Result<Found, Error> {
        let left = self.input.len() - self.at;
        self.load(self.at, left.min(11) as usize)?;
        let from = (self.at - self.window_at) as usize;
        let mut cursor = Cursor { bytes: &self.window, at: from };
        let Some(length) = cursor.count() else {
            let begun = matches!(self.window.get(from), Some(1 | 4 | 8));
            return Ok(if begun { Found::Torn } else { Found::Damaged });
        };
        let field = (cursor.at - from) as u64;
        if length < 2 {
            return Ok(Found::Damaged);
        }
        if length > left - field {
            return Ok(Found::Torn);
        }
        let Some(tag) = cursor.take(2).map(|b| u16::from_le_bytes([b[0], b[1]])) else {
            return Ok(Found::Torn);
        };
        if !(tag::FILE_HEADER..=tag::STREAM_FOOTER).contains(&tag) {
            return Ok(Found::Damaged);
        }
        Ok(Found::Chunk(field + 2, length - 2, tag))
    }

    /// Where the chunk after the next boundary starts.
    fn boundary(&mut self) -> Result<Option<u64>, Error> {
        let mut at = self.at;
        while at < self.input.len() {
            let left = usize::try_from(self.input.len() - at).unwrap_or(usize::MAX);
            self.load(at, WINDOW.min(left))?;
            let from = (at - self.window_at) as usize;
            let rest = &self.window[from..];
            if let Some(found) = rest.windows(BOUNDARY.len()).position(|window| window == BOUNDARY) {
                return Ok(Some(at + (found + BOUNDARY.len()) as u64));
            }
            // A boundary may lie across the edge of the window.
            at += rest.len().saturating_sub(BOUNDARY.len() - 1).max(1) as u64;
        }
        Ok(None)
    }
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
