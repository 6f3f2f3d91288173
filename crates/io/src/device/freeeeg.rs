//! FreeEEG32 and FreeEEG128: `A0`, a counter, one signed 24-bit value a channel, some more bytes, `C0`.
//!
//! The layout of the bytes after the channels is not published; how many they are is learnt from three frames in a row. Source:
//! BrainFlow's decoder; no board was at hand.

use super::bytes::{i24, put_i24, whole};
use super::framer::{Framer, Shape};
use super::{Counts, Decode, Frame, Item};

/// Microvolts at the electrode for each count: reference 2.5 V, 23 bits, gain 8.
pub const UV_PER_COUNT: f64 = 2.5 / 8_388_607.0 / 8.0 * 1e6;

/// First and last byte of a frame.
const HEADER: u8 = 0xa0;
const END: u8 = 0xc0;

/// Most bytes between the channels and the end.
const MAX_EXTRA: usize = 32;

/// Decodes frames of 32 or 128 channels, in counts.
#[derive(Clone, Debug)]
pub struct Decoder {
    channels: usize,
    /// Bytes before the length is known.
    learning: Vec<u8>,
    framer: Option<Framer>,
    values: Vec<f64>,
    counts: Counts,
}

impl Decoder {
    /// A decoder for a board of `channels` channels.
    #[must_use]
    pub fn new(channels: usize) -> Self {
        let channels = channels.clamp(1, 128);
        Self { channels, learning: Vec::new(), framer: None, values: Vec::new(), counts: Counts::default() }
    }

    /// Bytes of a frame, when the last byte held ends the third of three frames in a row.
    fn learn(&self) -> Option<usize> {
        let shortest = 3 + 3 * self.channels;
        (shortest..=shortest + MAX_EXTRA).find(|len| {
            let Some(at) = self.learning.len().checked_sub(3 * len) else { return false };
            let frames = self.learning[at..].chunks_exact(*len);
            let counter = self.learning[at + 1];
            frames.zip(0..3_u8).all(|(frame, k)| {
                frame[0] == HEADER && frame[1] == counter.wrapping_add(k) && frame[len - 1] == END
            })
        })
    }

    /// Most bytes that are kept for the frames before the first three good ones in a row.
    fn window(&self) -> usize {
        6 * (3 + 3 * self.channels + MAX_EXTRA)
    }

    fn drop_oldest(&mut self, bytes: usize) {
        self.learning.drain(..bytes);
        self.counts.bytes += bytes as u64;
        self.counts.skipped_bytes += bytes as u64;
    }

