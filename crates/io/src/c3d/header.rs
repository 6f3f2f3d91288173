//! The 512-byte header, and which processor wrote the file.

use super::number::{Bytes, Processor};
use crate::error::{Blame, Error, Position};

/// Header words that Surae uses; counts and frames are those of the header, parameters may correct them.
#[derive(Clone, Debug)]
pub struct Header {
    /// Offset of the parameter section.
    pub parameters_at: usize,
    /// Offset of the data section; 0 when not stated.
    pub data_at: usize,
    pub points: usize,
    /// Analog values per point frame: channels times samples.
    pub analog_per_frame: usize,
    pub analog_samples: usize,
    pub first_frame: u16,
    pub last_frame: u16,
    /// Negative: the data section holds floats.
    pub scale: f32,
    pub rate_hz: f32,
    /// Events of the header: time in s, label of up to four characters.
    pub events: Vec<(f32, String)>,
}

const BLOCK: usize = 512;

/// True when the bytes start like a C3D file (second byte 0x50, a plausible parameter block).
pub fn looks_like_c3d(bytes: &[u8]) -> bool {
    bytes.len() >= 2 && bytes[1] == 0x50 && bytes[0] >= 1
}

/// Reads the header; numbers are in the order of the processor named by the parameter section.
pub fn read<'a>(bytes: &'a [u8], blame: &Blame<'_>) -> Result<(Header, Bytes<'a>), Error> {
    const AGAIN: &str = "copy or export the file again";
    if bytes.len() < BLOCK {
        let what = format!("the file ends after {} bytes, inside the 512-byte header", bytes.len());
        return Err(blame.malformed(Position::Byte(bytes.len() as u64), what, AGAIN));
    }
    // A block number of 0 is damage: what stands there has no processor code.
    let parameters_at = usize::from(bytes[0]).saturating_sub(1) * BLOCK;
    let Some(code) = bytes.get(parameters_at + 3).copied() else {
        let what = format!("the file ends at {} before its parameter section", bytes.len());
        return Err(blame.malformed(Position::Byte(parameters_at as u64), what, AGAIN));
    };
    let processor = Processor::from_code(code).ok_or_else(|| {
        blame.malformed(
            Position::Byte(parameters_at as u64 + 3),
            format!("processor code {code} is not 84 (Intel), 85 (DEC) or 86 (MIPS)"),
            "the file is damaged or not a C3D; export it again",
        )
    })?;
    let data = Bytes { all: bytes, processor };
    let word = |number: usize| data.u16((number - 1) * 2).unwrap_or(0);
    let float = |number: usize| data.f32((number - 1) * 2).unwrap_or(0.0);
    let data_block = usize::from(word(9));
    let header = Header {
        parameters_at,
        data_at: data_block.saturating_sub(1) * BLOCK,
        points: usize::from(word(2)),
        analog_per_frame: usize::from(word(3)),
        analog_samples: usize::from(word(10)),
        first_frame: word(4),
        last_frame: word(5),
        scale: float(7),
        rate_hz: float(11),
        events: events(&data, word(150), word(151)),
    };
    Ok((header, data))
}

/// Events stored in the header (words 150-234), with the key 12345 for labels of four characters.
fn events(data: &Bytes<'_>, key: u16, count: u16) -> Vec<(f32, String)> {
    if key != 12345 {
        return Vec::new();
    }
    (0..usize::from(count).min(18))
        .filter_map(|k| {
            let time = data.f32(152 * 2 + 4 * k)?;
            let label = data.slice(198 * 2 + 4 * k, 4)?;
            let label = crate::text::latin(label);
            time.is_finite().then_some((time, label))
        })
        .collect()
}
