//! Backyard Brains SpikerBoxes: two bytes of seven bits a channel, the first byte of a frame marked by its highest bit, and messages in
//! between (`FF FF 01 01 80 FF`, text, `FF FF 01 01 81 FF`) that may cut a frame.
//!
//! Values have no volts: the maker states none. The boards' rates are off by up to half a percent; the measured rate maps time.
//! Source: the Spike Recorder and the SpikerShield sketches; facts only.

use super::bytes::whole;
use super::{Counts, Decode, Frame, Item, Message};

/// Longest text of a message.
const MAX_TEXT: usize = 512;

const OPEN: [u8; 6] = [0xff, 0xff, 0x01, 0x01, 0x80, 0xff];
const CLOSE: [u8; 6] = [0xff, 0xff, 0x01, 0x01, 0x81, 0xff];

/// Decodes frames of a known number of channels.
#[derive(Clone, Debug)]
pub struct Decoder {
    channels: usize,
    /// Bytes of the frame under way, kept across messages.
    frame: Vec<u8>,
    /// Bytes that may open or close a message.
    escape: Vec<u8>,
    /// Text of the message under way.
    text: Option<Vec<u8>>,
    /// A first byte was seen; before it everything is the end of some frame.
    started: bool,
    values: Vec<f64>,
    counts: Counts,
}

impl Decoder {
    /// A decoder for `channels` channels (1 to 64).
    #[must_use]
    pub fn new(channels: usize) -> Self {
        Self {
            channels: channels.clamp(1, 64),
            frame: Vec::new(),
            escape: Vec::new(),
            text: None,
            started: false,
            values: Vec::new(),
            counts: Counts::default(),
        }
    }

    fn byte(&mut self, byte: u8, out: &mut dyn FnMut(Item<'_>)) {
        if !self.escape.is_empty() || byte == 0xff {
            self.escape.push(byte);
            self.escaped(out);
        } else if self.text.is_some() {
            self.text_byte(byte, out);
        } else {
            self.sample_byte(byte, out);
        }
    }

    /// Decides on the bytes since an `FF`. No run of samples looks like a sequence that opens or closes a message, also when one of its
    /// bytes was lost: after a marked byte come unmarked ones, an odd number of them in all.
    fn escaped(&mut self, out: &mut dyn FnMut(Item<'_>)) {
        let sequence = if self.text.is_some() { CLOSE } else { OPEN };
        match likeness(&self.escape, sequence) {
            Likeness::Whole(left_over) => {
                let rest: Vec<u8> = self.escape.drain(..).collect();
                match self.text.take() {
                    Some(text) => self.message(&text, out),
                    None => self.text = Some(Vec::new()),
                }
                for byte in &rest[rest.len() - left_over..] {
                    self.byte(*byte, out);
                }
            }
            Likeness::Open => {}
            Likeness::None => {
                // Not a message: the first byte is what it is, the others are looked at again.
                let rest: Vec<u8> = self.escape.drain(..).collect();
                if self.text.is_some() {
                    self.text_byte(rest[0], out);
                } else {
                    self.sample_byte(rest[0], out);
                }
                for byte in &rest[1..] {
                    self.byte(*byte, out);
                }
            }
        }
    }

    fn text_byte(&mut self, byte: u8, out: &mut dyn FnMut(Item<'_>)) {
        let Some(text) = &mut self.text else { return };
        if byte < 0x80 && text.len() < MAX_TEXT {
            text.push(byte);
            return;
        }
        // Its end was lost: what follows are samples again.
        self.counts.skipped_bytes += text.len() as u64;
        self.counts.bad_frames += 1;
        self.text = None;
        self.frame.clear();
        self.sample_byte(byte, out);
    }

    fn message(&mut self, text: &[u8], out: &mut dyn FnMut(Item<'_>)) {
        let Ok(text) = std::str::from_utf8(text) else {
            self.counts.bad_frames += 1;
            return;
        };
        for part in text.split(';').map(str::trim).filter(|part| !part.is_empty()) {
            let event = part.strip_prefix("EVNT:").and_then(|code| code.trim().parse().ok());
            out(Item::Message(event.map_or(Message::Text(part), Message::Marker)));
        }
    }

    fn sample_byte(&mut self, byte: u8, out: &mut dyn FnMut(Item<'_>)) {
        if byte & 0x80 != 0 {
            if !self.frame.is_empty() {
                self.counts.bad_frames += 1;
                self.counts.skipped_bytes += self.frame.len() as u64;
            }
            self.frame.clear();
            self.started = true;
        } else if self.frame.is_empty() {
            self.counts.skipped_bytes += 1;
            return;
        }
        self.frame.push(byte);
        if self.frame.len() == 2 * self.channels {
            self.values.clear();
            let words = self.frame.chunks_exact(2);
            self.values.extend(words.map(|w| f64::from(u16::from(w[0] & 0x7f) << 7 | u16::from(w[1]))));
            self.frame.clear();
            self.counts.frames += 1;
            let frame = Frame { values: &self.values, counter: None, device_us: None, clock_reset: false };
            out(Item::Frame(frame));
        }
    }
}

impl Decode for Decoder {
    fn push(&mut self, bytes: &[u8], out: &mut dyn FnMut(Item<'_>)) {
        self.counts.bytes += bytes.len() as u64;
        for byte in bytes {
            self.byte(*byte, out);
        }
    }

    fn counts(&self) -> Counts {
        self.counts
    }
}

enum Likeness {
    /// The sequence, and how many bytes behind it are already there.
    Whole(usize),
    /// It may become the sequence.
    Open,
    None,
}

/// How much `bytes` are `sequence`, of which one byte may have been lost.
fn likeness(bytes: &[u8], sequence: [u8; 6]) -> Likeness {
    if bytes == sequence {
        return Likeness::Whole(0);
    }
    if sequence.starts_with(bytes) {
        return Likeness::Open;
    }
    let mut open = false;
    for lost in 0..6 {
        let short: Vec<u8> = (0..6).filter(|k| *k != lost).map(|k| sequence[k]).collect();
        if bytes.starts_with(&short) {
            return Likeness::Whole(bytes.len() - 5);
        }
        open |= short.starts_with(bytes);
    }
    if open { Likeness::Open } else { Likeness::None }
}

/// Appends one frame; values are rounded and limited to 14 bits.
pub fn encode(values: &[f64], out: &mut Vec<u8>) {
    for (at, value) in values.iter().enumerate() {
        let value = whole(*value, 0, 0x3fff) as u16;
        let mark = if at == 0 { 0x80 } else { 0 };
        out.extend_from_slice(&[mark | (value >> 7) as u8, (value & 0x7f) as u8]);
    }
}

/// Appends a message such as `EVNT:3;`.
pub fn encode_message(text: &str, out: &mut Vec<u8>) {
    out.extend_from_slice(&OPEN);
    out.extend_from_slice(text.as_bytes());
    out.extend_from_slice(&CLOSE);
}

#[cfg(test)]
mod tests;
