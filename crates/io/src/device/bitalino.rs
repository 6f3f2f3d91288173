//! BITalino (r)evolution: three to eight bytes a frame with a counter and a checksum of four bits each.
//!
//! A checksum of four bits passes one damaged frame in 16. In step, a frame is taken when checksum and counter (the last one plus
//! one) are right: damage passes both about once in 256. Out of step, eight frames in a row must be right before the first is
//! taken; they are held back until then, not lost. The counter wraps every 16 samples: a hole of 16 ms at 1 kHz shows in the host's
//! clock only. Channels A5 and A6 have six bits: EMG belongs on A1 to A4.
//! Source: the maker's Python and C++ interfaces; facts only.

use super::bytes::whole;
use super::{Counts, Decode, Frame, Item};

/// Frames in a row that must be right before the decoder is in step.
const LOCK: usize = 8;

/// Names of the digital lines that travel in every frame, after the analog channels.
pub const DIGITAL: [&str; 4] = ["I1", "I2", "O1", "O2"];

/// Bits of the converter for each analog channel.
pub const BITS: [u8; 6] = [10, 10, 10, 10, 6, 6];

/// Millivolts at the electrode of an EMG channel: `(count / 2^bits - 1/2) * 3.3 / 1009 * 1000` (the maker's sensor sheet).
#[must_use]
pub fn emg_mv(count: f64, bits: u8) -> f64 {
    (count / f64::from(1_u32 << bits) - 0.5) * 3.3 / 1009.0 * 1000.0
}

/// Bytes of a frame of 1 to 6 analog channels.
#[must_use]
pub fn frame_len(channels: usize) -> usize {
    [3, 4, 6, 7, 8, 8][channels.clamp(1, 6) - 1]
}

/// The command byte that sets the rate; `None` for a rate that the board does not have.
#[must_use]
pub fn rate_command(rate_hz: f64) -> Option<u8> {
    let code = [1.0, 10.0, 100.0, 1000.0].iter().position(|rate| *rate == rate_hz)?;
    Some((code as u8) << 6 | 0x03)
}

/// The command byte that starts the first `channels` channels; 0 stops.
#[must_use]
pub fn start_command(channels: usize) -> u8 {
    let mask = (1_u8 << channels.clamp(1, 6)) - 1;
    mask << 2 | 0x01
}

/// The polynomial x^4 + x + 1, one nibble at a time.
const NIBBLES: [u8; 16] = [0, 3, 6, 5, 12, 15, 10, 9, 11, 8, 13, 14, 7, 4, 1, 2];

/// The checksum of a frame whose last nibble is left out.
fn crc4(frame: &[u8]) -> u8 {
    let last = frame.len() - 1;
    frame.iter().enumerate().fold(0, |crc, (at, byte)| {
        let low = if at == last { 0 } else { byte & 0x0f };
        let crc = NIBBLES[usize::from(crc)] ^ (byte >> 4);
        NIBBLES[usize::from(crc)] ^ low
    })
}

/// Decodes frames of a known number of channels: analog channels in counts, then [`DIGITAL`].
#[derive(Clone, Debug)]
pub struct Decoder {
    channels: usize,
    buffer: Vec<u8>,
    /// Counter of the frame before, while in step.
    last: Option<u8>,
    values: Vec<f64>,
    counts: Counts,
}

impl Decoder {
    /// A decoder for the first `channels` channels (1 to 6).
    #[must_use]
    pub fn new(channels: usize) -> Self {
        Self {
            channels: channels.clamp(1, 6),
            buffer: Vec::new(),
            last: None,
            values: Vec::new(),
            counts: Counts::default(),
        }
    }

    /// What to do at the start of `window`.
    fn judge(&self, window: &[u8]) -> Verdict {
        let len = frame_len(self.channels);
        // The counter of the k-th frame from here, if its checksum is right; `None` in the outer place: not here yet.
        let counter = |k: usize| {
            let frame = window.get(k * len..(k + 1) * len)?;
            let last = frame[len - 1];
            Some((crc4(frame) == last & 0x0f).then_some(last >> 4))
        };
        let follows = |k: usize, first: u8| counter(k).map(|c| c == Some((first + k as u8) & 0x0f));
        let Some(here) = counter(0) else { return Verdict::Wait };
        if let Some(last) = self.last {
            let next = (last + 1) & 0x0f;
            if here == Some(next) {
                return Verdict::Take;
            }
            // In step with a damaged frame: the two behind it tell whether only its content is wrong.
            match (follows(1, next), follows(2, next)) {
                (Some(true), Some(true)) => return Verdict::Drop,
                // A sound frame whose counter jumped: frames before it were lost on the radio, if those behind it count on.
                (Some(false), _) | (_, Some(false)) if here.is_some() => {}
                (Some(false), _) | (_, Some(false)) => return Verdict::Skip,
                _ => return Verdict::Wait,
            }
        }
        let Some(first) = here else { return Verdict::Skip };
        for k in 1..LOCK {
            match follows(k, first) {
                Some(true) => {}
                Some(false) => return Verdict::Skip,
                None => return Verdict::Wait,
            }
        }
        Verdict::Take
    }

