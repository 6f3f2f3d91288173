//! Upside Down Labs Chords boards: `C7 7C`, a counter, one unsigned 16-bit value a channel, `01`.
//!
//! The converters have 10 to 16 bits and no anti-alias filter, and most boards sample at 250 or 500 Hz: EMG is covered to half of
//! that only. Commands end with a line feed; any byte may stop a running board, which answers about a second late.

use super::bytes::whole;
use super::framer::{Framer, Shape};
use super::{Counts, Decode, Frame, Item};

/// Most channels of a known board.
pub const MAX_CHANNELS: usize = 16;

/// One kind of board, as its firmware names itself.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Board {
    /// The line that answers `WHORU`.
    pub id: &'static str,
    /// Sampling rate.
    pub rate_hz: f64,
    /// Channels of a frame.
    pub channels: usize,
    /// Bits of the converter.
    pub bits: u8,
}

const fn board(id: &'static str, rate_hz: f64, channels: usize, bits: u8) -> Board {
    Board { id, rate_hz, channels, bits }
}

/// The boards that the Chords firmware knows (its sources, and the web client's table).
pub const BOARDS: [Board; 14] = [
    board("UNO-R3", 250.0, 6, 10),
    board("UNO-CLONE", 250.0, 6, 10),
    board("GENUINO-UNO", 250.0, 6, 10),
    board("UNO-R4", 500.0, 6, 14),
    board("MEGA-2560-R3", 250.0, 16, 10),
    board("MEGA-2560-CLONE", 250.0, 16, 10),
    board("GIGA-R1", 500.0, 6, 16),
    board("NANO-CLONE", 250.0, 8, 10),
    board("NANO-CLASSIC", 250.0, 8, 10),
    board("RPI-PICO-RP2040", 500.0, 3, 12),
    board("ESP32-S3", 250.0, 16, 12),
    board("NPG-LITE", 500.0, 3, 12),
    board("STM32F4-BLACK-PILL", 500.0, 8, 12),
    board("STM32G4-CORE-BOARD", 500.0, 16, 12),
];

impl Board {
    /// The board of that name; case does not matter.
    #[must_use]
    pub fn named(id: &str) -> Option<Self> {
        BOARDS.into_iter().find(|board| board.id.eq_ignore_ascii_case(id.trim()))
    }
}

fn shape(channels: usize) -> Shape {
    Shape { header: &[0xc7, 0x7c], len: 2 * channels + 4, is_end: |byte| byte == 0x01 }
}

/// Decodes frames of a known number of channels.
#[derive(Clone, Debug)]
pub struct Decoder {
    framer: Framer,
    values: Vec<f64>,
    counts: Counts,
}

impl Decoder {
    /// A decoder for `channels` channels (1 to 16, limited to that).
    #[must_use]
    pub fn new(channels: usize) -> Self {
        let channels = channels.clamp(1, MAX_CHANNELS);
        Self { framer: Framer::new(shape(channels)), values: Vec::new(), counts: Counts::default() }
    }
}

/// The number of channels whose frames these bytes hold: the one that gives at least three frames, and the most of them.
#[must_use]
pub fn channels_in(bytes: &[u8]) -> Option<usize> {
    let frames = |channels: usize| {
        let mut decoder = Decoder::new(channels);
        decoder.push(bytes, &mut |_| {});
        decoder.counts().frames
    };
    let best = (1..=MAX_CHANNELS).max_by_key(|channels| (frames(*channels), MAX_CHANNELS - channels))?;
    (frames(best) >= 3).then_some(best)
}

fn take(values: &mut Vec<f64>, bytes: &[u8], out: &mut dyn FnMut(Item<'_>)) {
    values.clear();
    let samples = bytes[3..bytes.len() - 1].chunks_exact(2);
    values.extend(samples.map(|pair| f64::from(u16::from_be_bytes([pair[0], pair[1]]))));
    let counter = Some(u64::from(bytes[2]));
    out(Item::Frame(Frame { values, counter, device_us: None, clock_reset: false }));
}

impl Decode for Decoder {
    fn push(&mut self, bytes: &[u8], out: &mut dyn FnMut(Item<'_>)) {
        let values = &mut self.values;
        self.framer.push(bytes, &mut self.counts, &mut |frame| take(values, frame, out));
    }

    fn idle(&mut self, out: &mut dyn FnMut(Item<'_>)) {
        let values = &mut self.values;
        self.framer.idle(&mut self.counts, &mut |frame| take(values, frame, out));
    }

    fn counts(&self) -> Counts {
        self.counts
    }
}

/// Appends one frame; values are rounded and limited to 16 bits.
pub fn encode(counter: u8, values: &[f64], out: &mut Vec<u8>) {
    out.extend_from_slice(&[0xc7, 0x7c, counter]);
    for value in values {
        let value = whole(*value, 0, i32::from(u16::MAX)) as u16;
        out.extend_from_slice(&value.to_be_bytes());
    }
    out.push(0x01);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::device::golden::{frames_of, hex, survives_lost_bytes, survives_splits};

    #[test]
    fn golden_frames_decode_and_encode() {
        let golden = hex("c77c0702000201020202030204020501");
        let found = frames_of(&mut Decoder::new(6), &golden);
        assert_eq!(found, [(Some(7), vec![512.0, 513.0, 514.0, 515.0, 516.0, 517.0])]);
        let mut bytes = Vec::new();
        encode(7, &[512.0, 513.0, 514.0, 515.0, 516.0, 517.0], &mut bytes);
        assert_eq!(bytes, golden);
        let tricky = hex("c77cc7077c01c7000100010001000101");
        let found = frames_of(&mut Decoder::new(6), &tricky);
        assert_eq!(found, [(Some(0xc7), vec![1916.0, 455.0, 1.0, 1.0, 1.0, 1.0])]);
    }

    /// A channel stuck on the header: it must not be taken for one.
    #[test]
    fn a_lost_byte_costs_one_frame() {
        let frame = |k: u32, out: &mut Vec<u8>| {
            let values = [51068.0, f64::from(k % 1024), 455.0, 1.0, 31745.0, 257.0];
            encode(k as u8, &values, out);
        };
        survives_lost_bytes(|| Decoder::new(6), frame, 1);
        survives_splits(|| Decoder::new(6), frame);
    }

    #[test]
    fn the_number_of_channels_is_found() {
        for channels in [1, 3, 6, 8, 16] {
            let mut bytes = vec![0x7c, 3, 4];
            for k in 0..10_u8 {
                encode(k, &vec![f64::from(k) * 3.0; channels], &mut bytes);
            }
            assert_eq!(channels_in(&bytes), Some(channels));
        }
        assert_eq!(channels_in(b"MG:1,SOL:2\nMG:3,SOL:4\n"), None);
    }
}
