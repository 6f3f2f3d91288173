//! The reference frame for people who build their own sensor: COBS with a checksum, a counter and the device's clock.
//!
//! COBS { type `u8` = 1, counter `u16`, microseconds `u32`, channels `u8`, one `i16` a channel, CRC-16/IBM-3740 `u16` } and a zero
//! byte; integers least significant byte first. COBS: Cheshire and Baker, IEEE/ACM Transactions on Networking 7(2), 1999.

use super::bytes::{Unwrap, whole};
use super::{Counts, Decode, Frame, Item};

/// The frame's type byte.
const TYPE: u8 = 1;
/// Bytes of a frame beside its values: type, counter, time, number of channels, checksum.
const FIXED: usize = 1 + 2 + 4 + 1 + 2;
/// Longest code of a frame: 255 channels with an overhead byte every 254.
const LONGEST: usize = FIXED + 2 * 255 + 3;

/// CRC-16/IBM-3740 (also called CCITT-FALSE): polynomial 0x1021, start 0xFFFF, nothing reflected.
#[must_use]
pub fn crc16(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0xffff, |crc, byte| {
        (0..8).fold(crc ^ (u16::from(*byte) << 8), |crc, _| {
            if crc & 0x8000 == 0 { crc << 1 } else { (crc << 1) ^ 0x1021 }
        })
    })
}

/// The code of `data`, without the zero byte that ends it.
pub fn encode(data: &[u8], out: &mut Vec<u8>) {
    let mut code_at = out.len();
    out.push(1);
    for byte in data {
        if out[code_at] == 0xff {
            code_at = out.len();
            out.push(1);
        }
        if *byte == 0 {
            code_at = out.len();
            out.push(1);
        } else {
            out.push(*byte);
            out[code_at] += 1;
        }
    }
}

/// The data of a code (without its zero byte); `None` when it is no code.
pub fn decode(code: &[u8], out: &mut Vec<u8>) -> Option<()> {
    let mut rest = code;
    while let Some((&length, tail)) = rest.split_first() {
        let run = usize::from(length).checked_sub(1)?;
        let (data, tail) = tail.split_at_checked(run)?;
        if data.contains(&0) {
            return None;
        }
        out.extend_from_slice(data);
        rest = tail;
        if length != 0xff && !rest.is_empty() {
            out.push(0);
        }
    }
    Some(())
}

/// Decodes the reference frame. The first frame fixes the number of channels.
#[derive(Clone, Debug, Default)]
pub struct Decoder {
    code: Vec<u8>,
    data: Vec<u8>,
    values: Vec<f64>,
    channels: Option<usize>,
    clock: Unwrap,
    /// Nothing was received yet: what comes before the first zero byte may be the end of a frame.
    joined: bool,
    counts: Counts,
}

impl Decoder {
    /// A decoder that may join a running stream.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Channels of a frame, once one was read.
    #[must_use]
    pub fn channels(&self) -> Option<usize> {
        self.channels
    }

    /// True when `code` is a frame, which is then in `self.data`.
    fn is_frame(&mut self, code: &[u8]) -> bool {
        self.data.clear();
        if decode(code, &mut self.data).is_none() || self.data.len() < FIXED || self.data[0] != TYPE {
            return false;
        }
        let channels = usize::from(self.data[7]);
        let (body, crc) = self.data.split_at(self.data.len() - 2);
        channels > 0
            && self.data.len() == FIXED + 2 * channels
            && self.channels.is_none_or(|known| known == channels)
            && crc16(body).to_le_bytes() == *crc
    }

    fn emit(&mut self, out: &mut dyn FnMut(Item<'_>)) {
        let data = &self.data;
        let channels = usize::from(data[7]);
        self.channels = Some(channels);
        self.values.clear();
        let samples = data[8..8 + 2 * channels].chunks_exact(2);
        self.values.extend(samples.map(|pair| f64::from(i16::from_le_bytes([pair[0], pair[1]]))));
        let counter = u64::from(u16::from_le_bytes([data[1], data[2]]));
        let (us, clock_reset) = self.clock.read(super::bytes::u32_le(&data[3..7]));
        self.counts.frames += 1;
        out(Item::Frame(Frame {
            values: &self.values,
            counter: Some(counter),
            device_us: Some(us),
            clock_reset,
        }));
    }

    /// The bytes between two zero bytes: one frame; or two, when the zero byte between them was lost.
    fn end(&mut self, out: &mut dyn FnMut(Item<'_>)) {
        let code = std::mem::take(&mut self.code);
        if !code.is_empty() {
            if self.is_frame(&code) {
                self.emit(out);
            } else if !self.fused(&code, out) && self.joined {
                self.counts.bad_frames += 1;
                self.counts.skipped_bytes += code.len() as u64;
            } else if !self.joined {
                self.counts.skipped_bytes += code.len() as u64;
            }
        }
        self.joined = true;
        self.code = code;
        self.code.clear();
    }

    fn fused(&mut self, code: &[u8], out: &mut dyn FnMut(Item<'_>)) -> bool {
        let Some(channels) = self.channels else { return false };
        // Whatever the overhead is, the two codes are about as long as each other.
        let shortest = FIXED + 2 * channels + 1;
        let mut found = false;
        for at in shortest..=shortest + 2 {
            let Some((first, second)) = code.split_at_checked(at) else { break };
            if self.is_frame(first) {
                self.emit(out);
                found = true;
                if self.is_frame(second) {
                    self.emit(out);
                } else {
                    self.counts.bad_frames += 1;
                    self.counts.skipped_bytes += second.len() as u64;
                }
                break;
            }
        }
        found
    }
}

impl Decode for Decoder {
    fn push(&mut self, bytes: &[u8], out: &mut dyn FnMut(Item<'_>)) {
        self.counts.bytes += bytes.len() as u64;
        for byte in bytes {
            if *byte == 0 {
                self.end(out);
            } else if self.code.len() < 2 * LONGEST {
                self.code.push(*byte);
            } else {
                // No frame is that long: noise, or a silent delimiter.
                self.counts.bad_frames += 1;
                self.counts.skipped_bytes += self.code.len() as u64 + 1;
                self.code.clear();
            }
        }
    }

    fn counts(&self) -> Counts {
        self.counts
    }
}

/// Writes reference frames.
#[derive(Clone, Debug, Default)]
pub struct Encoder {
    data: Vec<u8>,
}

impl Encoder {
    /// Appends one frame; values are rounded and limited to 16 bits, at most 255 of them are sent.
    pub fn frame(&mut self, counter: u16, device_us: u32, values: &[f64], out: &mut Vec<u8>) {
        let values = &values[..values.len().min(255)];
        self.data.clear();
        self.data.push(TYPE);
        self.data.extend_from_slice(&counter.to_le_bytes());
        self.data.extend_from_slice(&device_us.to_le_bytes());
        self.data.push(values.len() as u8);
        for value in values {
            let value = whole(*value, i32::from(i16::MIN), i32::from(i16::MAX)) as i16;
            self.data.extend_from_slice(&value.to_le_bytes());
        }
        let crc = crc16(&self.data);
        self.data.extend_from_slice(&crc.to_le_bytes());
        encode(&self.data, out);
        out.push(0);
    }
}

#[cfg(test)]
mod tests;