    fn emit(&mut self, at: usize, buffer: &[u8], out: &mut dyn FnMut(Item<'_>)) {
        let frame = &buffer[at..at + frame_len(self.channels)];
        // Counted from the end; a frame of few channels has no bytes for the others.
        let byte = |back: usize| frame.len().checked_sub(back).map_or(0, |at| u16::from(frame[at]));
        let analog = [
            (byte(2) & 0x0f) << 6 | byte(3) >> 2,
            (byte(3) & 0x03) << 8 | byte(4),
            byte(5) << 2 | byte(6) >> 6,
            (byte(6) & 0x3f) << 4 | byte(7) >> 4,
            (byte(7) & 0x0f) << 2 | byte(8) >> 6,
            byte(8) & 0x3f,
        ];
        self.values.clear();
        self.values.extend(analog[..self.channels].iter().map(|value| f64::from(*value)));
        let lines = byte(2) >> 4;
        self.values.extend((0..4).map(|line| f64::from(lines >> (3 - line) & 1)));
        let counter = frame[frame.len() - 1] >> 4;
        self.last = Some(counter);
        self.counts.frames += 1;
        out(Item::Frame(Frame {
            values: &self.values,
            counter: Some(u64::from(counter)),
            device_us: None,
            clock_reset: false,
        }));
    }
}

enum Verdict {
    Take,
    /// One damaged frame.
    Drop,
    /// One byte.
    Skip,
    Wait,
}

impl Decode for Decoder {
    fn push(&mut self, bytes: &[u8], out: &mut dyn FnMut(Item<'_>)) {
        self.counts.bytes += bytes.len() as u64;
        self.buffer.extend_from_slice(bytes);
        let buffer = std::mem::take(&mut self.buffer);
        let len = frame_len(self.channels);
        let mut at = 0;
        loop {
            match self.judge(&buffer[at..]) {
                Verdict::Take => {
                    self.emit(at, &buffer, out);
                    at += len;
                }
                Verdict::Drop => {
                    self.counts.bad_frames += 1;
                    self.counts.skipped_bytes += len as u64;
                    self.last = self.last.map(|last| (last + 1) & 0x0f);
                    at += len;
                }
                Verdict::Skip => {
                    if self.last.take().is_some() {
                        self.counts.bad_frames += 1;
                    }
                    self.counts.skipped_bytes += 1;
                    at += 1;
                }
                Verdict::Wait => break,
            }
        }
        self.buffer = buffer;
        self.buffer.drain(..at);
    }

    fn idle(&mut self, out: &mut dyn FnMut(Item<'_>)) {
        // Fewer than eight frames that are all right, and then silence: the end of a stream.
        let len = frame_len(self.channels);
        let buffer = std::mem::take(&mut self.buffer);
        let whole = !buffer.is_empty() && buffer.len().is_multiple_of(len);
        let right = buffer.chunks_exact(len).all(|frame| crc4(frame) == frame[len - 1] & 0x0f);
        let counts_on = buffer
            .chunks_exact(len)
            .zip(buffer.chunks_exact(len).skip(1))
            .all(|(one, next)| next[len - 1] >> 4 == ((one[len - 1] >> 4) + 1) & 0x0f);
        if whole && right && counts_on {
            for at in (0..buffer.len()).step_by(len) {
                self.emit(at, &buffer, out);
            }
        } else {
            self.buffer = buffer;
        }
    }

    fn counts(&self) -> Counts {
        self.counts
    }
}

/// Appends one frame: counter (four bits), analog channels (ten bits, the fifth and sixth six bits), digital lines.
pub fn encode(counter: u8, analog: &[f64], digital: [bool; 4], out: &mut Vec<u8>) {
    let channels = analog.len().clamp(1, 6);
    let value = |k: usize| {
        let bits = BITS[k];
        whole(analog.get(k).copied().unwrap_or(0.0), 0, (1 << bits) - 1) as u16
    };
    let lines = digital.iter().fold(0_u16, |lines, line| lines << 1 | u16::from(*line));
    // From the last byte to the first.
    let backwards = [
        u16::from(counter & 0x0f) << 4,
        lines << 4 | value(0) >> 6,
        (value(0) & 0x3f) << 2 | value(1) >> 8,
        value(1),
        value(2) >> 2,
        (value(2) & 0x03) << 6 | value(3) >> 4,
        (value(3) & 0x0f) << 4 | value(4) >> 2,
        (value(4) & 0x03) << 6 | value(5),
    ];
    let from = out.len();
    out.extend(backwards[..frame_len(channels)].iter().rev().map(|byte| *byte as u8));
    let crc = crc4(&out[from..]);
    if let Some(last) = out.last_mut() {
        *last |= crc;
    }
}

#[cfg(test)]
mod tests;
