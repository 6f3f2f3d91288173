//! The chunks of a RIFF file: format, data, calibration.

use super::OURS;
use crate::error::{Blame, Error, Position};
use crate::text::latin;
use std::ops::Range;
use surae_trial::Note;

/// How samples are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coding {
    /// Unsigned, zero at 128.
    U8,
    I16,
    I24,
    I32,
    F32,
    F64,
}

impl Coding {
    pub fn bytes(self) -> usize {
        match self {
            Self::U8 => 1,
            Self::I16 => 2,
            Self::I24 => 3,
            Self::I32 | Self::F32 => 4,
            Self::F64 => 8,
        }
    }
}

/// What the chunks say.
#[derive(Clone, Debug, PartialEq)]
pub struct Wave {
    pub coding: Coding,
    pub channels: usize,
    pub rate_hz: u32,
    /// Bytes from one frame to the next.
    pub frame_bytes: usize,
    pub data: Range<usize>,
    /// LIST/INFO entries by their four letters.
    pub info: Vec<(String, String)>,
    /// The document in Surae's own chunk.
    pub ours: Option<String>,
}

const CUT: &str = "the file was cut while it was written or copied; copy it again";

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(bytes.get(at..at + 2)?.try_into().ok()?))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    Some(u64::from_le_bytes(bytes.get(at..at + 8)?.try_into().ok()?))
}

pub fn parse(bytes: &[u8], blame: &Blame<'_>, notes: &mut Vec<Note>) -> Result<Wave, Error> {
    let mut format = None;
    let mut data = None;
    let mut long_data = None;
    let mut info = Vec::new();
    let mut ours = None;
    let mut at = 12;
    while let (Some(id), Some(size)) = (bytes.get(at..at + 4), u32_at(bytes, at + 4)) {
        let body = at + 8;
        let mut end = body.saturating_add(size as usize);
        match id {
            b"ds64" => long_data = u64_at(bytes, body + 8),
            b"fmt " => format = Some(coding(bytes, body..end.min(bytes.len()), blame)?),
            b"data" => {
                end = data_end(bytes, body, size, long_data, notes);
                data = Some(body..end);
            }
            b"LIST" if bytes.get(body..body + 4) == Some(b"INFO") => {
                info = entries(&bytes[body + 4..end.min(bytes.len()).max(body + 4)]);
            }
            id if id == OURS => {
                let text = &bytes[body..end.min(bytes.len()).max(body)];
                ours = std::str::from_utf8(text).ok().map(|t| t.trim_end_matches('\0').to_owned());
            }
            _ => {}
        }
        if end >= bytes.len() {
            break;
        }
        // Chunks begin at even bytes; writers that forget the padding are met.
        let padded = end + (end & 1);
        let named =
            |at: usize| bytes.get(at..at + 4).is_some_and(|id| id.iter().all(|b| (0x20..0x7f).contains(b)));
        at = if !named(padded) && named(end) { end } else { padded };
    }
    let Some((coding, channels, rate_hz, frame_bytes)) = format else {
        let what = "no format chunk ('fmt ')";
        return Err(blame.malformed(Position::Byte(12), what, CUT));
    };
    let Some(data) = data else {
        return Err(blame.malformed(Position::Byte(at as u64), "no data chunk", CUT));
    };
    Ok(Wave { coding, channels, rate_hz, frame_bytes, data, info, ours })
}

/// Where the data end: a size of 0 or of all ones was never filled in, one beyond the file is of a cut file.
fn data_end(bytes: &[u8], body: usize, size: u32, long: Option<u64>, notes: &mut Vec<Note>) -> usize {
    let stated = match (size, long) {
        (u32::MAX, Some(long)) => long,
        _ => u64::from(size),
    };
    let there = (bytes.len() - body) as u64;
    // An empty recording may still be followed by its calibration.
    let followed = bytes
        .get(body..body + 4)
        .is_some_and(|id| [b"LIST", b"fact", b"bext", b"cue ", OURS].iter().any(|known| *known == id));
    let unfilled =
        (stated == 0 && there > 0 && !followed) || (size == u32::MAX && long.is_none_or(|l| l == 0));
    if unfilled {
        let text = format!(
            "the size of the data was never written (the recorder did not finish): the {there} bytes to the end of the file are read"
        );
        notes.push(Note::warning("wav_sizes", text));
        return bytes.len();
    }
    if stated > there {
        let text =
            format!("the header states {stated} bytes of data, the file holds {there}: the rest is lost");
        notes.push(Note::warning("wav_cut", text));
        return bytes.len();
    }
    body + stated as usize
}

/// Coding, channels, rate and bytes of a frame.
fn coding(bytes: &[u8], body: Range<usize>, blame: &Blame<'_>) -> Result<(Coding, usize, u32, usize), Error> {
    let at = Position::Byte(body.start as u64);
    let chunk = &bytes[body.start.min(body.end)..body.end];
    let field = |at: usize| u16_at(chunk, at).map(usize::from);
    let (Some(mut kind), Some(channels), Some(rate_hz), Some(stated), Some(bits)) =
        (field(0), field(2), u32_at(chunk, 4), field(12), field(14))
    else {
        return Err(blame.malformed(at, "the format chunk is cut", CUT));
    };
    if kind == 0xfffe {
        // The first two bytes of the sub-format's identifier are the kind.
        kind = field(24).unwrap_or(kind);
    }
    let coding = match (kind, bits) {
        (1, 8) => Coding::U8,
        (1, 16) => Coding::I16,
        (1, 24) => Coding::I24,
        (1, 32) => Coding::I32,
        (3, 32) => Coding::F32,
        (3, 64) => Coding::F64,
        _ => {
            let what = format!("audio of kind {kind} with {bits} bits (compressed or rare)");
            let todo = "convert it to 16-bit or 32-bit float PCM without compression, which loses what was compressed away";
            return Err(blame.unsupported(at, what, todo));
        }
    };
    if channels == 0 || channels > surae_trial::SessionLayout::MAX_CHANNELS {
        return Err(blame.limit(at, format!("{channels} channels"), "1 to 1024 channels"));
    }
    if rate_hz == 0 || rate_hz > 10_000_000 {
        let what = format!("a rate of {rate_hz} Hz");
        return Err(blame.malformed(at, what, "correct the header, or export it again"));
    }
    let least = channels * coding.bytes();
    let frame_bytes = if stated >= least { stated } else { least };
    Ok((coding, channels, rate_hz, frame_bytes))
}

/// Entries of LIST/INFO.
fn entries(bytes: &[u8]) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut at = 0;
    while let (Some(id), Some(size)) = (bytes.get(at..at + 4), u32_at(bytes, at + 4)) {
        let body = at + 8;
        let end = body.saturating_add(size as usize).min(bytes.len());
        found.push((latin(id), latin(&bytes[body..end])));
        at = end + (end & 1);
    }
    found
}
