//! FreeEEG32 and FreeEEG128: `A0`, a counter, one signed 24-bit value a channel, some more bytes, `C0`.
//!
//! The layout of the bytes after the channels is not published; how many they are is learnt from three frames in a row. Source:
//! BrainFlow's decoder; no board was at hand.

use super::bytes::{i24, put_i24, whole};
use super::framer::{Framer, Shape};
use super::{Counts, Decode, Frame, Item};

/// Microvolts at the electrode for each count: reference 2.5 V, 23 bits, gain 8.
pub const UV_PER_COUNT: f64 = 2.5 / 8_388_607.0 / 8.0 * 1e6;

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

    /// Bytes of a frame, once three frames in a row showed it.
    fn learn(&self) -> Option<usize> {
        let shortest = 3 + 3 * self.channels;
        let bytes = &self.learning;
        (0..bytes.len()).find_map(|at| {
            (shortest..=shortest + MAX_EXTRA).find(|len| {
                let frame = |k: usize| bytes.get(at + k * len..at + (k + 1) * len);
                let Some(counter) = frame(0).map(|frame| frame[1]) else { return false };
                (0..3_u8).all(|k| {
                    frame(usize::from(k)).is_some_and(|frame| {
                        frame[0] == 0xa0 && frame[1] == counter.wrapping_add(k) && frame[len - 1] == 0xc0
                    })
                })
            })
        })
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
        let longest = 6 * (3 + 3 * self.channels + MAX_EXTRA);
        for piece in bytes.chunks(longest / 2) {
            if self.framer.is_some() {
                self.feed(piece, out);
                continue;
            }
            self.learning.extend_from_slice(piece);
            if let Some(len) = self.learn() {
                self.framer = Some(Framer::new(Shape { header: &[0xa0], len, is_end: |byte| byte == 0xc0 }));
                let held = std::mem::take(&mut self.learning);
                self.feed(&held, out);
            } else if self.learning.len() > longest {
                let old = self.learning.len() - longest / 2;
                self.learning.drain(..old);
                self.counts.bytes += old as u64;
                self.counts.skipped_bytes += old as u64;
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
    out.extend_from_slice(&[0xa0, counter]);
    for value in channels {
        put_i24(whole(*value, -8_388_608, 8_388_607), out);
    }
    out.resize(out.len() + extra, 0);
    out.push(0xc0);
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