    fn feed(&mut self, bytes: &[u8], out: &mut dyn FnMut(Item<'_>)) {
        let Some(framer) = &mut self.framer else { return };
        let (values, channels) = (&mut self.values, self.channels);
        framer.push(bytes, &mut self.counts, &mut |frame| take(values, channels, frame, out));
    }
}

fn take(values: &mut Vec<f64>, channels: usize, frame: &[u8], out: &mut dyn FnMut(Item<'_>)) {
    values.clear();
    values.extend(frame[2..2 + 3 * channels].chunks_exact(3).map(|bytes| f64::from(i24(bytes))));
    let counter = Some(u64::from(frame[1]));
    out(Item::Frame(Frame { values, counter, device_us: None, clock_reset: false }));
}

impl Decode for Decoder {
    fn push(&mut self, bytes: &[u8], out: &mut dyn FnMut(Item<'_>)) {
        if self.framer.is_some() {
            self.feed(bytes, out);
            return;
        }
        // Byte by byte, so that what is found does not depend on how the bytes are cut.
        for (k, byte) in bytes.iter().enumerate() {
            self.learning.push(*byte);
            if *byte == END
                && let Some(len) = self.learn()
            {
                let shape = Shape { header: &[HEADER], len, is_end: |byte| byte == END };
                self.framer = Some(Framer::new(shape));
                self.drop_oldest(self.learning.len().saturating_sub(self.window()));
                let held = std::mem::take(&mut self.learning);
                self.feed(&held, out);
                return self.feed(&bytes[k + 1..], out);
            }
            if self.learning.len() == 2 * self.window() {
                self.drop_oldest(self.window());
            }
        }
    }

    fn counts(&self) -> Counts {
        // Bytes held until the length of a frame is known were pushed too.
        Counts { bytes: self.counts.bytes + self.learning.len() as u64, ..self.counts }
    }
}

/// Appends one frame with `extra` zero bytes after the channels.
pub fn encode(counter: u8, channels: &[f64], extra: usize, out: &mut Vec<u8>) {
    out.extend_from_slice(&[HEADER, counter]);
    for value in channels {
        put_i24(whole(*value, -8_388_608, 8_388_607), out);
    }
    out.resize(out.len() + extra, 0);
    out.push(END);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::device::golden::{frames_of, hex, survives_lost_bytes};

    #[test]
    fn the_golden_frame_is_found_among_its_successors() {
        let golden = hex(
            "a005fffff0fffff1fffff2fffff3fffff4fffff5fffff6fffff7fffff8fffff9fffffafffffbfffffcfffffdfffffeffffff\
             00000000000100000200000300000400000500000600000700000800000900000a00000b00000c00000d00000e00000f\
             000000000000c0",
        );
        let values: Vec<f64> = (-16..16).map(f64::from).collect();
        let mut bytes = Vec::new();
        encode(5, &values, 6, &mut bytes);
        assert_eq!(bytes, golden);
        let mut stream = golden;
        encode(6, &values, 6, &mut stream);
        encode(7, &values, 6, &mut stream);
        let found = frames_of(&mut Decoder::new(32), &stream);
        assert_eq!(found.len(), 3);
        assert_eq!(found[0], (Some(5), values));
        assert!((UV_PER_COUNT - 0.037_252_9).abs() < 1e-7);
    }

    /// Frames and counts of a stream that comes in these pieces.
    fn told(pieces: &[&[u8]]) -> (Vec<crate::device::golden::Found>, Counts) {
        let mut decoder = Decoder::new(2);
        let mut found = Vec::new();
        for piece in pieces {
            decoder.push(piece, &mut |item| {
                if let Item::Frame(frame) = item {
                    found.push((frame.counter, frame.values.to_vec()));
                }
            });
        }
        (found, decoder.counts())
    }

    #[test]
    fn damage_before_the_length_is_known_tells_the_same_however_the_bytes_are_cut() {
        let frame = |k: u8, out: &mut Vec<u8>| encode(k, &[f64::from(k) * 1000.0, -5.0], 6, out);
        let mut clean = Vec::new();
        (0..12).for_each(|k| frame(k, &mut clean));
        let length = clean.len() / 12;
        // Bytes lost and changed in each of the first frames; noise of header and end bytes longer than what is kept.
        let mut streams: Vec<Vec<u8>> =
            (0..5 * length).map(|at| [&clean[..at], &clean[at + 1..]].concat()).collect();
        streams.extend((0..5 * length).map(|at| {
            let mut changed = clean.clone();
            changed[at] ^= 0x60;
            changed
        }));
        streams.push([[HEADER, 1, END].repeat(400), clean.clone()].concat());
        for bytes in streams {
            let (whole, counts) = told(&[&bytes]);
            assert!(whole.len() >= 7, "{} frames of 12", whole.len());
            assert_eq!(counts.bytes, bytes.len() as u64);
            assert_eq!(counts.frames, whole.len() as u64);
            for at in 0..=bytes.len() {
                assert_eq!(told(&[&bytes[..at], &bytes[at..]]), (whole.clone(), counts), "cut at {at}");
            }
            assert_eq!(told(&bytes.chunks(1).collect::<Vec<_>>()), (whole, counts));
        }
    }

    #[test]
    fn a_lost_byte_costs_one_frame() {
        for channels in [32, 128] {
            let frame = move |k: u32, out: &mut Vec<u8>| {
                let values: Vec<f64> = (0..channels).map(|c| f64::from(k * 7 + c)).collect();
                encode(k as u8, &values, 6, out);
            };
            survives_lost_bytes(|| Decoder::new(channels as usize), frame, 1);
        }
    }
}
